"""In which order the labels of a catalogue came, and what was shown to those who gave them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.labelling_worth import LabelDecision
from webapp.domain.review import AskedBecause, Verdict
from webapp.storage.tables import AnnotationRow, LabelRow, PredictionRow


def list_decisions(
    session: Session, *, catalogue_id: int, last_annotation_id: int | None
) -> list[LabelDecision]:
    """Return the decisions behind the labels of a catalogue, the first one first.

    Parameters
    ----------
    last_annotation_id
        The newest act that counts; None where there is none at all.
    """
    rows = session.execute(
        select(
            LabelRow.product_id,
            AnnotationRow.asked_because,
            AnnotationRow.verdict,
            AnnotationRow.shown_category_id,
        )
        .join(AnnotationRow, AnnotationRow.id == LabelRow.annotation_id)
        .where(
            LabelRow.catalogue_id == catalogue_id,
            LabelRow.annotation_id <= (last_annotation_id or 0),
        )
        .order_by(LabelRow.annotation_id)
    )
    return [
        LabelDecision(
            product_id=row.product_id,
            asked_because=AskedBecause(row.asked_because),
            is_correction=None
            if row.shown_category_id is None
            else row.verdict == Verdict.CORRECTED.value,
        )
        for row in rows
    ]


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
