import pytest

from tests import factories
from webapp.domain.errors import ConflictError, InvalidInputError, NotFoundError
from webapp.domain.review import Verdict
from webapp.services import gold
from webapp.storage import annotations
from webapp.storage import gold as stored


@pytest.fixture
def decided(database, shop, alice):
    """A product that alice filed under Watches."""
    with database.begin() as session:
        product_id = factories.make_product(session, shop)
        factories.make_annotation(
            session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
        )
    return product_id


@pytest.fixture
def marked(database, shop, decided, carol, now):
    with database.begin() as session:
        gold.mark(session, catalogue=shop, product_id=decided, user_id=carol.id, now=now)
    return decided


@pytest.fixture
def answer(database, shop, bob, now):
    """Let bob answer a question of gold."""

    def send(product_id, category_id):
        with database.begin() as session:
            gold.answer(
                session,
                catalogue=shop,
                product_id=product_id,
                user_id=bob.id,
                category_id=category_id,
                now=now,
            )

    return send


def category(database, shop, name):
    with database.read() as session:
        return factories.category_id(session, shop, name)


def test_gold_is_the_label_that_an_admin_vouches_for(database, shop, marked):
    with database.read() as session:
        found = stored.find(session, product_id=marked)

    assert found.category_id == category(database, shop, "Watches")


def test_an_undecided_product_cannot_be_gold(database, shop, carol, now):
    with database.begin() as session:
        product_id = factories.make_product(session, shop)

    with database.begin() as session, pytest.raises(ConflictError, match="Decide this product"):
        gold.mark(session, catalogue=shop, product_id=product_id, user_id=carol.id, now=now)


def test_who_has_decided_it_or_vouches_for_it_is_not_asked(
    database, shop, marked, alice, bob, carol
):
    with database.read() as session:
        asked = {
            user.name: gold.next_question(session, catalogue=shop, user_id=user.id)
            for user in (alice, bob, carol)
        }

    assert (asked["Alice"], asked["Carol"]) == (None, None)
    assert (asked["Bob"].product.id, asked["Bob"].n_left) == (marked, 1)


def test_an_answer_is_asked_once_and_changes_no_label(database, shop, marked, bob, answer, kitchen):
    with database.read() as session:
        before = annotations.list_of_product(session, product_id=marked)

    answer(marked, kitchen)
    answer(marked, category(database, shop, "Watches"))

    with database.read() as session:
        assert gold.next_question(session, catalogue=shop, user_id=bob.id) is None
        assert stored.list_answers(session, catalogue_id=shop.id) == {bob.id: {marked: kitchen}}
        assert annotations.list_of_product(session, product_id=marked) == before
        assert stored.find_label(session, product_id=marked) == category(database, shop, "Watches")


def test_an_answer_has_to_be_about_gold_and_name_a_category(
    database, shop, marked, answer, kitchen
):
    with database.begin() as session:
        other = factories.make_product(session, shop)

    with pytest.raises(NotFoundError):
        answer(other, kitchen)
    with pytest.raises(InvalidInputError):
        answer(marked, 999)


def test_gold_that_is_taken_back_takes_its_answers_along(database, shop, marked, answer, kitchen):
    answer(marked, kitchen)
    with database.begin() as session:
        gold.unmark(session, catalogue=shop, product_id=marked)

    with database.read() as session:
        assert stored.find(session, product_id=marked) is None
        assert stored.list_answers(session, catalogue_id=shop.id) == {}
        assert stored.find_label(session, product_id=marked) is not None
