"""Annotations, the label that follows from them, and the card that a moderator sees."""

from __future__ import annotations

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
    """What follows from the annotations of a product: still open, labelled, or flagged."""

    OPEN = "open"
    LABELLED = "labelled"
    FLAGGED = "flagged"


class AskedBecause(StrEnum):
    """Why a product is asked now."""

    UNCERTAIN = "uncertain"  # the margin of the fused prediction is small
    EVALUATION = "evaluation"  # part of the random evaluation set; the suggestion is hidden
    RANDOM = "random"  # there is no model yet
    NEW = "new"  # imported after the last round
    SKIPPED = "skipped"  # somebody skipped it before
    CHOSEN = "chosen"  # a person opened it from the products page


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
