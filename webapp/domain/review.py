"""Annotations, and the rules by which a verdict and a product's label follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a moderator did with a product."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    SKIPPED = "skipped"
    FLAGGED = "flagged"
    UNDONE = "undone"


class ProductState(StrEnum):
    """What follows from the annotations of a product: still open, labelled, or flagged.

    An open product that a certified rule has decided is accepted: a moderator may still decide it.
    """

    OPEN = "open"
    LABELLED = "labelled"
    FLAGGED = "flagged"
    ACCEPTED = "accepted"


class AskedBecause(StrEnum):
    """Why a product is asked now."""

    UNCERTAIN = "uncertain"  # the margin of the fused prediction is small
    EVALUATION = "evaluation"  # part of the random evaluation set; the suggestion is hidden
    RANDOM = "random"  # there is no model yet
    NEW = "new"  # imported after the last round
    SKIPPED = "skipped"  # somebody skipped it before
    CHOSEN = "chosen"  # a person opened it from the products page
    CONFLICT = "conflict"  # text and image disagree
    SUSPECT = "suspect"  # the recorded category looks wrong
    TYPICAL = "typical"  # typical of many others
    AUDIT = "audit"  # accepted automatically, drawn at random to check the rule
    LOOK_ALIKE = "look_alike"  # decided together with a near-duplicate


@dataclass(frozen=True, slots=True)
class Annotation:
    """One act of one moderator on one product, with what was shown."""

    id: int
    product_id: int
    user_id: int
    verdict: Verdict
    category_id: int | None
    note: str
    undoes_id: int | None
    asked_because: AskedBecause
    is_suggestion_hidden: bool
    shown_round_id: int | None
    shown_category_id: int | None
    shown_probability: float | None
    took_ms: int | None
    created_at: datetime

    @property
    def decides(self) -> bool:
        """Tell whether the act settles where the product belongs; skipping leaves it open."""
        return self.verdict in {Verdict.CONFIRMED, Verdict.CORRECTED, Verdict.FLAGGED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from all annotations of a product; a labelled one has a category."""

    state: ProductState
    category_id: int | None
    annotation_id: int | None


def standing(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return the acts that count, oldest first: neither undone nor an undoing."""
    annotations = sorted(annotations, key=lambda annotation: annotation.id)
    undone = {annotation.undoes_id for annotation in annotations}
    return [
        annotation
        for annotation in annotations
        if annotation.verdict is not Verdict.UNDONE and annotation.id not in undone
    ]


def settle(annotations: Iterable[Annotation]) -> Outcome:
    """Return what follows from the annotations of one product.

    The last standing act that decides wins: a category labels the product, a flag takes it out.
    A skip says nothing about the category, so it changes nothing.
    """
    deciding = [annotation for annotation in standing(annotations) if annotation.decides]
    if not deciding:
        return Outcome(ProductState.OPEN, None, None)
    last = deciding[-1]
    if last.verdict is Verdict.FLAGGED:
        return Outcome(ProductState.FLAGGED, None, last.id)
    return Outcome(ProductState.LABELLED, last.category_id, last.id)


def verdict_of_category(
    category_id: int, *, suggested_id: int | None, source_category_id: int | None
) -> Verdict:
    """Tell whether choosing a category confirms or corrects.

    What counts is the claim that the card made: the suggestion that was shown. Where none was
    (hidden, or there is no model yet), the claim is the seller's source category.
    """
    claimed_id = source_category_id if suggested_id is None else suggested_id
    return Verdict.CONFIRMED if category_id == claimed_id else Verdict.CORRECTED
