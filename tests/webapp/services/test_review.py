from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.webapp.at_work import LEASE_S, AtWork
from webapp.domain.errors import (
    AlreadyAnnotatedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LeaseLostError,
    NotFoundError,
)
from webapp.domain.review import AskedBecause, Verdict
from webapp.services import review
from webapp.storage import catalogues
from webapp.storage.tables import AnnotationRow, LabelRow, ProductRow


@pytest.fixture
def desk(database, shop, now):
    """The acts at the desk, each in a transaction of its own."""
    return Desk(database, shop, now)


class Desk(AtWork):
    def add(self, **values):
        with self.database.begin() as session:
            return factories.make_product(session, self.shop, **values)

    def publish(self, number, predicted):
        with self.database.begin() as session:
            round_id = factories.make_round(session, self.shop, predicted, number=number)
            self.shop = catalogues.get(session, slug=self.shop.slug)
        return round_id

    def annotate(self, user, card, category="Watches", **values):
        self.n_acts += 1
        values = {
            "product_id": card.product.id,
            "lease": card.lease,
            "verdict": Verdict.CORRECTED,
            "category_id": self.category(category) if category else None,
            "idempotency_key": f"key {self.n_acts}",
            "now": self.now,
        } | values
        with self.database.begin() as session:
            return review.annotate(session, catalogue=self.shop, user_id=user.id, **values)

    def undo(self, user, **values):
        self.n_acts += 1
        values = {"idempotency_key": f"key {self.n_acts}", "now": self.now} | values
        with self.database.begin() as session:
            return review.undo(
                session, catalogue=self.shop, user_id=user.id, lease_s=LEASE_S, **values
            )

    def open(self, user, **values):
        with self.database.begin() as session:
            return review.open_desk(
                session,
                catalogue=self.shop,
                user_id=user.id,
                lease_s=LEASE_S,
                **{"now": self.now, "n": 3} | values,
            )

    def state(self, product_id):
        with self.database.read() as session:
            label = session.scalar(
                select(LabelRow.category_id).where(LabelRow.product_id == product_id)
            )
            return session.get(ProductRow, product_id).state, label


class TestClaim:
    def test_gives_what_the_live_round_says(self, desk, alice):
        product_id = desk.add()
        desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.2, "Computers": 0.1}})

        (card,) = desk.claim(alice)

        assert card.suggestion.category.name == "Watches"
        assert [option.category.name for option in card.choices] == ["Kitchen", "Computers"]
        assert (card.text_says.probability, card.image_says) == (0.7, None)
        assert card.round.number == 1

    def test_hides_everything_that_leads_on_a_card_of_the_evaluation_set(self, desk, alice):
        product_id = desk.add(is_evaluation=True, reason="evaluation", source="Watches")
        desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})

        (card,) = desk.claim(alice)

        assert card.is_suggestion_hidden
        assert card.prediction is card.suggestion is card.text_says is card.round is None
        assert card.product.source_path == ""
        assert card.product.source_category_id is None
        names = [option.category.name for option in card.choices]
        assert names == ["Computers", "Kitchen", "Watches"]

    def test_two_people_racing_never_get_the_same_product(self, desk, alice, bob):
        ids = {desk.add() for _ in range(40)}

        def work(user):
            taken = []
            while cards := desk.claim(user):
                taken += [card.product.id for card in cards]
            return taken

        with ThreadPoolExecutor(4) as threads:
            taken = [one for part in threads.map(work, [alice, bob] * 2) for one in part]

        assert len(taken) == len(ids)
        assert set(taken) == ids


class TestOpenDesk:
    def test_shows_what_the_person_has_before_anything_new(self, desk, alice):
        for _ in range(5):
            desk.add()
        mine = [card.product.id for card in desk.claim(alice, n=2)]

        cards = desk.open(alice)

        assert [card.product.id for card in cards][:2] == mine
        assert len({card.product.id for card in cards}) == 3
        assert [card.product.id for card in desk.open(alice)] == [c.product.id for c in cards]

    def test_puts_a_chosen_product_first(self, desk, alice, bob):
        *_, last = [desk.add(priority=1 - n / 10) for n in range(4)]

        assert desk.open(alice, first_id=last)[0].product.id == last
        assert desk.open(bob, first_id=last)[0].product.id != last


class TestAnnotate:
    def test_choosing_the_suggestion_confirms_whatever_word_was_sent(self, desk, alice):
        product_id = desk.add(source="Kitchen")
        round_id = desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})
        (card,) = desk.claim(alice)

        annotation = desk.annotate(alice, card, "Watches", verdict=Verdict.CORRECTED)

        assert annotation.verdict is Verdict.CONFIRMED
        assert annotation.shown_round_id == round_id
        assert annotation.shown_category_id == desk.category("Watches")
        assert annotation.shown_probability == 0.7
        assert desk.state(product_id) == ("labelled", desk.category("Watches"))

    def test_choosing_another_category_corrects(self, desk, alice):
        product_id = desk.add(source="Kitchen")
        desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})
        (card,) = desk.claim(alice)

        annotation = desk.annotate(alice, card, "Kitchen", verdict=Verdict.CONFIRMED)

        assert annotation.verdict is Verdict.CORRECTED

    def test_confirming_without_a_category_means_the_suggestion(self, desk, alice):
        product_id = desk.add()
        desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})
        (card,) = desk.claim(alice)

        annotation = desk.annotate(alice, card, None, verdict=Verdict.CONFIRMED)

        assert annotation.category_id == desk.category("Watches")

    def test_without_a_suggestion_a_category_has_to_be_named(self, desk, alice):
        desk.add()
        (card,) = desk.claim(alice)

        with pytest.raises(InvalidInputError, match="suggests none"):
            desk.annotate(alice, card, None, verdict=Verdict.CONFIRMED)

    def test_what_was_shown_is_the_round_of_the_lease_not_a_newer_one(self, desk, alice):
        product_id = desk.add()
        first = desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})
        (card,) = desk.claim(alice)
        desk.publish(2, {product_id: {"Kitchen": 0.9, "Watches": 0.1}})

        annotation = desk.annotate(alice, card, "Watches")

        assert annotation.verdict is Verdict.CONFIRMED
        assert annotation.shown_round_id == first

    def test_a_hidden_suggestion_was_not_shown(self, desk, alice):
        product_id = desk.add(is_evaluation=True, reason="evaluation", source="Kitchen")
        desk.publish(1, {product_id: {"Watches": 0.7, "Kitchen": 0.3}})
        (card,) = desk.claim(alice)

        annotation = desk.annotate(alice, card, "Kitchen")

        assert annotation.is_suggestion_hidden
        assert annotation.shown_category_id is annotation.shown_round_id is None
        assert annotation.asked_because is AskedBecause.EVALUATION

    def test_the_same_key_again_returns_the_first_act_and_changes_nothing(self, desk, alice):
        product_id = desk.add()
        (card,) = desk.claim(alice)

        first = desk.annotate(alice, card, "Watches", idempotency_key="once")
        second = desk.annotate(alice, card, "Kitchen", idempotency_key="once")

        assert first == second
        assert desk.state(product_id)[1] == desk.category("Watches")
        with desk.database.read() as session:
            assert session.scalar(select(func.count()).select_from(AnnotationRow)) == 1

    def test_a_key_stands_for_one_product(self, desk, alice):
        desk.add(), desk.add()
        first, second = desk.claim(alice, n=2)
        desk.annotate(alice, first, idempotency_key="once")

        with pytest.raises(InvalidInputError, match="something else"):
            desk.annotate(alice, second, idempotency_key="once")

    def test_the_same_act_sent_by_many_threads_counts_once(self, desk, alice):
        desk.add()
        (card,) = desk.claim(alice)

        with ThreadPoolExecutor(4) as threads:
            acts = list(
                threads.map(lambda _: desk.annotate(alice, card, idempotency_key="k"), range(8))
            )

        assert len({act.id for act in acts}) == 1

    def test_a_lease_that_ran_out_loses_nothing_while_nobody_else_has_the_product(
        self, desk, alice, bob, now
    ):
        late = now + timedelta(seconds=LEASE_S + 60)
        product_id, other_id = desk.add(priority=0.9), desk.add(priority=0.1)
        (card,) = desk.claim(alice)
        with desk.database.begin() as session:
            review.queue.free_expired(session, now=late)

        annotation = desk.annotate(alice, card, now=late)

        assert annotation.product_id == product_id
        assert [c.product.id for c in desk.claim(bob, n=2, now=late)] == [other_id]

    def test_is_refused_while_somebody_else_has_the_product(self, desk, alice, bob, now):
        late = now + timedelta(seconds=LEASE_S + 60)
        desk.add()
        (card,) = desk.claim(alice)
        desk.claim(bob, now=late)

        with pytest.raises(LeaseLostError):
            desk.annotate(alice, card, now=late)
        with pytest.raises(LeaseLostError):
            desk.annotate(alice, replace(card, lease=None), now=late)

    def test_is_refused_after_somebody_else_has_decided(self, desk, alice, bob, now):
        late = now + timedelta(seconds=LEASE_S + 60)
        product_id = desk.add()
        (card,) = desk.claim(alice)
        (same,) = desk.claim(bob, now=late)
        desk.annotate(bob, same, "Kitchen", now=late)

        with pytest.raises(AlreadyAnnotatedError):
            desk.annotate(alice, card, "Watches", now=late)

        assert desk.state(product_id)[1] == desk.category("Kitchen")

    def test_a_product_opened_on_purpose_may_be_decided_again(self, desk, alice, bob):
        product_id = desk.add()
        (card,) = desk.claim(alice)
        desk.annotate(alice, card, "Watches")

        annotation = desk.annotate(bob, replace(card, lease=None), "Kitchen")

        assert annotation.asked_because is AskedBecause.CHOSEN
        assert desk.state(product_id)[1] == desk.category("Kitchen")

    def test_a_skipped_product_comes_again_at_the_end(self, desk, alice):
        first, second = desk.add(priority=0.9), desk.add(priority=0.1)
        (card,) = desk.claim(alice)

        desk.annotate(alice, card, None, verdict=Verdict.SKIPPED)

        assert [c.product.id for c in desk.claim(alice, n=2)] == [second, first]
        assert desk.state(first) == ("open", None)

    def test_a_flag_needs_a_note_and_takes_the_product_out(self, desk, alice):
        product_id = desk.add()
        (card,) = desk.claim(alice)

        with pytest.raises(InvalidInputError, match="note"):
            desk.annotate(alice, card, None, verdict=Verdict.FLAGGED, note="  ")
        desk.annotate(alice, card, None, verdict=Verdict.FLAGGED, note="not for sale")

        assert desk.state(product_id) == ("flagged", None)
        assert desk.claim(alice) == []

    def test_a_category_of_another_catalogue_is_refused(self, desk, alice):
        with desk.database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            foreign = factories.category_id(session, other, "Watches")
        desk.add()
        (card,) = desk.claim(alice)

        with pytest.raises(InvalidInputError, match="cannot get"):
            desk.annotate(alice, card, None, category_id=foreign)

    def test_a_product_of_another_catalogue_is_not_found(self, desk, alice):
        with desk.database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            foreign = factories.make_product(session, other)
        desk.add()
        (card,) = desk.claim(alice)

        with pytest.raises(NotFoundError):
            desk.annotate(alice, card, product_id=foreign)

    @pytest.mark.parametrize(("sent", "kept"), [(1200, 1200), (99_000_000, 5000), (-1, None)])
    def test_the_time_on_a_card_is_at_most_that_of_its_lease(self, desk, alice, now, sent, kept):
        desk.add()
        (card,) = desk.claim(alice)

        annotation = desk.annotate(alice, card, took_ms=sent, now=now + timedelta(seconds=5))

        assert annotation.took_ms == kept


class TestUndo:
    def test_reopens_the_product_and_lends_it_again(self, desk, alice, bob):
        product_id = desk.add()
        (card,) = desk.claim(alice)
        desk.annotate(alice, card)

        again = desk.undo(alice)

        assert again.product.id == product_id
        assert again.lease
        assert desk.state(product_id) == ("open", None)
        assert desk.claim(bob) == []
        desk.annotate(alice, again, "Kitchen")
        assert desk.state(product_id)[1] == desk.category("Kitchen")

    def test_takes_back_one_act_after_the_other(self, desk, alice):
        ids = [desk.add(priority=1 - n / 10) for n in range(3)]
        for card in desk.claim(alice, n=3):
            desk.annotate(alice, card)

        assert [desk.undo(alice).product.id for _ in ids] == ids[::-1]
        with pytest.raises(ConflictError, match="nothing to take back"):
            desk.undo(alice)

    def test_a_skip_can_be_taken_back(self, desk, alice):
        first, _ = desk.add(priority=0.9), desk.add(priority=0.1)
        (card,) = desk.claim(alice)
        desk.annotate(alice, card, None, verdict=Verdict.SKIPPED)

        again = desk.undo(alice)

        assert again.product.id == first
        assert again.asked_because is card.asked_because is not AskedBecause.SKIPPED

    def test_a_product_stays_skipped_while_one_of_two_skips_stands(self, desk, alice):
        desk.add()
        for _ in range(2):
            (card,) = desk.claim(alice)
            desk.annotate(alice, card, None, verdict=Verdict.SKIPPED)

        assert desk.undo(alice).asked_because is AskedBecause.SKIPPED
        assert desk.undo(alice).asked_because is not AskedBecause.SKIPPED

    def test_a_product_is_not_skipped_whose_skips_were_taken_back_in_their_order(self, desk, alice):
        desk.add()
        skips = []
        for _ in range(2):
            (card,) = desk.claim(alice)
            skips.append(desk.annotate(alice, card, None, verdict=Verdict.SKIPPED))

        cards = [desk.undo(alice, annotation_id=skip.id) for skip in skips]

        assert [card.asked_because for card in cards] == [AskedBecause.SKIPPED, AskedBecause.NEW]

    def test_the_key_of_an_undo_gets_no_card_in_another_catalogue(self, desk, database, alice):
        desk.add()
        desk.annotate(alice, desk.claim(alice)[0])
        desk.undo(alice, idempotency_key="back")
        with database.begin() as session:
            desk.shop = factories.make_catalogue(session, slug="other")

        with pytest.raises(NotFoundError):
            desk.undo(alice, idempotency_key="back")

    def test_the_same_key_again_undoes_nothing_more(self, desk, alice):
        desk.add(), desk.add()
        for card in desk.claim(alice, n=2):
            desk.annotate(alice, card)

        first = desk.undo(alice, idempotency_key="back")
        second = desk.undo(alice, idempotency_key="back")

        assert first.product.id == second.product.id
        assert desk.state(first.product.id)[0] == "open"
        with desk.database.read() as session:
            states = session.scalars(select(ProductRow.state)).all()
        assert sorted(states) == ["labelled", "open"]

    def test_somebody_elses_act_stays(self, desk, alice, bob):
        product_id = desk.add()
        (card,) = desk.claim(alice)
        annotation = desk.annotate(alice, card)

        with pytest.raises(ForbiddenError):
            desk.undo(bob, annotation_id=annotation.id)

        assert desk.state(product_id)[0] == "labelled"

    def test_an_act_is_taken_back_once(self, desk, alice):
        desk.add()
        (card,) = desk.claim(alice)
        annotation = desk.annotate(alice, card)
        desk.undo(alice, annotation_id=annotation.id)

        with pytest.raises(ConflictError, match="already"):
            desk.undo(alice, annotation_id=annotation.id)

    def test_is_refused_once_somebody_else_has_decided_a_skipped_product(self, desk, alice, bob):
        product_id = desk.add()
        (card,) = desk.claim(alice)
        desk.annotate(alice, card, None, verdict=Verdict.SKIPPED)
        (same,) = desk.claim(bob)
        with pytest.raises(LeaseLostError):
            desk.undo(alice)
        desk.annotate(bob, same, "Kitchen")

        with pytest.raises(AlreadyAnnotatedError):
            desk.undo(alice)

        assert desk.state(product_id)[1] == desk.category("Kitchen")

    def test_brings_the_decision_of_a_colleague_back_that_was_overruled(self, desk, alice, bob):
        product_id = desk.add()
        (card,) = desk.claim(alice)
        desk.annotate(alice, card, "Watches")
        desk.annotate(bob, replace(card, lease=None), "Kitchen")

        again = desk.undo(bob)

        assert again.lease is None
        assert desk.state(product_id) == ("labelled", desk.category("Watches"))


def test_today_counts_decisions_that_stand_since_midnight(desk, alice, now):
    for _ in range(4):
        desk.add()
    yesterday, first, second, skipped = desk.claim(alice, n=4)
    desk.annotate(alice, yesterday, now=now - timedelta(hours=13))
    desk.annotate(alice, first)
    desk.annotate(alice, second)
    desk.annotate(alice, skipped, None, verdict=Verdict.SKIPPED)
    desk.undo(alice)
    desk.undo(alice)

    with desk.database.read() as session:
        today = review.count_today(session, catalogue=desk.shop, user_id=alice.id, now=now)

    assert today == 1
