from datetime import timedelta

import pytest

from tests import factories
from tests.webapp.at_work import LEASE_S, AtWork
from webapp.domain.errors import InvalidInputError, NotFoundError
from webapp.domain.look_alikes import AT_MOST, NotTakenBecause
from webapp.domain.review import AskedBecause, Verdict
from webapp.services import review
from webapp.storage import catalogues
from webapp.storage.tables import QueueEntryRow


@pytest.fixture
def mugs(database, shop):
    """Four mugs that are near-duplicates, the first one first in the queue, and one other."""
    with database.begin() as session:
        alike = [
            factories.make_product(
                session, shop, name=f"Mug {n}", priority=1 - n / 10, group_number=7
            )
            for n in range(4)
        ]
        factories.make_product(session, shop, name="Watch", priority=0.01, group_number=8)
    return alike


class Desk(AtWork):
    def publish(self, predicted):
        with self.database.begin() as session:
            factories.make_round(session, self.shop, predicted)
            self.shop = catalogues.get(session, slug="shop")

    def decide(self, user, card, along, category="Kitchen", **values):
        self.n_acts += 1
        self.now += timedelta(seconds=3)
        values = {
            "verdict": Verdict.CONFIRMED,
            "category_id": self.category(category) if category else None,
            "idempotency_key": f"key {self.n_acts}",
        } | values
        with self.database.begin() as session:
            return review.decide_together(
                session,
                catalogue=self.shop,
                product_id=card.product.id,
                user_id=user.id,
                lease=card.lease,
                note="",
                took_ms=1500,
                now=self.now,
                look_alike_ids=along,
                **values,
            )

    def undo(self, user, key="undo", **values):
        self.now += timedelta(seconds=3)
        with self.database.begin() as session:
            return review.undo(
                session,
                catalogue=self.shop,
                user_id=user.id,
                now=self.now,
                lease_s=LEASE_S,
                idempotency_key=key,
                **values,
            )


@pytest.fixture
def desk(database, shop, now):
    return Desk(database, shop, now)


class TestCard:
    def test_shows_undecided_near_duplicates_with_what_the_round_says(self, desk, mugs, alice):
        first, second, third, fourth = mugs
        desk.publish(
            {first: {"Kitchen": 0.9, "Watches": 0.1}, third: {"Watches": 0.6, "Kitchen": 0.4}}
        )
        desk.change(fourth, state="labelled")

        (card,) = desk.claim(alice)

        assert [other.product_id for other in card.look_alikes] == [second, third]
        assert card.n_look_alikes == 2
        assert card.look_alikes[0].suggestion is None
        assert card.look_alikes[1].suggestion.category.name == "Watches"
        assert not any(other.is_held for other in card.look_alikes)

    def test_says_which_ones_somebody_else_has(self, desk, mugs, alice, bob):
        desk.claim(bob)

        (card,) = desk.claim(alice)

        assert [other.is_held for other in card.look_alikes] == [True, False, False]

    def test_own_cards_behind_are_not_held(self, desk, mugs, alice):
        card, *_ = desk.claim(alice, n=3)

        assert not any(other.is_held for other in card.look_alikes)

    def test_lists_no_more_than_can_be_taken_along_and_counts_all(
        self, desk, database, shop, mugs, alice
    ):
        with database.begin() as session:
            for _ in range(AT_MOST):
                factories.make_product(session, shop, priority=0.1, group_number=7)

        (card,) = desk.claim(alice)

        assert (len(card.look_alikes), card.n_look_alikes) == (AT_MOST, AT_MOST + 3)

    def test_of_the_evaluation_set_has_none_and_is_none(self, desk, mugs, alice):
        first, second, *_ = mugs
        desk.change(second, is_evaluation=True)
        (plain,) = desk.claim(alice)
        desk.change(mugs[2], is_evaluation=True)
        (measures,) = desk.claim(alice)

        assert plain.product.id == first
        assert second not in [other.product_id for other in plain.look_alikes]
        assert measures.product.id == second
        assert measures.look_alikes == ()


class TestDecideTogether:
    def test_gives_each_its_own_act_under_the_same_category(self, desk, mugs, alice):
        first, second, third, fourth = mugs
        desk.publish(
            {
                first: {"Kitchen": 0.9, "Watches": 0.1},
                second: {"Kitchen": 0.8, "Watches": 0.2},
                third: {"Watches": 0.6, "Kitchen": 0.4},
            }
        )
        (card,) = desk.claim(alice)

        decision = desk.decide(alice, card, [second, third])

        kitchen = desk.category("Kitchen")
        assert desk.labels() == dict.fromkeys([first, second, third], kitchen)
        assert decision.left_out == ()
        one, other = decision.taken_along
        assert (one.product_id, one.verdict) == (second, Verdict.CONFIRMED)
        assert (other.product_id, other.verdict) == (third, Verdict.CORRECTED)
        assert {one.asked_because, other.asked_because} == {AskedBecause.LOOK_ALIKE}
        assert other.shown_category_id == desk.category("Watches")
        assert one.took_ms is None
        assert not desk.entry(second).is_waiting
        assert desk.entry(fourth).is_waiting

    def test_without_a_model_compares_with_what_the_seller_says(self, desk, mugs, alice):
        (card,) = desk.claim(alice)

        decision = desk.decide(alice, card, mugs[1:2], category="Watches")

        assert decision.taken_along[0].verdict is Verdict.CORRECTED
        assert decision.taken_along[0].shown_round_id is None

    def test_the_same_key_again_changes_nothing_and_answers_the_same(self, desk, mugs, alice):
        (card,) = desk.claim(alice)
        one = desk.decide(alice, card, mugs[1:3], idempotency_key="k")
        n_acts = len(desk.acts())

        other = desk.decide(alice, card, mugs[1:3], idempotency_key="k")

        assert other == one
        assert len(desk.acts()) == n_acts == 3

    def test_the_same_key_again_takes_along_nothing_that_has_become_free(
        self, desk, mugs, alice, bob
    ):
        (card,) = desk.claim(alice)
        (others,) = desk.claim(bob)
        one = desk.decide(alice, card, mugs[1:3], idempotency_key="k")
        desk.decide(bob, others, [], category=None, verdict=Verdict.SKIPPED)
        n_acts = len(desk.acts())

        other = desk.decide(alice, card, mugs[1:3], idempotency_key="k")

        assert other.taken_along == one.taken_along
        assert [left.product_id for left in other.left_out] == [mugs[1]]
        assert len(desk.acts()) == n_acts
        assert mugs[1] not in desk.labels()

    def test_leaves_what_somebody_else_has_and_says_so(self, desk, mugs, alice, bob):
        (card,) = desk.claim(alice)
        (others,) = desk.claim(bob)

        decision = desk.decide(alice, card, mugs[1:3])

        (left,) = decision.left_out
        assert (left.product_id, left.because) == (others.product.id, NotTakenBecause.HELD)
        assert left.name == "Mug 1"
        assert [act.product_id for act in decision.taken_along] == [mugs[2]]
        assert mugs[1] not in desk.labels()

    def test_takes_along_what_waits_on_the_same_desk(self, desk, mugs, alice):
        card, behind = desk.claim(alice, n=2)

        decision = desk.decide(alice, card, [behind.product.id])

        assert len(decision.taken_along) == 1
        assert desk.entry(behind.product.id).leased_to is None

    def test_leaves_what_was_decided_meanwhile(self, desk, mugs, alice, bob):
        (card,) = desk.claim(alice)
        (others,) = desk.claim(bob)
        desk.decide(bob, others, [], category="Watches")

        decision = desk.decide(alice, card, mugs[1:2])

        assert decision.left_out[0].because is NotTakenBecause.DECIDED
        assert desk.labels()[mugs[1]] == desk.category("Watches")

    @pytest.mark.parametrize("change", [{"group_number": 9}, {"is_evaluation": True}])
    def test_leaves_what_is_no_look_alike_any_more(self, desk, mugs, alice, change):
        (card,) = desk.claim(alice)
        desk.change(mugs[1], **change)

        decision = desk.decide(alice, card, mugs[1:2])

        assert decision.left_out[0].because is NotTakenBecause.NOT_ALIKE
        assert mugs[1] not in desk.labels()

    @pytest.mark.parametrize(
        ("values", "along"),
        [
            ({"verdict": Verdict.SKIPPED, "category": None}, 1),
            ({}, AT_MOST + 1),
        ],
    )
    def test_without_a_category_or_too_many_is_refused_whole(
        self, desk, mugs, alice, values, along
    ):
        (card,) = desk.claim(alice)

        with pytest.raises(InvalidInputError):
            desk.decide(alice, card, list(range(1, along + 1)), **values)

        assert desk.acts() == []

    def test_a_product_of_nowhere_refuses_the_whole_decision(self, desk, mugs, alice):
        (card,) = desk.claim(alice)

        with pytest.raises(NotFoundError):
            desk.decide(alice, card, [999])

        assert desk.acts() == []


class TestQueue:
    def test_near_duplicates_that_are_not_ticked_wait_behind(self, desk, mugs, alice):
        for product_id in mugs:
            with desk.database.begin() as session:
                session.get_one(QueueEntryRow, product_id).reason = "uncertain"
        (card,) = desk.claim(alice)

        desk.decide(alice, card, [mugs[1]])

        assert desk.claim(alice)[0].product.name == "Watch"
        assert desk.entry(mugs[2]).priority < 0

    def test_taking_back_gives_them_their_places_again(self, desk, mugs, alice):
        for product_id in mugs:
            with desk.database.begin() as session:
                session.get_one(QueueEntryRow, product_id).reason = "uncertain"
        (card,) = desk.claim(alice)
        before = [desk.entry(product_id).priority for product_id in mugs]
        desk.decide(alice, card, [mugs[1]])

        desk.undo(alice)

        assert [desk.entry(product_id).priority for product_id in mugs] == pytest.approx(before)


class TestUndo:
    def test_takes_the_whole_decision_back_as_one(self, desk, mugs, alice):
        (card,) = desk.claim(alice)
        desk.decide(alice, card, mugs[1:3])

        again = desk.undo(alice)

        assert again.product.id == mugs[0]
        assert desk.labels() == {}
        assert all(desk.entry(product_id).is_waiting for product_id in mugs[1:])
        assert desk.entry(mugs[0]).leased_to == alice.id

    def test_twice_under_one_key_takes_back_once(self, desk, mugs, alice):
        first, second = desk.claim(alice, n=2)
        desk.decide(alice, second, [])
        desk.decide(alice, first, mugs[2:])

        for _ in range(2):
            desk.undo(alice, key="same")

        assert list(desk.labels()) == [second.product.id]

    def test_leaves_what_somebody_else_has_decided_since(self, desk, mugs, alice, bob):
        (card,) = desk.claim(alice)
        desk.decide(alice, card, mugs[1:3])
        with desk.database.begin() as session:
            review.annotate(
                session,
                catalogue=desk.shop,
                product_id=mugs[1],
                user_id=bob.id,
                verdict=Verdict.CORRECTED,
                category_id=factories.category_id(session, desk.shop, "Watches"),
                idempotency_key="bob's",
                now=desk.now,
            )

        desk.undo(alice)

        assert desk.labels() == {mugs[1]: desk.category("Watches")}

    def test_of_an_act_that_is_named_takes_that_one_back_alone(self, desk, mugs, alice):
        (card,) = desk.claim(alice)
        decision = desk.decide(alice, card, mugs[1:3])

        desk.undo(alice, annotation_id=decision.taken_along[0].id)

        assert sorted(desk.labels()) == [mugs[0], mugs[2]]

    def test_leaves_other_acts_of_the_same_moment_alone(self, desk, mugs, alice, shop):
        with desk.database.begin() as session:
            for number, product_id in enumerate(mugs):
                review.annotate(
                    session,
                    catalogue=shop,
                    product_id=product_id,
                    user_id=alice.id,
                    verdict=Verdict.CORRECTED,
                    category_id=factories.category_id(session, shop, "Kitchen"),
                    idempotency_key=f"bulk {number}",
                    now=desk.now,
                )

        desk.undo(alice)

        assert sorted(desk.labels()) == mugs[:3]
