from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from tests import factories
from webapp.domain.evidence import Explanation
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.services import explanations as service
from webapp.services import review
from webapp.storage import explanations, job_claims, jobs
from webapp.storage.tables import QueueEntryRow


@pytest.fixture
def waiting(database, shop):
    """Three products that wait, the first one first, in a live round."""
    with database.begin() as session:
        products = [factories.make_product(session, shop, priority=1 - at / 10) for at in range(3)]
        round_id = factories.make_round(
            session, shop, {each: {"Watches": 0.9} for each in products}
        )
    return round_id, products


def explain(database, round_id, product_id, neighbours=()):
    explanation = Explanation(round_id, product_id, (("dial", 0.5),), tuple(neighbours), None)
    with database.begin() as session:
        explanations.put(session, explanation=explanation, now=factories.NOW)


def claim(database, shop, alice, n=3):
    with database.begin() as session:
        return review.claim(
            session, catalogue=shop, user_id=alice.id, now=factories.NOW, lease_s=60, n=n
        )


@pytest.fixture
def statements_of(database):
    """Return a function that adds evidence to cards, and what it was and read."""

    def run(cards):
        statements = []

        def note(connection, cursor, statement, *rest):
            if statement != "BEGIN":
                statements.append(statement)

        with database.read() as session:
            event.listen(database.engine, "before_cursor_execute", note)
            found = service.add_evidence(session, cards=cards)
            event.remove(database.engine, "before_cursor_execute", note)
        return found, statements

    return run


@pytest.fixture
def live_shop(database, shop, waiting):
    return replace(shop, live_round_id=waiting[0])


class TestAddEvidence:
    def test_reads_twice_for_all_cards(
        self, database, live_shop, alice, bob, waiting, statements_of
    ):
        round_id, products = waiting
        with database.begin() as session:
            other = factories.make_product(session, live_shop, priority=None)
            factories.make_annotation(
                session, live_shop, other, bob, Verdict.CORRECTED, category="Watches"
            )
        for product_id in products:
            explain(database, round_id, product_id, [(other, 0.9)])
        cards = claim(database, live_shop, alice)

        found, statements = statements_of(cards)

        assert [card.product.id for card in found] == products
        assert all(card.evidence.similar[0].product_id == other for card in found)
        assert len(statements) == 2

    def test_reads_once_where_nothing_is_known(
        self, database, live_shop, alice, waiting, statements_of
    ):
        cards = claim(database, live_shop, alice)

        found, statements = statements_of(cards)

        assert found == cards
        assert len(statements) == 1

    def test_reads_nothing_for_cards_without_a_suggestion(
        self, database, live_shop, alice, waiting, statements_of
    ):
        with database.begin() as session:
            session.execute(update(QueueEntryRow).values(is_suggestion_hidden=True))
        cards = claim(database, live_shop, alice)

        found, statements = statements_of(cards)

        assert len(found) == 3
        assert statements == []

    def test_what_another_round_went_by_is_not_shown(
        self, database, live_shop, alice, waiting, statements_of
    ):
        _, products = waiting
        with database.begin() as session:
            earlier = factories.make_round(
                session, live_shop, {products[0]: {"Kitchen": 0.9}}, number=2, is_live=False
            )
        explain(database, earlier, products[0])
        cards = claim(database, live_shop, alice)

        found, _ = statements_of(cards)

        assert [card.evidence for card in found] == [None, None, None]


class TestRequestFront:
    def ask(self, database, shop, round_id, now, pause_s=0):
        with database.begin() as session:
            return service.request_front(
                session,
                catalogue_id=shop.id,
                round_id=round_id,
                now=now,
                pause=timedelta(seconds=pause_s),
            )

    def test_asks_once_while_something_is_missing(self, database, shop, waiting, now):
        job_id = self.ask(database, shop, waiting[0], now)

        assert job_id is not None
        assert self.ask(database, shop, waiting[0], now) is None
        with database.read() as session:
            assert jobs.get(session, job_id=job_id).kind is JobKind.EXPLAIN

    def test_asks_for_nothing_where_all_is_explained(self, database, shop, waiting, now):
        round_id, products = waiting
        for product_id in products:
            explain(database, round_id, product_id)

        assert self.ask(database, shop, round_id, now) is None

    def test_before_the_first_round_asks_for_nothing(self, database, shop, waiting, now):
        assert self.ask(database, shop, None, now) is None

    def test_leaves_a_pause_while_people_decide(self, database, shop, waiting, now):
        job_id = self.ask(database, shop, waiting[0], now)
        with database.begin() as session:
            job = job_claims.claim(session, job_id=job_id, now=now)
            job_claims.finish(session, job_id=job_id, fence=job.fence, result={}, now=now)

        soon = now + timedelta(seconds=30)
        assert self.ask(database, shop, waiting[0], soon, pause_s=60) is None
        assert self.ask(database, shop, waiting[0], soon, pause_s=20) == job_id


class TestMissing:
    def test_is_in_the_order_of_the_queue(self, database, shop, waiting):
        round_id, products = waiting
        explain(database, round_id, products[1])

        with database.read() as session:
            missing = explanations.list_missing(
                session, catalogue_id=shop.id, round_id=round_id, n=10
            )

        assert missing == [products[0], products[2]]

    def test_looks_no_deeper_than_asked(self, database, shop, waiting):
        round_id, products = waiting
        explain(database, round_id, products[0])

        with database.read() as session:
            missing = explanations.list_missing(
                session, catalogue_id=shop.id, round_id=round_id, n=2
            )

        assert missing == [products[1]]
