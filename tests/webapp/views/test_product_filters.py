from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import AskedBecause, ProductState
from webapp.views.product_filters import read_filter, read_order, write_filter

numbers = st.none() | st.integers(1, 2**31 - 1)
percents = st.none() | st.integers(0, 1000).map(lambda tenths: tenths / 1000)
filters = st.builds(
    ProductFilter,
    words=st.text(max_size=50).map(str.strip),
    state=st.none() | st.sampled_from(ProductState),
    label_id=numbers,
    source_id=numbers,
    predicted_id=numbers,
    low=percents,
    high=percents,
    disagrees=st.booleans(),
    moderator_id=numbers,
    round_number=numbers,
    asked_because=st.none() | st.sampled_from(AskedBecause),
    group_number=st.none() | st.integers(0, 2**31 - 1),
    has_look_alikes=st.booleans(),
    has_mixed_labels=st.booleans(),
)


@given(filters)
def test_a_filter_comes_back_from_its_address(only):
    assert read_filter(MultiDict(write_filter(only))) == only


@given(
    st.dictionaries(st.sampled_from(["state", "label", "low", "high", "round", "group"]), st.text())
)
def test_whatever_stands_in_an_address_is_a_filter(asked):
    only = read_filter(MultiDict(asked))

    assert all(share is None or 0 <= share <= 1 for share in (only.low, only.high))
    assert read_filter(MultiDict(write_filter(only))) == only


def test_values_that_make_no_sense_filter_nothing():
    asked = {
        "state": "lost",
        "low": "nan",
        "high": "101",
        "round": "0",
        "group": "-1",
        "alike": "yes",
    }

    assert read_filter(MultiDict(asked)).is_empty
    assert write_filter(ProductFilter()) == {}


def test_with_words_the_best_match_comes_first_unless_another_order_is_chosen():
    orders = [
        read_order(MultiDict(asked))
        for asked in ({}, {"q": " "}, {"q": "mug"}, {"q": "mug", "sort": "name"}, {"sort": "what"})
    ]

    assert orders == [
        ProductOrder.IMPORTED,
        ProductOrder.IMPORTED,
        ProductOrder.RELEVANCE,
        ProductOrder.NAME,
        ProductOrder.IMPORTED,
    ]
