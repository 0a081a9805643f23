"""Counts of what a round would train on now."""

from __future__ import annotations

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.retraining import Outlook
from webapp.storage.tables import LabelRow, LiveRoundRow, ProductRow, RoundRow


def count(session: Session, *, catalogue_id: int) -> Outlook:
    """Count labels and source categories, inside and outside the evaluation set."""
    last_seen = (
        select(func.coalesce(RoundRow.last_annotation_id, 0))
        .join(LiveRoundRow, LiveRoundRow.round_id == RoundRow.id)
        .where(LiveRoundRow.catalogue_id == catalogue_id)
        .scalar_subquery()
    )
    evaluates = ProductRow.is_evaluation.is_(True)
    trains = or_(ProductRow.is_evaluation.is_(None), ProductRow.is_evaluation.is_(False))
    has_label = LabelRow.product_id.is_not(None)
    has_source = ProductRow.source_category_id.is_not(None)
    row = session.execute(
        select(
            func.count(),
            func.sum(case((trains & has_label, 1), else_=0)),
            func.sum(case((trains & ~has_label & has_source, 1), else_=0)),
            func.sum(case((evaluates, 1), else_=0)),
            func.sum(case((evaluates & has_label, 1), else_=0)),
            func.sum(case((LabelRow.annotation_id > func.coalesce(last_seen, 0), 1), else_=0)),
        )
        .select_from(ProductRow)
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .where(ProductRow.catalogue_id == catalogue_id)
    ).one()
    return Outlook(*(int(n or 0) for n in row))
