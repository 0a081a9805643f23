import re

import pytest

from tests import factories
from webapp.domain.review import Verdict

GROUPS = "/c/shop/groups"


@pytest.fixture
def mugs(database, shop, bob):
    """Three near-duplicates with two different labels."""
    with database.begin() as session:
        mugs = [
            factories.make_product(session, shop, name=f"Mug {n}", group_number=7) for n in range(3)
        ]
        for mug, category in zip(mugs, ("Kitchen", "Watches"), strict=False):
            factories.make_annotation(session, shop, mug, bob, Verdict.CORRECTED, category=category)
    return mugs


def test_members_stand_side_by_side_with_a_proposal_and_other_labels_unticked(client, mugs):
    page = client.get(GROUPS)

    assert "3 look-alikes" in page.text
    assert "different labels" in page.text
    assert re.findall(r'name="product" value="(\d+)"', page.text) == [str(mug) for mug in mugs]
    ticked = re.findall(r'name="product" value="(\d+)" checked', page.text)
    assert ticked == [str(mugs[0]), str(mugs[2])]
    assert 'name="path" value="Kitchen"' in page.text


def test_only_mixed_groups_on_request(client, database, shop, mugs):
    with database.begin() as session:
        for _ in range(2):
            factories.make_product(session, shop, name="Bowl", group_number=8)

    assert "Bowl" in client.get(GROUPS).text
    assert "Bowl" not in client.get(f"{GROUPS}?mixed=1").text


def test_htmx_gets_the_groups_alone(client, mugs):
    answer = client.get(f"{GROUPS}?mixed=1&act=3", headers={"HX-Request": "true"})

    assert 'id="results"' in answer.text
    assert "<html" not in answer.text
    assert answer.headers["HX-Push-Url"] == f"{GROUPS}?mixed=1&act=3"


def test_says_so_where_there_are_none(client, shop):
    assert "no round has looked for them yet" in client.get(GROUPS).text
    assert "No group has members with different labels." in client.get(f"{GROUPS}?mixed=1").text


def test_those_who_do_not_review_see_them_without_boxes(sign_in, dana, mugs):
    page = sign_in(dana).get(GROUPS)

    assert "Mug 2" in page.text
    assert 'name="product"' not in page.text
