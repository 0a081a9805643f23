import pytest

from webapp.demo.drawings import DRAWINGS
from webapp.demo.words import KINDS
from webapp.demo.words.shared import BRANDS


def test_every_kind_has_a_drawing_and_every_drawing_a_kind():
    assert set(KINDS) == set(DRAWINGS)


def test_every_category_has_brands_and_three_kinds_or_more():
    categories = [kind.category for kind in KINDS.values()]

    assert set(categories) == set(BRANDS)
    assert min(categories.count(category) for category in BRANDS) >= 3


@pytest.mark.parametrize("key", KINDS)
def test_what_a_kind_is_mistaken_for_is_of_another_category(key):
    kind = KINDS[key]

    assert kind.alike
    assert all(KINDS[other].category != kind.category for other in kind.alike)


@pytest.mark.parametrize("key", KINDS)
def test_a_price_range_goes_upwards(key):
    low, high = KINDS[key].price

    assert 0 < low < high
