"""What happened to one product: what was decided, imported and predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.products import Product
from webapp.domain.retraining import Prediction
from webapp.domain.review import Annotation

MAX_VALUE_LENGTH = 300  # of a value in a list of changes; the page shows the whole of today's


@dataclass(frozen=True, slots=True)
class PastAnnotation:
    """An annotation, who made it, and whether it was undone later.

    ``shown_round_number`` is that of the round whose suggestion was shown, None without one.
    """

    annotation: Annotation
    user_name: str
    shown_round_number: int | None
    is_undone: bool


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose value an import changed."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PastVersion:
    """What an import said of the product; ``changes`` is empty for the first version."""

    number: int
    file_name: str
    created_at: datetime
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class PastPrediction:
    """What one round said of the product."""

    round_number: int
    finished_at: datetime
    is_live: bool
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class PastAcceptance:
    """That a certified rule decided the product; ``ended_at`` is None while it stands."""

    rule_id: int
    round_number: int
    category_id: int
    probability: float
    target: float
    is_audited: bool
    accepted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProductStory:
    """One product and all that happened to it, each list newest first.

    Where the suggestion is hidden, nothing here tells what a model or the seller thinks: there
    are no predictions, and the product comes without its source category.

    Parameters
    ----------
    live
        What the live round says, None where it says nothing or is hidden.
    flag
        The act that flagged the product, None unless it is flagged.
    """

    product: Product
    is_suggestion_hidden: bool
    label_id: int | None
    live: PastPrediction | None
    flag: PastAnnotation | None
    annotations: tuple[PastAnnotation, ...]
    versions: tuple[PastVersion, ...]
    predictions: tuple[PastPrediction, ...]
    acceptances: tuple[PastAcceptance, ...] = ()


def list_changes(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two versions, in the order of the newer one.

    Examples
    --------
    >>> [change.field for change in list_changes({"name": "Mug"}, {"name": "Cup", "price": "2"})]
    ['name', 'price']
    """
    fields = [*after, *(field for field in before if field not in after)]
    return tuple(
        FieldChange(field, _words(before.get(field)), _words(after.get(field)))
        for field in fields
        if before.get(field) != after.get(field)
    )


def _words(value: object) -> str:
    """Write a value as one line: pairs as ``key: value``, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, list):
        text = ", ".join(
            f"{entry[0]}: {entry[1]}"
            if isinstance(entry, list) and len(entry) == 2
            else _words(entry)
            for entry in value
        )
    else:
        text = str(value)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]}…"
