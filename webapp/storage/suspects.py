"""The suspects of a round, and what has become of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from webapp.domain.review import ProductState
from webapp.domain.suspects import ListedSuspect, Recorder, Suspect
from webapp.storage.tables import (
    AcceptanceRow,
    AcceptanceRuleRow,
    LabelRow,
    ProductRow,
    RoundRow,
    SuspectRow,
)


def add_many(session: Session, *, round_id: int, listed: Sequence[Suspect]) -> None:
    """Add suspects of a round."""
    if listed:
        rows = [
            {
                "round_id": round_id,
                "product_id": each.product_id,
                "rank": each.rank,
                "is_label": each.is_label,
                "recorded_category_id": each.recorded_category_id,
                "proposed_category_id": each.proposed_category_id,
                "recorded_probability": each.recorded_probability,
                "proposed_probability": each.proposed_probability,
                "score": each.score,
            }
            for each in listed
        ]
        session.connection().execute(insert(SuspectRow), rows)


def list_flagged(session: Session, *, catalogue_id: int) -> set[int]:
    """Return the products that somebody has taken out of the catalogue."""
    flagged = select(ProductRow.id).where(
        ProductRow.catalogue_id == catalogue_id, ProductRow.state == ProductState.FLAGGED.value
    )
    return set(session.scalars(flagged))


def list_all(
    session: Session, *, round_id: int, recorder: Recorder | None = None
) -> list[ListedSuspect]:
    """Return the suspects of a round in the order of their ranks, or those of one recorder."""
    known = session.scalar(select(RoundRow.last_annotation_id).where(RoundRow.id == round_id)) or 0
    query = (
        select(SuspectRow, ProductRow.state, LabelRow.category_id, LabelRow.annotation_id)
        .join(ProductRow, ProductRow.id == SuspectRow.product_id)
        .outerjoin(LabelRow, LabelRow.product_id == SuspectRow.product_id)
        .where(SuspectRow.round_id == round_id, ~_is_audit())
        .order_by(SuspectRow.rank)
    )
    if recorder is not None:
        query = query.where(SuspectRow.is_label == (recorder is Recorder.MODERATOR))
    return [
        _listed(row, ProductState(state), category_id, annotation_id or 0, known)
        for row, state, category_id, annotation_id in session.execute(query)
    ]


def find(session: Session, *, round_id: int, product_id: int) -> Suspect | None:
    """Return a product's place in the list of a round, or None where it has none."""
    row = session.scalar(
        select(SuspectRow).where(
            SuspectRow.round_id == round_id, SuspectRow.product_id == product_id, ~_is_audit()
        )
    )
    return _suspect(row) if row else None


def find_label_annotation_id(session: Session, *, product_id: int) -> int:
    """Return the annotation that labels a product now, 0 where none does."""
    found = session.scalar(select(LabelRow.annotation_id).where(LabelRow.product_id == product_id))
    return found or 0


def count_by_recorder(session: Session, *, round_id: int) -> dict[Recorder, int]:
    """Return how many suspects of a round each kind of people has recorded."""
    rows = session.execute(
        select(SuspectRow.is_label, func.count())
        .where(SuspectRow.round_id == round_id, ~_is_audit())
        .group_by(SuspectRow.is_label)
    )
    counts = {_recorder(is_label): n for is_label, n in rows}
    return {recorder: counts.get(recorder, 0) for recorder in Recorder}


def _is_audit() -> ColumnElement[bool]:
    """Tell whether a product was drawn to check a rule of the same round.

    The desk asks those without a suggestion. Decided here instead, where the model's is shown,
    they would leave the random sample: just those on which seller and model disagree.
    """
    return (
        select(AcceptanceRow.id)
        .join(AcceptanceRuleRow, AcceptanceRuleRow.id == AcceptanceRow.rule_id)
        .where(
            AcceptanceRow.product_id == SuspectRow.product_id,
            AcceptanceRow.is_audited,
            AcceptanceRuleRow.round_id == SuspectRow.round_id,
        )
        .exists()
    )


def _listed(
    row: SuspectRow,
    state: ProductState,
    category_id: int | None,
    annotation_id: int,
    known: int,
) -> ListedSuspect:
    has_changed = None
    if state is ProductState.FLAGGED:
        has_changed = False
    elif annotation_id > known:
        has_changed = category_id != row.recorded_category_id
    return ListedSuspect(_suspect(row), has_changed, annotation_id)


def _suspect(row: SuspectRow) -> Suspect:
    return Suspect(
        product_id=row.product_id,
        rank=row.rank,
        is_label=row.is_label,
        recorded_category_id=row.recorded_category_id,
        proposed_category_id=row.proposed_category_id,
        recorded_probability=row.recorded_probability,
        proposed_probability=row.proposed_probability,
        score=row.score,
    )


def _recorder(is_label: bool) -> Recorder:
    return Recorder.MODERATOR if is_label else Recorder.SELLER
