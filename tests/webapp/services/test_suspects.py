import pytest

from tests import factories
from webapp.domain.errors import (
    AlreadyAnnotatedError,
    ConflictError,
    LeaseLostError,
    NotFoundError,
)
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.domain.suspects import Recorder, Suspect
from webapp.services import review, suspects
from webapp.storage import annotations, catalogues, products
from webapp.storage import suspects as stored
from webapp.storage.tables import AcceptanceRow, LabelRow, RoundRow

N_SOURCES, N_LABELS = 20, 3


@pytest.fixture
def shop(database, bob):
    """Twenty watches that sellers filed under Kitchen, and three that a moderator did."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        kitchen = factories.category_id(session, catalogue, "Kitchen")
        watches = factories.category_id(session, catalogue, "Watches")
        ids = [factories.make_product(session, catalogue) for _ in range(N_SOURCES + N_LABELS)]
        for product_id in ids[N_SOURCES:]:
            last = factories.make_annotation(
                session, catalogue, product_id, bob, Verdict.CORRECTED, category="Kitchen"
            )
        said = {product_id: {"Watches": 0.9, "Kitchen": 0.1} for product_id in ids}
        round_id = factories.make_round(session, catalogue, said)
        session.get_one(RoundRow, round_id).last_annotation_id = last.id
        stored.add_many(
            session,
            round_id=round_id,
            listed=[
                Suspect(product_id, rank, rank > N_SOURCES, kitchen, watches, 0.1, 0.9, 0.1)
                for rank, product_id in enumerate(ids, start=1)
            ],
        )
        return catalogues.get_by_id(session, catalogue_id=catalogue.id)


@pytest.fixture
def look(database, shop, alice):
    def look(**asked):
        with database.read() as session:
            return suspects.look(session, catalogue=shop, user_id=alice.id, **asked)

    return look


@pytest.fixture
def decide(database, shop, alice, now):
    def decide(product_id, *, is_taken=True, seen=0, key="k", user=alice, round_id=None):
        with database.begin() as session:
            return suspects.decide(
                session,
                catalogue=shop,
                product_id=product_id,
                user_id=user.id,
                round_id=round_id or shop.live_round_id,
                seen_annotation_id=seen,
                is_taken=is_taken,
                idempotency_key=f"{key} {product_id}",
                took_ms=1500,
                now=now,
            )

    return decide


def label_of(database, product_id):
    with database.read() as session:
        row = session.get(LabelRow, product_id)
        return row and row.category_id


class TestLook:
    def test_of_a_catalogue_without_rounds_is_empty(self, database, alice):
        with database.begin() as session:
            catalogue = factories.make_catalogue(session, slug="new")
            page = suspects.look(session, catalogue=catalogue, user_id=alice.id)

        assert (page.round, page.cards, page.n_pages) == (None, (), 1)

    def test_shows_a_page_with_both_categories(self, look):
        page = look()

        assert len(page.cards) == suspects.PAGE_LENGTH
        assert (page.n_open, page.n_pages) == (23, 2)
        first = page.cards[0]
        assert (first.recorded.name, first.proposed.name) == ("Kitchen", "Watches")
        assert page.counts == {Recorder.SELLER: N_SOURCES, Recorder.MODERATOR: N_LABELS}

    def test_every_suspect_is_on_one_page(self, look):
        ids = [card.product.id for number in (1, 2) for card in look(page=number).cards]

        assert sorted(ids) == list(range(1, 24))

    def test_a_page_behind_the_last_is_the_last(self, look):
        assert look(page=99).page == 2

    def test_lists_those_of_one_recorder(self, look):
        found = look(recorder=Recorder.MODERATOR)

        assert sorted(card.product.id for card in found.cards) == [21, 22, 23]
        assert found.hit_rate.n_listed == N_LABELS

    def test_decided_ones_leave_the_list_and_count(self, look, decide):
        decide(1)
        decide(2, is_taken=False)

        page = look()

        assert not {1, 2} & {card.product.id for card in page.cards}
        assert (page.hit_rate.n_decided, page.hit_rate.n_changed) == (2, 1)
        assert page.last_act.product_id == 2

    def test_one_that_is_flagged_counts_as_kept(self, database, look, shop, alice):
        with database.begin() as session:
            factories.make_annotation(session, shop, 1, alice, Verdict.FLAGGED)

        rate = look().hit_rate

        assert (rate.n_decided, rate.n_changed) == (1, 0)

    def test_a_decision_at_the_desk_counts_too(self, database, look, shop, alice):
        with database.begin() as session:
            factories.make_annotation(
                session, shop, 5, alice, Verdict.CORRECTED, category="Computers"
            )

        page = look()

        assert (page.hit_rate.n_decided, page.hit_rate.n_changed) == (1, 1)
        assert page.last_act is None


class TestDecide:
    def test_taking_the_proposal_is_an_annotation_like_any_other(self, database, shop, decide):
        made = decide(1)

        with database.read() as session:
            watches = factories.category_id(session, shop, "Watches")
            assert annotations.list_of_product(session, product_id=1) == [made]
            assert products.get(session, product_id=1).state is ProductState.LABELLED
        assert (made.verdict, made.category_id) == (Verdict.CONFIRMED, watches)
        assert made.asked_because is AskedBecause.SUSPECT
        assert (made.shown_round_id, made.shown_category_id) == (shop.live_round_id, watches)
        assert label_of(database, 1) == watches

    def test_keeping_the_record_corrects_what_was_shown(self, database, shop, decide):
        made = decide(1, is_taken=False)

        with database.read() as session:
            kitchen = factories.category_id(session, shop, "Kitchen")
        assert (made.verdict, made.category_id) == (Verdict.CORRECTED, kitchen)

    def test_a_label_is_decided_again(self, database, shop, decide, look):
        (card,) = [
            card for card in look(recorder=Recorder.MODERATOR).cards if card.product.id == 21
        ]

        decide(21, seen=card.listed.label_annotation_id)

        with database.read() as session:
            assert len(annotations.list_of_product(session, product_id=21)) == 2
            assert label_of(database, 21) == factories.category_id(session, shop, "Watches")

    def test_sent_twice_counts_once(self, database, decide):
        assert decide(1) == decide(1)

    def test_what_somebody_has_decided_meanwhile_is_not_decided_again(
        self, database, decide, bob, look
    ):
        decide(1, user=bob, key="bob")

        with pytest.raises(AlreadyAnnotatedError, match="since it was shown"):
            decide(1)

    def test_what_somebody_has_flagged_meanwhile_stays_flagged(self, database, shop, decide, bob):
        with database.begin() as session:
            factories.make_annotation(session, shop, 1, bob, Verdict.FLAGGED)

        with pytest.raises(AlreadyAnnotatedError, match="since it was shown"):
            decide(1)

    def test_what_lies_on_somebodys_desk_is_hers(self, database, shop, decide, bob, now):
        with database.begin() as session:
            review.open_desk(
                session,
                catalogue=shop,
                user_id=bob.id,
                now=now,
                lease_s=600,
                n=1,
                first_id=1,
            )

        with pytest.raises(LeaseLostError):
            decide(1)

    def test_of_a_list_that_is_out_of_date_is_refused(self, decide):
        with pytest.raises(ConflictError, match="new list"):
            decide(1, round_id=99)

    def test_of_what_is_no_suspect_is_refused(self, database, shop, decide):
        with database.begin() as session:
            other = factories.make_product(session, shop)

        with pytest.raises(NotFoundError):
            decide(other)

    def test_can_be_taken_back(self, database, shop, decide, look, alice, now):
        made = decide(1)
        with database.begin() as session:
            review.undo(
                session,
                catalogue=shop,
                user_id=alice.id,
                now=now,
                idempotency_key="back",
                lease_s=600,
                annotation_id=made.id,
            )

        assert label_of(database, 1) is None
        assert look().cards[0].product.id == 1
        assert decide(1, key="again").id > made.id


def test_what_was_drawn_to_check_a_rule_is_not_listed(database, shop, decide):
    with database.begin() as session:
        rule_id = factories.make_rule(session, shop, round_id=shop.live_round_id)
        first = stored.list_all(session, round_id=shop.live_round_id)[0].suspect.product_id
        session.add(
            AcceptanceRow(
                product_id=first,
                rule_id=rule_id,
                category_id=factories.category_id(session, shop, "Watches"),
                probability=0.9,
                is_audited=True,
                accepted_at=factories.NOW,
            )
        )
    with database.read() as session:
        listed = stored.list_all(session, round_id=shop.live_round_id)
        counts = stored.count_by_recorder(session, round_id=shop.live_round_id)

    assert first not in {each.suspect.product_id for each in listed}
    assert sum(counts.values()) == len(listed) == N_SOURCES + N_LABELS - 1
    with pytest.raises(NotFoundError):
        decide(first)
