"""Many products decided in one act: what may be decided so, and what was left out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from webapp.domain.product_search import hides_suggestion
from webapp.domain.review import Annotation, ProductState, standing

MAX_AT_ONCE = 1000  # one transaction, which holds the write lock for less than a quarter second


class LeftBecause(StrEnum):
    """Why a product that was chosen stays as it was."""

    HELD = "held"  # somebody else is deciding it now
    DECIDED = "decided"  # somebody else has decided it since the list was shown
    MEASURES = "measures"  # undecided, and drawn to measure models or rules: judged one by one
    DISPUTED = "disputed"  # people disagree on it: somebody adjudicates, with their arguments
    ALREADY = "already"  # it is there already


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One act of a person on many products; without a category it flagged them."""

    id: int
    user_id: int
    category_id: int | None
    n_decided: int
    left_out: Mapping[LeftBecause, int]
    created_at: datetime
    undone_at: datetime | None

    @property
    def n_left_out(self) -> int:
        """The number of products that were chosen and stay as they were."""
        return sum(self.left_out.values())


@dataclass(frozen=True, slots=True)
class Target:
    """A product of a bulk act, locked: what is known of it, and what the list showed of it.

    ``shown_category_id`` and ``shown_probability`` are what the live round says.
    """

    id: int
    state: ProductState
    source_category_id: int | None
    is_evaluation: bool | None
    group_number: int | None
    label_id: int | None
    is_held_by_another: bool
    is_audit: bool
    shown_category_id: int | None = None
    shown_probability: float | None = None
    acts: tuple[Annotation, ...] = field(default=())


def left_because(
    target: Target, *, user_id: int, category_id: int | None, seen_id: int
) -> LeftBecause | None:
    """Return why a product is no part of an act, or None where it is.

    Parameters
    ----------
    category_id
        What it would be filed under; None flags it.
    seen_id
        The newest annotation when the list was shown: what others decided later was not seen.
    """
    if target.is_held_by_another:
        return LeftBecause.HELD
    deciding = [act for act in standing(target.acts) if act.decides]
    if any(act.id > seen_id and act.user_id != user_id for act in deciding):
        return LeftBecause.DECIDED
    if target.is_audit or hides_suggestion(is_evaluation=target.is_evaluation, state=target.state):
        return LeftBecause.MEASURES
    if target.state is ProductState.DISPUTED:
        return LeftBecause.DISPUTED
    own = [act for act in deciding if act.user_id == user_id]
    if any(act.category_id == category_id for act in own[-1:]):
        return LeftBecause.ALREADY
    is_flagged = target.state is ProductState.FLAGGED
    if is_flagged if category_id is None else target.label_id == category_id:
        return LeftBecause.ALREADY
    return None


def groups_of(targets: Iterable[Target]) -> set[int]:
    """Return the groups of near-duplicates to which products belong."""
    return {target.group_number for target in targets if target.group_number is not None}
