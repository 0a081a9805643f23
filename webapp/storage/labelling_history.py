"""In which order the labels of a catalogue came, and what was shown to those who gave them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.domain.labelling_worth import LabelDecision
from webapp.domain.review import DECIDING, AskedBecause, Probe
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.tables import AnnotationRow, LabelRow, PredictionRow

_AnyRow: TypeAlias = Row[*tuple[Any, ...]]
_ASKED_AGAIN = {AskedBecause.SECOND.value, AskedBecause.ADJUDICATION.value}
_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement


def list_decisions(
    session: Session, *, catalogue_id: int, last_annotation_id: int | None
) -> list[LabelDecision]:
    """Return the decisions behind the labels of a catalogue, the first one first.

    A product that several people decide was asked for the reason that the first of them was told;
    the others only because it was to be decided again.

    Parameters
    ----------
    last_annotation_id
        The newest act that counts; None where there is none at all.
    """
    rows = session.execute(
        select(
            LabelRow.product_id,
            LabelRow.category_id,
            AnnotationRow.asked_because,
            AnnotationRow.shown_category_id,
            AnnotationRow.probe,
        )
        .join(AnnotationRow, AnnotationRow.id == LabelRow.annotation_id)
        .where(
            LabelRow.catalogue_id == catalogue_id,
            LabelRow.annotation_id <= (last_annotation_id or 0),
        )
        .order_by(LabelRow.annotation_id)
    ).all()
    firsts = _first_acts(
        session, [row.product_id for row in rows if row.asked_because in _ASKED_AGAIN]
    )
    return [_decision(row, firsts.get(row.product_id, row)) for row in rows]


def _decision(label: _AnyRow, first: _AnyRow) -> LabelDecision:
    is_said = first.shown_category_id is not None and first.probe != Probe.PLANTED.value
    return LabelDecision(
        product_id=label.product_id,
        asked_because=AskedBecause(first.asked_because),
        is_correction=label.category_id != first.shown_category_id if is_said else None,
    )


def _first_acts(session: Session, product_ids: Sequence[int]) -> dict[int, _AnyRow]:
    """Return the first standing decision on each product."""
    found: dict[int, _AnyRow] = {}
    for start in range(0, len(product_ids), _IDS_AT_ONCE):
        rows = session.execute(
            select(
                AnnotationRow.product_id,
                AnnotationRow.asked_because,
                AnnotationRow.shown_category_id,
                AnnotationRow.probe,
            )
            .where(
                AnnotationRow.product_id.in_(product_ids[start : start + _IDS_AT_ONCE]),
                AnnotationRow.verdict.in_([verdict.value for verdict in DECIDING]),
                ~IS_UNDONE,
            )
            .order_by(AnnotationRow.id.desc())
        )
        found |= {row.product_id: row for row in rows}  # the last one wins, which is the first act
    return found


def list_drawn(
    session: Session,
    *,
    catalogue_id: int,
    reasons: Collection[AskedBecause],
    last_annotation_id: int | None,
) -> set[int]:
    """Return the products that were ever asked for one of those reasons, whatever followed.

    A product stays drawn when it is decided again for another reason, such as that it is a suspect.
    Without these, which are the ones that the model gets wrong, the sample would flatter it.
    """
    asked = select(AnnotationRow.product_id).where(
        AnnotationRow.catalogue_id == catalogue_id,
        AnnotationRow.id <= (last_annotation_id or 0),
        AnnotationRow.asked_because.in_([reason.value for reason in reasons]),
    )
    return set(session.scalars(asked.distinct()))


def list_predicted_categories(session: Session, *, round_id: int) -> dict[int, int]:
    """Return the category that a round gives each product."""
    rows = session.execute(
        select(PredictionRow.product_id, PredictionRow.category_id).where(
            PredictionRow.round_id == round_id
        )
    )
    return dict(rows.all())
