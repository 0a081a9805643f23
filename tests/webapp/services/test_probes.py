"""Cards that hide or plant a suggestion by chance, and what follows from deciding them."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.webapp.services.test_several_people import LEASE_S, Desk
from webapp.domain.look_alikes import NotTakenBecause
from webapp.domain.review import AskedBecause, Probe, ProductState, Verdict
from webapp.services import review
from webapp.storage import export_rows, statistics
from webapp.storage.tables import AnnotationRow, QueueEntryRow

GUESS = {"Watches": 0.95, "Kitchen": 0.04, "Computers": 0.01}


def desk_with(database, now, **settings):
    desk = Desk(database, now, **settings)
    product = desk.add(source="Kitchen")
    desk.publish({product: GUESS})
    return desk, product


@pytest.fixture
def hiding(database, now):
    return desk_with(database, now, hidden_share=100)


@pytest.fixture
def planting(database, now):
    return desk_with(database, now, planted_share=100)


def reload(desk, user):
    with desk.database.begin() as session:
        return review.open_desk(
            session,
            catalogue=desk.shop,
            user_id=user.id,
            now=desk.now,
            lease_s=LEASE_S,
            n=1,
        )[0]


class TestHidden:
    def test_the_card_shows_nothing_that_leads_and_stays_so_when_loaded_again(self, hiding, alice):
        desk, product = hiding

        cards = [desk.claim(alice), reload(desk, alice)]

        for card in cards:
            assert card.product.id == product
            assert card.is_suggestion_hidden
            assert card.prediction is None
            assert card.product.source_category_id is None
            assert [option.category.path for option in card.choices] == [
                "Computers",
                "Kitchen",
                "Watches",
            ]

    def test_the_act_says_so_and_labels_as_any(self, hiding, alice):
        desk, product = hiding

        act = desk.claim_and_decide(alice, "Watches")

        assert (act.probe, act.is_suggestion_hidden) == (Probe.HIDDEN, True)
        assert (act.shown_category_id, act.shown_probability) == (None, None)
        assert act.verdict is Verdict.CORRECTED  # against the seller, as nothing was suggested
        assert desk.state(product) is ProductState.LABELLED

    def test_taking_back_shows_the_same_card_again(self, hiding, alice):
        desk, _ = hiding
        desk.claim_and_decide(alice)

        assert desk.undo(alice).is_suggestion_hidden

    def test_a_lease_that_ran_out_was_hidden_all_the_same(self, hiding, alice):
        desk, _ = hiding
        card = desk.claim(alice)
        with desk.database.begin() as session:
            later = card.leased_until
            review.queue.free_expired(session, now=later)

        act = desk.decide(alice, card.product.id, lease=card.lease)

        assert act.probe is Probe.HIDDEN

    def test_opened_on_purpose_it_is_no_probe(self, hiding, alice):
        desk, product = hiding
        with desk.database.begin() as session:
            [card] = review.open_desk(
                session,
                catalogue=desk.shop,
                user_id=alice.id,
                now=desk.now,
                lease_s=LEASE_S,
                n=1,
                first_id=product,
            )

        assert not card.is_suggestion_hidden
        assert desk.decide(alice, product, lease=card.lease).probe is None

    def test_the_evaluation_set_is_hidden_anyway_and_counts_as_no_probe(self, database, now, alice):
        desk = Desk(database, now, hidden_share=100)
        product = desk.add(is_evaluation=True)
        desk.publish({product: GUESS})

        act = desk.claim_and_decide(alice)

        assert act.is_suggestion_hidden
        assert act.probe is None

    def test_without_a_model_there_is_nothing_to_hide(self, database, now, alice):
        desk = Desk(database, now, hidden_share=100)
        desk.add()

        assert not desk.claim(alice).is_suggestion_hidden


class TestPlanted:
    def test_the_card_suggests_what_neither_model_nor_seller_says_with_the_models_confidence(
        self, planting, alice
    ):
        desk, _ = planting

        cards = [desk.claim(alice), reload(desk, alice)]

        for card in cards:
            assert card.suggestion.category.path == "Computers"
            assert card.suggestion.probability == 0.95
            assert card.text_says.category.path == "Computers"
            assert not card.is_suggestion_hidden

    def test_confirming_it_labels_nothing_and_somebody_else_is_asked(self, planting, alice, bob):
        desk, product = planting

        act = desk.claim_and_decide(alice, "Computers")

        assert (act.verdict, act.probe) == (Verdict.CONFIRMED, Probe.PLANTED)
        assert act.shown_category_id == act.category_id
        assert desk.state(product) is ProductState.OPEN
        assert desk.label(product) is None
        assert desk.claim(alice) is None
        card = desk.claim(bob)
        assert (card.product.id, card.asked_because) == (product, AskedBecause.SECOND)

    def test_correcting_it_labels(self, planting, alice):
        desk, product = planting

        act = desk.claim_and_decide(alice, "Watches")

        assert (act.verdict, act.probe) == (Verdict.CORRECTED, Probe.PLANTED)
        assert desk.label(product) == act.category_id

    def test_taking_back_shows_the_same_card_again(self, planting, alice):
        desk, _ = planting
        desk.claim_and_decide(alice, "Computers")

        card = desk.undo(alice)

        assert card.suggestion.category.path == "Computers"
        assert desk.decide(alice, card.product.id, "Watches", card.lease).probe is Probe.PLANTED

    def test_look_alikes_are_neither_offered_nor_taken_along(self, planting, alice):
        desk, product = planting
        with desk.database.begin() as session:
            session.get_one(factories.ProductRow, product).group_number = 7
        other = desk.add(group_number=7, priority=0.1)

        card = desk.claim(alice)
        with desk.database.begin() as session:
            decision = review.decide_together(
                session,
                catalogue=desk.shop,
                product_id=product,
                user_id=alice.id,
                lease=card.lease,
                verdict=Verdict.CONFIRMED,
                category_id=None,
                note="",
                idempotency_key="joint",
                took_ms=None,
                now=desk.now,
                look_alike_ids=[other],
            )

        assert card.look_alikes == ()
        assert [left.because for left in decision.left_out] == [NotTakenBecause.NOT_ALIKE]

    def test_where_the_model_is_unsure_nothing_is_planted(self, database, now, alice):
        desk = Desk(database, now, planted_share=100)
        product = desk.add()
        desk.publish({product: {"Watches": 0.6, "Computers": 0.4}})

        card = desk.claim(alice)

        assert card.suggestion.category.path == "Watches"
        assert desk.decide(alice, product, "Watches", card.lease).probe is None

    def test_neither_the_agreement_with_the_model_nor_an_export_takes_it_for_a_prediction(
        self, planting, alice
    ):
        desk, _ = planting
        desk.claim_and_decide(alice, "Watches")

        with desk.database.read() as session:
            agreement = statistics.count_agreement(session, catalogue_id=desk.shop.id)
            [[row]] = export_rows.iterate(
                session, catalogue_id=desk.shop.id, level=1, as_of=desk.now
            )

        assert (agreement.n_confirmed, agreement.n_corrected) == (0, 0)
        assert (row.category, row.shown_category, row.shown_round) == ("Watches", None, None)


def test_each_new_lease_draws_anew(database, now, alice, bob, monkeypatch):
    desk, product = desk_with(database, now, hidden_share=50)
    draws = iter([400_000, 600_000])
    monkeypatch.setattr(
        "webapp.services.review.secrets.randbelow", lambda n: next(draws) if n > 100 else 1
    )

    first = desk.claim(alice)
    desk.decide(alice, product, None, first.lease, verdict=Verdict.SKIPPED)
    second = desk.claim(bob)

    assert (first.is_suggestion_hidden, second.is_suggestion_hidden) == (True, False)
    with database.read() as session:
        assert session.scalars(select(AnnotationRow.probe)).all() == ["hidden"]
        assert session.scalars(select(QueueEntryRow.probe)).all() == [None]
