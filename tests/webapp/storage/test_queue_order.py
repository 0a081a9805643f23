import pytest
from sqlalchemy import select

from tests import factories
from webapp.domain.asking_order import Place
from webapp.domain.review import AskedBecause, Verdict
from webapp.storage import queue_order
from webapp.storage.tables import ProductRow, QueueEntryRow


@pytest.fixture
def shop(database):
    with database.begin() as session:
        return factories.make_catalogue(session)


def entries(database):
    with database.read() as session:
        return {row.product_id: row for row in session.scalars(select(QueueEntryRow))}


def write(database, shop, places):
    with database.begin() as session:
        queue_order.write(session, catalogue_id=shop.id, places=places)


class TestAddNew:
    def test_puts_products_into_random_places_before_the_first_round(self, database, shop, now):
        with database.begin() as session:
            ids = [factories.make_product(session, shop, priority=None) for _ in range(5)]
            queue_order.add_new(session, catalogue_id=shop.id, product_ids=ids, now=now)

        found = entries(database)
        assert sorted(found) == ids
        assert all(0 < row.priority <= 1 and row.is_waiting for row in found.values())
        assert {row.reason for row in found.values()} == {"random"}
        assert len({row.priority for row in found.values()}) == 5

    def test_twice_changes_nothing(self, database, shop, now):
        with database.begin() as session:
            product_id = factories.make_product(session, shop, priority=0.123)
            queue_order.add_new(session, catalogue_id=shop.id, product_ids=[product_id], now=now)

        assert entries(database)[product_id].priority == 0.123


class TestWrite:
    def test_gives_a_product_its_place_and_reason(self, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)

        write(database, shop, [Place(product_id, 0.9, AskedBecause.EVALUATION, True)])

        row = entries(database)[product_id]
        assert (row.priority, row.reason, row.is_suggestion_hidden) == (0.9, "evaluation", True)

    def test_leaves_a_lease_and_what_its_moderator_sees(self, database, shop, alice):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)
            row = session.get_one(QueueEntryRow, product_id)
            row.is_waiting, row.leased_to, row.lease_token = False, alice.id, "t"
            row.leased_at = row.leased_until = factories.NOW

        write(database, shop, [Place(product_id, 0.9, AskedBecause.EVALUATION, True)])

        row = entries(database)[product_id]
        assert (row.leased_to, row.lease_token, row.is_waiting) == (alice.id, "t", False)
        assert (row.priority, row.reason, row.is_suggestion_hidden) == (0.9, "random", False)

    def test_does_not_wake_a_product_that_was_decided_meanwhile(self, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)
            session.get_one(QueueEntryRow, product_id).is_waiting = False
            session.get_one(ProductRow, product_id).state = "labelled"

        write(database, shop, [Place(product_id, 0.9, AskedBecause.UNCERTAIN, False)])

        assert not entries(database)[product_id].is_waiting

    def test_adds_open_products_that_had_no_place_and_no_decided_ones(self, database, shop):
        with database.begin() as session:
            missing = factories.make_product(session, shop, priority=None)
            decided = factories.make_product(session, shop, priority=None)
            session.get_one(ProductRow, decided).state = "labelled"

        write(
            database,
            shop,
            [Place(p, 0.5, AskedBecause.UNCERTAIN, False) for p in (missing, decided)],
        )

        assert list(entries(database)) == [missing]


class TestIterateOpen:
    def test_knows_margins_sides_and_skips(self, database, shop, alice):
        with database.begin() as session:
            plain = factories.make_product(session, shop)
            evaluates = factories.make_product(session, shop, is_evaluation=True)
            skipped = factories.make_product(session, shop)
            taken_back = factories.make_product(session, shop)
            decided = factories.make_product(session, shop)
            session.get_one(ProductRow, decided).state = "labelled"
            factories.make_annotation(session, shop, skipped, alice, Verdict.SKIPPED)
            skip = factories.make_annotation(session, shop, taken_back, alice, Verdict.SKIPPED)
            factories.make_annotation(session, shop, taken_back, alice, Verdict.UNDONE, undoes=skip)

        with database.read() as session:
            found = {
                product.product_id: product
                for product in queue_order.iterate_open(
                    session, catalogue_id=shop.id, round_id=None
                )
            }

        assert set(found) == {plain, evaluates, skipped, taken_back}
        assert found[evaluates].is_evaluation
        assert [p for p, product in found.items() if product.is_skipped] == [skipped]
        assert all(product.margin is None for product in found.values())

    def test_takes_the_margins_of_the_round_that_is_asked_for(self, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)
            says = {product_id: {"Kitchen": 0.7, "Watches": 0.2}}
            first = factories.make_round(session, shop, says)
            factories.make_round(session, shop, {product_id: {"Kitchen": 1.0}}, number=2)

        with database.read() as session:
            (found,) = queue_order.iterate_open(session, catalogue_id=shop.id, round_id=first)

        assert found.margin == pytest.approx(0.5)


def test_products_imported_after_a_round_are_new(database, shop, now):
    with database.begin() as session:
        product_id = factories.make_product(session, shop, priority=None)
        factories.make_round(session, shop, {})
        queue_order.add_new(session, catalogue_id=shop.id, product_ids=[product_id], now=now)

    assert entries(database)[product_id].reason == "new"
