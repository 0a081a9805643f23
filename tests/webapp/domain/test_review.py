from datetime import UTC, datetime

import pytest

from webapp.domain.review import (
    Annotation,
    AskedBecause,
    Outcome,
    ProductState,
    Verdict,
    settle,
    standing,
    verdict_of_category,
)

WATCHES, KITCHEN = 1, 2
OPEN = Outcome(ProductState.OPEN, None, None)


def act(
    number: int, verdict: Verdict, category_id: int | None = None, undoes: int | None = None
) -> Annotation:
    return Annotation(
        id=number,
        product_id=1,
        user_id=1,
        verdict=verdict,
        category_id=category_id,
        note="",
        undoes_id=undoes,
        asked_because=AskedBecause.RANDOM,
        is_suggestion_hidden=False,
        shown_round_id=None,
        shown_category_id=None,
        shown_probability=None,
        took_ms=None,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


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
