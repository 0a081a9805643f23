from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from tests import factories
from webapp.domain.review import AskedBecause
from webapp.storage import queue, queue_places

LEASE_S = 600


def claim(database, shop, user, now):
    with database.begin() as session:
        return queue.claim(session, catalogue=shop, user_id=user.id, now=now, lease_s=LEASE_S)


class TestClaim:
    @pytest.mark.usefixtures("on_sqlite")
    def test_reads_the_partial_index_alone(self, database):
        sql = str(queue.LEND_FIRST.compile(dialect=sqlite.dialect()))
        n_values = sql.count("?")

        with database.read() as session:
            cursor = session.connection().connection.cursor()
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * n_values).fetchall()

        steps = [step[-1] for step in plan]
        assert any("INDEX ix_queue_entry_waiting (catalogue_id=?)" in step for step in steps), steps
        assert not any("SCAN" in step or "TEMP B-TREE" in step for step in steps)

    def test_passes_locked_rows_on_postgresql(self):
        sql = str(queue.LEND_FIRST.compile(dialect=postgresql.dialect()))

        assert "FOR UPDATE SKIP LOCKED" in sql

    def test_takes_the_highest_priority_first_and_none_twice(self, database, shop, alice, bob, now):
        with database.begin() as session:
            low = factories.make_product(session, shop, priority=0.1)
            high = factories.make_product(session, shop, priority=0.9)

        taken = [claim(database, shop, user, now) for user in (alice, bob, alice)]

        assert [entry and entry.product_id for entry in taken] == [high, low, None]

    def test_leaves_other_catalogues_alone(self, database, shop, alice, now):
        with database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            factories.make_product(session, other)

        assert claim(database, shop, alice, now) is None


class TestFreeExpired:
    def test_lets_a_product_wait_again_once_its_lease_is_over(
        self, database, shop, alice, bob, now
    ):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)
        claim(database, shop, alice, now)
        later = now + timedelta(seconds=LEASE_S)

        with database.begin() as session:
            early = queue.free_expired(session, now=later - timedelta(seconds=1))
            due = queue.free_expired(session, now=later)

        assert (early, due) == (0, 1)
        assert claim(database, shop, bob, later).product_id == product_id

    @pytest.mark.usefixtures("on_sqlite")
    def test_uses_the_index_of_leases(self, database, shop, now):
        with database.read() as session:
            plan = session.execute(
                text(
                    "EXPLAIN QUERY PLAN SELECT product_id FROM queue_entry"
                    " WHERE leased_until <= '2026-01-01'"
                )
            ).all()

        assert "ix_queue_entry_leased" in plan[0][-1]


class TestTake:
    def test_takes_a_waiting_product_but_not_one_that_somebody_has(
        self, database, shop, alice, bob, now
    ):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)

        def take(user):
            with database.begin() as session:
                return queue.take(
                    session,
                    catalogue=shop,
                    product_id=product_id,
                    user_id=user.id,
                    now=now,
                    lease_s=LEASE_S,
                )

        assert take(alice).leased_to == alice.id
        assert take(bob) is None
        assert take(alice) is not None


def test_renewing_tells_what_is_still_held(database, shop, alice, bob, now):
    with database.begin() as session:
        factories.make_product(session, shop, priority=0.9)
        factories.make_product(session, shop, priority=0.1)
    mine, hers = claim(database, shop, alice, now), claim(database, shop, bob, now)
    later = now + timedelta(seconds=60)

    with database.begin() as session:
        kept = queue.renew(
            session,
            user_id=alice.id,
            product_ids=[mine.product_id, hers.product_id],
            now=later,
            lease_s=LEASE_S,
        )
        held = queue.list_leased(session, catalogue=shop, user_id=alice.id, now=later)

    assert kept == [mine.product_id]
    assert held[0].leased_until == later + timedelta(seconds=LEASE_S)


def test_what_is_skipped_waits_behind_everything_else(database, shop, alice, now):
    with database.begin() as session:
        first = factories.make_product(session, shop, priority=0.9)
        last = factories.make_product(session, shop, priority=-0.5)
        queue_places.send_to_end(session, product_id=first, now=now)

    assert claim(database, shop, alice, now).product_id == last
    again = claim(database, shop, alice, now)
    assert (again.product_id, again.asked_because) == (first, AskedBecause.SKIPPED)
