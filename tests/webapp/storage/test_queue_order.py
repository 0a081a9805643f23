import pytest
from sqlalchemy import select

from tests import factories
from webapp.domain.asking_order import Place
from webapp.domain.review import AskedBecause
from webapp.storage import queue_order
from webapp.storage.tables import ProductRow, QueueEntryRow


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

    def test_waits_for_nobody_who_has_locked_a_row(self, database, shop):
        """Who decides locks rows one after another: to wait for them with others held deadlocks."""
        if database.engine.dialect.name == "sqlite":
            pytest.skip("SQLite locks no rows: this runs on PostgreSQL (CONTRIBUTING.md)")
        with database.begin() as session:
            ids = [factories.make_product(session, shop, priority=0.1) for _ in range(3)]

        with database.engine.begin() as other:
            of_first = select(QueueEntryRow.product_id).where(QueueEntryRow.product_id == ids[0])
            other.execute(of_first.with_for_update())
            write(database, shop, [Place(p, 0.9, AskedBecause.UNCERTAIN, False) for p in ids])

        assert [entries(database)[p].priority for p in ids] == [0.1, 0.9, 0.9]


class TestMoveBehind:
    @pytest.fixture
    def mugs(self, database, shop):
        """Four mugs that are near-duplicates, one of them drawn at random, one skipped."""
        with database.begin() as session:
            ids = [
                factories.make_product(session, shop, priority=priority, reason=reason)
                for priority, reason in ((0.5, "uncertain"), (0.25, "random"), (-3.0, "skipped"))
            ]
            for product_id in ids:
                session.get_one(ProductRow, product_id).group_number = 7
        return ids

    def priorities(self, database, ids):
        found = entries(database)
        return [found[product_id].priority for product_id in ids]

    def test_sends_near_duplicates_behind_all_that_is_fresh(self, database, shop, mugs):
        with database.begin() as session:
            queue_order.move_behind(session, catalogue_id=shop.id, group_number=7)

        assert self.priorities(database, mugs) == [-0.5, 0.25, -3.0]

    def test_twice_sends_no_further(self, database, shop, mugs):
        for _ in range(2):
            with database.begin() as session:
                queue_order.move_behind(session, catalogue_id=shop.id, group_number=7)

        assert self.priorities(database, mugs) == [-0.5, 0.25, -3.0]

    def test_is_taken_back_by_moving_back(self, database, shop, mugs):
        with database.begin() as session:
            queue_order.move_behind(session, catalogue_id=shop.id, group_number=7)
            queue_order.move_back(session, catalogue_id=shop.id, group_number=7)

        assert self.priorities(database, mugs) == [0.5, 0.25, -3.0]

    def test_leaves_other_groups_and_other_catalogues_alone(self, database, shop, mugs):
        with database.begin() as session:
            queue_order.move_behind(session, catalogue_id=shop.id, group_number=8)
            queue_order.move_behind(session, catalogue_id=shop.id + 1, group_number=7)

        assert self.priorities(database, mugs) == [0.5, 0.25, -3.0]


def test_products_imported_after_a_round_are_new(database, shop, now):
    with database.begin() as session:
        product_id = factories.make_product(session, shop, priority=None)
        factories.make_round(session, shop, {})
        queue_order.add_new(session, catalogue_id=shop.id, product_ids=[product_id], now=now)

    assert entries(database)[product_id].reason == "new"
