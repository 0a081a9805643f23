"""What happened to one product: what was decided, imported and predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.domain.product_search import hides_suggestion
from webapp.domain.products import Product
from webapp.domain.retraining import Prediction
from webapp.domain.review import Annotation, Probe, ProductState, Verdict

MAX_VALUE_LENGTH = 300  # of a value in a list of changes; the page shows the whole of today's


class HiddenBecause(StrEnum):
    """Why the page of a product keeps back what models and sellers say of it."""

    EVALUATION = "evaluation"  # it measures models: whoever decides it must not be led
    AUDIT = "audit"  # it checks a rule that accepted it: the same
    AT_THE_DESK = "at the desk"  # this person has its card, which shows what it is to show


@dataclass(frozen=True, slots=True)
class PastAnnotation:
    """An annotation, who made it, and whether it was undone later.

    Parameters
    ----------
    shown_round_number
        Of the round whose suggestion was shown, None without one.
    n_in_bulk
        How many products were decided in the same act, None for a product decided by itself.
    """

    annotation: Annotation
    user_name: str
    shown_round_number: int | None
    is_undone: bool
    n_in_bulk: int | None = None

    @property
    def tells_suggestion(self) -> bool:
        """Tell whether the page may say what was suggested: not where it was wrong on purpose.

        People are told that there are such cards, and not which.
        """
        act = self.annotation
        return (
            act.shown_category_id is not None
            and not act.is_suggestion_hidden
            and act.probe is not Probe.PLANTED
        )

    def can_be_restored(self, label_id: int | None) -> bool:
        """Tell whether its category was a label once and is another one than now."""
        act = self.annotation
        return act.decides and act.category_id is not None and act.category_id != label_id


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
class AlikeProduct:
    """A near-duplicate of a product; ``label_id`` is None where it has none or must not tell."""

    product_id: int
    external_id: str
    name: str
    image_sha256: str | None
    label_id: int | None


@dataclass(frozen=True, slots=True)
class ProductStory:
    """One product and all that happened to it, each list newest first.

    Where something is hidden, nothing here tells what a model or the seller thinks: there are no
    predictions and no acceptances, the product comes without its source category, and its
    look-alikes without their labels.

    Parameters
    ----------
    are_answers_hidden
        Whether others have decided it and the reader has not, so that their acts are left out.
    look_alikes
        The first of them; ``group_number`` names all, None where there are none.
    paths
        Of every category that is named here, by id.
    live
        What the live round says, None where it says nothing or is hidden.
    flag
        The act that flagged the product, None unless it is flagged.
    """

    product: Product
    hidden_because: HiddenBecause | None
    are_answers_hidden: bool
    label_id: int | None
    live: PastPrediction | None
    flag: PastAnnotation | None
    annotations: tuple[PastAnnotation, ...]
    versions: tuple[PastVersion, ...]
    predictions: tuple[PastPrediction, ...]
    acceptances: tuple[PastAcceptance, ...]
    group_number: int | None
    look_alikes: tuple[AlikeProduct, ...]
    paths: Mapping[int, str]

    @property
    def is_suggestion_hidden(self) -> bool:
        """Tell whether what models and the seller say is kept back."""
        return self.hidden_because is not None


def why_hidden(
    product: Product, acceptances: Sequence[PastAcceptance], *, is_at_the_desk: bool
) -> HiddenBecause | None:
    """Return why a person must not see what models and the seller say of a product, or None."""
    if hides_suggestion(is_evaluation=product.is_evaluation, state=product.state):
        return HiddenBecause.EVALUATION
    is_audited = any(past.is_audited and past.ended_at is None for past in acceptances)
    if is_audited and product.state is ProductState.ACCEPTED:
        return HiddenBecause.AUDIT
    return HiddenBecause.AT_THE_DESK if is_at_the_desk else None


def standing_flag(
    annotations: Sequence[PastAnnotation], *, state: ProductState
) -> PastAnnotation | None:
    """Return the act that flagged a product, None unless it is flagged; newest acts first."""
    if state is not ProductState.FLAGGED:
        return None
    flags = (
        past
        for past in annotations
        if past.annotation.verdict is Verdict.FLAGGED and not past.is_undone
    )
    return next(flags, None)


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
