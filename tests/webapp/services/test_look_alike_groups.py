import pytest

from tests import factories
from webapp.domain.look_alike_groups import GROUPS_A_PAGE, MEMBERS_SHOWN, GroupCounts
from webapp.domain.review import Verdict
from webapp.services import look_alike_groups


@pytest.fixture
def session(database):
    with database.begin() as session:
        yield session


@pytest.fixture
def shop(session):
    return factories.make_catalogue(session)


@pytest.fixture
def alice(session):
    return factories.make_user(session)


def group(session, shop, number, n=2, **values):
    return [factories.make_product(session, shop, group_number=number, **values) for _ in range(n)]


def label(session, shop, person, product_id, category):
    factories.make_annotation(
        session, shop, product_id, person, Verdict.CORRECTED, category=category
    )


def look(session, shop, *, mixed_only=False, page=1):
    return look_alike_groups.look(session, catalogue=shop, mixed_only=mixed_only, page=page)


def test_groups_with_different_labels_come_first(session, shop, alice):
    group(session, shop, 1, n=3)
    mixed = group(session, shop, 2)
    label(session, shop, alice, mixed[0], "Watches")
    label(session, shop, alice, mixed[1], "Kitchen")

    found = look(session, shop)

    assert [each.number for each in found.groups] == [2, 1]
    assert [member.id for member in found.groups[0].members] == mixed
    assert found.counts == GroupCounts(n=2, n_mixed=1)
    assert [each.number for each in look(session, shop, mixed_only=True).groups] == [2]


def test_a_product_alone_is_no_group(session, shop):
    group(session, shop, 1, n=1)

    assert look(session, shop).groups == ()


def test_undecided_evaluation_products_are_not_shown(session, shop, alice):
    measured = group(session, shop, 1, n=3, is_evaluation=True)
    before = look(session, shop).groups
    for product_id in measured[:2]:
        label(session, shop, alice, product_id, "Watches")

    (found,) = look(session, shop).groups

    assert before == ()
    assert [member.id for member in found.members] == measured[:2]


def test_the_commonest_label_is_proposed(session, shop, alice):
    members = group(session, shop, 1, n=4)
    for product_id, category in zip(members, ("Watches", "Kitchen", "Kitchen"), strict=False):
        label(session, shop, alice, product_id, category)

    (found,) = look(session, shop).groups

    assert found.proposed_id == factories.category_id(session, shop, "Kitchen")
    assert len(found.label_ids) == 2


def test_a_page_beyond_the_last_is_the_last(session, shop):
    for number in range(GROUPS_A_PAGE + 1):
        group(session, shop, number)

    found = look(session, shop, page=9)

    assert (found.page, found.n_pages, len(found.groups)) == (2, 2, 1)


def test_of_a_large_group_the_first_members_are_shown(session, shop):
    group(session, shop, 1, n=MEMBERS_SHOWN + 2)

    (found,) = look(session, shop).groups

    assert (found.n_members, len(found.members)) == (MEMBERS_SHOWN + 2, MEMBERS_SHOWN)
