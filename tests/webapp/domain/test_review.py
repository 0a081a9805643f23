from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.catalogue_settings import read_settings
from webapp.domain.review import (
    Annotation,
    AskedBecause,
    Outcome,
    Probe,
    ProductState,
    Verdict,
    answers_of,
    hides_answers,
    people_needed,
    settle,
    standing,
    verdict_of_category,
    wants_another,
)

WATCHES, KITCHEN = 1, 2
ALICE, BOB, CAROL = 1, 2, 3
OPEN = Outcome(ProductState.OPEN, None, None)


def act(
    number: int,
    verdict: Verdict,
    category_id: int | None = None,
    undoes: int | None = None,
    *,
    by: int = ALICE,
    n_needed: int = 1,
    because: AskedBecause = AskedBecause.RANDOM,
    planted: int | None = None,
) -> Annotation:
    return Annotation(
        id=number,
        product_id=1,
        user_id=by,
        verdict=verdict,
        category_id=category_id,
        note="",
        undoes_id=undoes,
        asked_because=because,
        is_suggestion_hidden=False,
        shown_round_id=None,
        shown_category_id=planted,
        shown_probability=None,
        took_ms=None,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        n_needed=n_needed,
        probe=None if planted is None else Probe.PLANTED,
    )


def answer(number: int, by: int, category_id: int | None, **values) -> Annotation:
    """One person's decision of a product that two people decide; None flags it."""
    verdict = Verdict.FLAGGED if category_id is None else Verdict.CORRECTED
    return act(number, verdict, category_id, by=by, **{"n_needed": 2, **values})


class TestSettle:
    def test_a_product_without_acts_is_open(self):
        assert settle([]) == OPEN

    def test_the_last_category_wins(self):
        acts = [act(1, Verdict.CONFIRMED, WATCHES), act(2, Verdict.CORRECTED, KITCHEN)]

        assert settle(acts) == Outcome(ProductState.LABELLED, KITCHEN, 2)

    def test_the_order_of_reading_does_not_matter(self):
        acts = [act(2, Verdict.CORRECTED, KITCHEN), act(1, Verdict.CONFIRMED, WATCHES)]

        assert settle(acts).category_id == KITCHEN

    def test_undoing_brings_the_earlier_label_back(self):
        acts = [
            act(1, Verdict.CONFIRMED, WATCHES),
            act(2, Verdict.CORRECTED, KITCHEN),
            act(3, Verdict.UNDONE, undoes=2),
        ]

        assert settle(acts) == Outcome(ProductState.LABELLED, WATCHES, 1)

    def test_undoing_the_only_act_opens_the_product(self):
        assert settle([act(1, Verdict.FLAGGED), act(2, Verdict.UNDONE, undoes=1)]) == OPEN

    def test_a_flag_takes_a_labelled_product_out(self):
        acts = [act(1, Verdict.CONFIRMED, WATCHES), act(2, Verdict.FLAGGED)]

        assert settle(acts) == Outcome(ProductState.FLAGGED, None, 2)

    def test_a_skip_leaves_an_open_product_open_and_a_label_in_place(self):
        assert settle([act(1, Verdict.SKIPPED)]) == OPEN
        acts = [act(1, Verdict.CONFIRMED, WATCHES), act(2, Verdict.SKIPPED)]
        assert settle(acts).category_id == WATCHES


class TestSettleOfSeveral:
    def test_is_open_until_so_many_people_have_decided(self):
        acts = [
            answer(1, ALICE, WATCHES),
            answer(2, ALICE, WATCHES),
            act(3, Verdict.SKIPPED, by=BOB),
        ]

        outcome = settle(acts)

        assert outcome == OPEN
        assert outcome.n_answers == 1
        assert wants_another(acts, outcome.state)

    def test_what_all_agree_on_is_the_label(self):
        acts = [answer(1, ALICE, WATCHES), answer(2, BOB, WATCHES)]

        assert settle(acts) == Outcome(ProductState.LABELLED, WATCHES, 2)
        assert settle([answer(1, ALICE, None), answer(2, BOB, None)]).state is ProductState.FLAGGED

    @pytest.mark.parametrize("other", [KITCHEN, None])
    def test_answers_that_differ_are_a_dispute(self, other):
        outcome = settle([answer(1, ALICE, WATCHES), answer(2, BOB, other)])

        assert outcome == Outcome(ProductState.DISPUTED, None, None)
        assert outcome.n_answers == 2

    def test_a_later_decision_of_a_person_replaces_hers(self):
        acts = [answer(1, ALICE, KITCHEN), answer(2, BOB, WATCHES), answer(3, ALICE, WATCHES)]

        assert settle(acts) == Outcome(ProductState.LABELLED, WATCHES, 3)

    def test_taking_an_answer_back_opens_the_product_for_another(self):
        acts = [
            answer(1, ALICE, WATCHES),
            answer(2, BOB, WATCHES),
            act(3, Verdict.UNDONE, undoes=1),
        ]

        assert settle(acts) == OPEN

    def test_an_adjudication_wins_over_all_before_it(self):
        acts = [
            answer(1, ALICE, WATCHES),
            answer(2, BOB, KITCHEN),
            answer(3, CAROL, KITCHEN, because=AskedBecause.ADJUDICATION),
        ]

        assert settle(acts) == Outcome(ProductState.LABELLED, KITCHEN, 3)
        assert settle([*acts, act(4, Verdict.UNDONE, undoes=3)]).state is ProductState.DISPUTED

    def test_who_contradicts_an_adjudication_disputes_it_unless_it_is_her_own(self):
        acts = [
            answer(1, ALICE, WATCHES),
            answer(2, BOB, KITCHEN),
            answer(3, CAROL, KITCHEN, because=AskedBecause.ADJUDICATION),
        ]

        assert settle([*acts, answer(4, ALICE, WATCHES)]).state is ProductState.DISPUTED
        assert settle([*acts, answer(4, CAROL, WATCHES)]).category_id == WATCHES

    def test_how_many_decide_was_settled_by_the_first_decision(self):
        acts = [answer(1, ALICE, WATCHES, n_needed=1), answer(2, BOB, KITCHEN, n_needed=3)]

        assert settle(acts) == Outcome(ProductState.LABELLED, KITCHEN, 2)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([ALICE, BOB, CAROL]),
                st.sampled_from([WATCHES, KITCHEN, None]),
                st.booleans(),
            ),
            max_size=8,
        ),
        st.integers(1, 3),
        st.randoms(use_true_random=False),
    )
    def test_follows_from_the_acts_in_whatever_order_they_are_read(self, made, n_needed, random):
        acts: list[Annotation] = []
        for by, category_id, is_undone in made:
            acts.append(answer(len(acts) + 1, by, category_id, n_needed=n_needed))
            if is_undone:
                acts.append(act(len(acts) + 1, Verdict.UNDONE, undoes=acts[-1].id, by=by))
        kept = [(by, category_id) for by, category_id, is_undone in made if not is_undone]
        latest = dict(kept)
        shuffled = random.sample(acts, len(acts))

        outcome = settle(shuffled)

        assert outcome == settle(acts)
        assert outcome.n_answers == len(latest)
        assert {each.user_id for each in answers_of(shuffled)} == set(latest)
        if n_needed == 1 and kept:
            assert outcome.category_id == kept[-1][1]
        elif len(latest) < n_needed:
            assert outcome == OPEN
        elif len(set(latest.values())) > 1:
            assert outcome.state is ProductState.DISPUTED
        else:
            assert outcome.category_id in latest.values()
            assert outcome.state is not ProductState.OPEN


class TestPlanted:
    def test_confirming_what_was_planted_labels_nothing_and_asks_somebody_else(self):
        acts = [act(1, Verdict.CONFIRMED, KITCHEN, planted=KITCHEN)]

        assert settle(acts) == OPEN
        assert wants_another(acts, ProductState.OPEN)

    def test_a_correction_counts_as_any(self):
        acts = [act(1, Verdict.CORRECTED, WATCHES, planted=KITCHEN)]

        assert settle(acts) == Outcome(ProductState.LABELLED, WATCHES, 1)

    def test_it_is_no_answer_of_the_several_that_are_needed(self):
        acts = [
            act(1, Verdict.CONFIRMED, KITCHEN, planted=KITCHEN, n_needed=2),
            answer(2, BOB, WATCHES),
        ]

        assert settle(acts).n_answers == 1


class TestPeopleNeeded:
    def needed(self, acts=(), probability=0.5, because=AskedBecause.RANDOM, **settings):
        return people_needed(
            acts,
            settings=read_settings({"people_per_product": 3, **settings}),
            probability=probability,
            asked_because=because,
        )

    def test_is_the_setting_for_all(self):
        assert self.needed(probability=0.99) == 3

    @pytest.mark.parametrize(("probability", "n"), [(0.74, 3), (0.75, 1), (None, 3)])
    def test_or_for_what_the_model_is_unsure_of(self, probability, n):
        assert self.needed(probability=probability, are_only_unsure_shared=True) == n

    def test_stays_what_the_first_decision_settled(self):
        acts = [answer(1, ALICE, WATCHES), act(2, Verdict.UNDONE, undoes=1)]

        assert self.needed(acts[:1]) == 2
        assert self.needed(acts) == 3

    def test_an_audit_needs_one(self):
        assert self.needed(because=AskedBecause.AUDIT) == 1


def test_answers_of_others_are_hidden_until_all_are_in():
    acts = [answer(1, ALICE, WATCHES)]
    both = [*acts, answer(2, BOB, WATCHES)]

    assert hides_answers(acts, user_id=BOB, state=ProductState.OPEN)
    assert not hides_answers(acts, user_id=ALICE, state=ProductState.OPEN)
    assert hides_answers(both, user_id=ALICE, state=ProductState.OPEN)
    assert not hides_answers(both, user_id=ALICE, state=ProductState.DISPUTED)
    assert not hides_answers([], user_id=BOB, state=ProductState.OPEN)


def test_neither_an_undone_act_nor_its_undoing_stands():
    acts = [
        act(1, Verdict.SKIPPED),
        act(2, Verdict.CONFIRMED, WATCHES),
        act(3, Verdict.UNDONE, undoes=2),
    ]

    assert [kept.id for kept in standing(acts)] == [1]


@pytest.mark.parametrize(
    ("suggested", "source", "verdict"),
    [
        (WATCHES, KITCHEN, Verdict.CONFIRMED),
        (KITCHEN, WATCHES, Verdict.CORRECTED),  # what was suggested counts, not the seller
        (None, WATCHES, Verdict.CONFIRMED),  # nothing suggested: the seller's claim counts
        (None, KITCHEN, Verdict.CORRECTED),
        (None, None, Verdict.CORRECTED),
    ],
)
def test_a_category_confirms_the_claim_that_the_card_made(suggested, source, verdict):
    assert (
        verdict_of_category(WATCHES, suggested_id=suggested, source_category_id=source) == verdict
    )
