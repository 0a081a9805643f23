"""The figures of people, from what they did at the desk."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests import factories
from webapp.domain.review import Verdict
from webapp.domain.vigilance import Attention
from webapp.services import review, team
from webapp.storage import catalogues

DATA = Path(__file__).resolve().parents[2] / "data" / "out_of_fold.npz"
N_CARDS = 300
LEASE_S = 600


@pytest.fixture
def products(database, shop):
    with database.begin() as session:
        ids = [factories.make_product(session, shop) for _ in range(40)]
        factories.make_round(
            session, shop, {each: {"Kitchen": 0.7, "Watches": 0.3} for each in ids}
        )
    return ids


def act(session, shop, product_id, user, category, **values):
    verdict = Verdict.CONFIRMED if category == "Kitchen" else Verdict.CORRECTED
    return factories.make_annotation(
        session, shop, product_id, user, verdict, category=category, **values
    )


def look(database, shop, user, now):
    with database.read() as session:
        return team.look(
            session, catalogue=catalogues.get(session, slug=shop.slug), user=user, now=now
        )


def test_counts_what_stands_of_this_week_and_ever(database, shop, products, alice, now):
    with database.begin() as session:
        act(session, shop, products[0], alice, "Kitchen", at=now - timedelta(days=30))
        act(session, shop, products[1], alice, "Kitchen", at=now)
        taken_back = act(session, shop, products[2], alice, "Kitchen", at=now)
        factories.make_annotation(
            session, shop, products[2], alice, Verdict.UNDONE, undoes=taken_back, at=now
        )

    own = look(database, shop, alice, now).own

    assert (own.n_week, own.n_all) == (1, 2)


def test_tells_what_was_overridden_and_what_was_answered_without_suggestion(
    database, shop, products, alice, now
):
    with database.begin() as session:
        for number in range(10):
            act(
                session,
                shop,
                products[number],
                alice,
                "Watches" if number < 3 else "Kitchen",
                shown=(1, "Kitchen"),
                at=now,
            )
        for number in range(10, 14):
            act(
                session,
                shop,
                products[number],
                alice,
                "Watches" if number < 11 else "Kitchen",
                is_suggestion_hidden=True,
                at=now,
            )

    own = look(database, shop, alice, now).own

    assert (own.overridden.n_hits, own.overridden.n) == (3, 10)
    assert (own.differing.n_hits, own.differing.n) == (1, 4)
    assert own.overridden.low == pytest.approx(0.0667, abs=1e-4)


def test_hidden_answers_are_compared_with_the_round_that_was_live_then(
    database, shop, products, alice, now
):
    with database.begin() as session:
        act(
            session,
            shop,
            products[0],
            alice,
            "Watches",
            is_suggestion_hidden=True,
            at=now - timedelta(days=1),
        )
        act(session, shop, products[1], alice, "Watches", is_suggestion_hidden=True, at=now)

    own = look(database, shop, alice, now).own

    assert (own.differing.n_hits, own.differing.n) == (1, 1)  # before, no round was live


def test_a_moderator_sees_herself_and_of_others_the_middle_alone(
    database, shop, products, alice, bob, carol, now
):
    with database.begin() as session:
        third = factories.make_user(session, name="erin")
        people = [bob, third, factories.make_user(session, name="frank")]
        for number, user in enumerate([alice, *people]):
            for product_id in products[: number + 1]:
                act(session, shop, product_id, user, "Kitchen", at=now)

    seen, all_seen = look(database, shop, alice, now), look(database, shop, carol, now)

    assert seen.people == ()
    assert (seen.own.n_week, seen.others.n_week) == (1, 3)
    assert [person.name for person in all_seen.people] == ["Alice", "Bob", "Erin", "Frank"]
    assert all_seen.own is None


def test_a_moderator_has_her_own_figures_read_anew_and_those_of_others_as_they_were(
    database, shop, products, alice, bob, now
):
    with database.begin() as session:
        people = [bob, *(factories.make_user(session, name=name) for name in ("erin", "frank"))]
        for user in (alice, *people):
            act(session, shop, products[0], user, "Kitchen", shown=(1, "Kitchen"), at=now)
    with database.read() as session:
        everybody = team.read_everybody(session, catalogue=shop, now=now)
    with database.begin() as session:
        for user in (alice, *people):
            act(session, shop, products[1], user, "Kitchen", shown=(1, "Kitchen"), at=now)

    with database.read() as session:
        seen = team.look(
            session,
            catalogue=shop,
            user=alice,
            now=now + timedelta(minutes=1),
            everybody=everybody,
        )

    assert (seen.own.n_all, seen.own.overridden.n, seen.others.n_week) == (2, 2, 1)


def test_names_for_pairs_are_told_to_admins_alone(database, shop, alice, carol):
    with database.read() as session:
        told, all_told = (
            team.look_at_agreement(session, catalogue=shop, user=user) for user in (alice, carol)
        )

    assert told.names == {}
    assert all_told.names[alice.id] == "Alice"


def test_the_middle_of_two_others_would_tell_who_they_are(
    database, shop, products, alice, bob, dana, now
):
    with database.begin() as session:
        for user in (alice, bob, dana):
            act(session, shop, products[0], user, "Kitchen", at=now)

    others = look(database, shop, alice, now).others

    assert (others.n, others.n_week) == (2, None)


@pytest.mark.slow
def test_over_300_cards_of_the_desk_only_who_always_confirms_is_noticed(
    database, alice, bob, carol, now
):
    data = np.load(DATA)
    names = [f"C{column}" for column in range(data["probabilities"].shape[1])]
    truth = {}
    with database.begin() as session:
        shop = factories.make_catalogue(session, categories=tuple(names), hidden_share=5)
        said = {}
        for row, probabilities in enumerate(data["probabilities"].astype(float)):
            product_id = factories.make_product(
                session,
                shop,
                source=None,
                priority=float(1 - probabilities.max()) + 0.001,
                reason="uncertain",
                group_number=int(data["groups"][row]),
            )
            truth[product_id] = factories.category_id(session, shop, names[data["columns"][row]])
            said[product_id] = dict(zip(names, probabilities.tolist(), strict=True))
        factories.make_round(session, shop, said)
    with database.read() as session:
        shop = catalogues.get(session, slug="shop")
    rng = np.random.default_rng(0)

    for number in range(N_CARDS):
        for user in (alice, bob):
            moment = now + timedelta(seconds=6 * number)
            with database.begin() as session:
                (card,) = review.claim(
                    session, catalogue=shop, user_id=user.id, now=moment, lease_s=LEASE_S
                )
                says = truth[card.product.id]
                if user is bob and card.prediction is not None:
                    says = card.prediction.category_id  # Enter, whatever is shown
                elif rng.random() < 0.02:
                    says = int(rng.choice(list(truth.values())))
                review.annotate(
                    session,
                    catalogue=shop,
                    product_id=card.product.id,
                    user_id=user.id,
                    lease=card.lease,
                    verdict=Verdict.CONFIRMED,
                    category_id=says,
                    idempotency_key=f"{user.id} {number}",
                    took_ms=2000,
                    now=moment + timedelta(seconds=2),
                )

    seen = {
        person.name: person
        for person in look(database, shop, carol, now + timedelta(hours=1)).people
    }
    assert seen["Bob"].vigilance.attention is Attention.CONFIRMS
    assert seen["Alice"].vigilance.attention is Attention.LOOKS
    assert seen["Bob"].overridden.n_hits < seen["Alice"].overridden.n_hits
    assert seen["Alice"].differing.n > 3  # about 15 cards came without suggestion
    assert seen["Alice"].pace.seconds.value == 2
    assert seen["Alice"].pace.per_hour.value == pytest.approx(600)
