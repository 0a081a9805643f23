"""Answers of several people to the same products, and what they come to together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.domain.agreement import Consensus, TeamAgreement, read_agreement
from webapp.domain.review import Annotation
from webapp.storage.annotations import annotation_of
from webapp.storage.tables import (
    AnnotationRow,
    ConsensusRow,
    PredictionRow,
    RoundRow,
    TeamFiguresRow,
)

_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement


def iterate_shared(
    session: Session, *, catalogue_id: int
) -> Iterator[tuple[int, list[Annotation]]]:
    """Yield each product that several people decide, with all acts on it."""
    shared = select(AnnotationRow.product_id).where(
        AnnotationRow.catalogue_id == catalogue_id, AnnotationRow.n_needed > 1
    )
    rows = session.execute(
        select(AnnotationRow.__table__)
        .where(AnnotationRow.product_id.in_(shared))
        .order_by(AnnotationRow.product_id, AnnotationRow.id)
    )
    for product_id, acts in groupby(rows, key=lambda row: int(row.product_id)):
        yield product_id, [annotation_of(row) for row in acts]


def list_probabilities(
    session: Session, *, round_id: int, product_ids: Sequence[int]
) -> dict[int, list[tuple[int, float]]]:
    """Return what a round says of those products: categories and probabilities, likeliest first."""
    found: dict[int, list[tuple[int, float]]] = {}
    for start in range(0, len(product_ids), _IDS_AT_ONCE):
        rows = session.execute(
            select(PredictionRow.product_id, PredictionRow.fused).where(
                PredictionRow.round_id == round_id,
                PredictionRow.product_id.in_(product_ids[start : start + _IDS_AT_ONCE]),
            )
        )
        found |= {row.product_id: [(int(c), float(p)) for c, p in row.fused] for row in rows}
    return found


def find(session: Session, *, product_ids: Collection[int]) -> dict[int, Consensus]:
    """Return what people's answers come to, of those products that have several, by product."""
    rows = session.scalars(select(ConsensusRow).where(ConsensusRow.product_id.in_(product_ids)))
    return {
        row.product_id: Consensus(
            product_id=row.product_id,
            n_people=row.n_people,
            majority_category_id=row.majority_category_id,
            category_id=row.category_id,
            quality=row.quality,
        )
        for row in rows
    }


def remove(session: Session, *, catalogue_id: int) -> None:
    """Forget what answers came to, before it is stored anew."""
    session.execute(delete(ConsensusRow).where(ConsensusRow.catalogue_id == catalogue_id))


def add_many(session: Session, *, catalogue_id: int, found: Sequence[Consensus]) -> None:
    """Store what answers come to."""
    if found:
        session.execute(
            insert(ConsensusRow),
            [
                {
                    "product_id": each.product_id,
                    "catalogue_id": catalogue_id,
                    "n_people": each.n_people,
                    "majority_category_id": each.majority_category_id,
                    "category_id": each.category_id,
                    "quality": each.quality,
                }
                for each in found
            ],
        )


def write_agreement(
    session: Session,
    *,
    catalogue_id: int,
    round_id: int | None,
    figures: dict[str, Any],
    now: datetime,
) -> None:
    """Store how well people agree, in place of what was known before."""
    row = session.get(TeamFiguresRow, catalogue_id)
    if row is None:
        row = TeamFiguresRow(catalogue_id=catalogue_id)
        session.add(row)
    row.round_id, row.figures, row.computed_at = round_id, figures, now
    session.flush()


def find_agreement(session: Session, *, catalogue_id: int) -> TeamAgreement | None:
    """Return how well people agree, as it was found last, or None."""
    row = session.execute(
        select(TeamFiguresRow.figures, TeamFiguresRow.computed_at, RoundRow.number)
        .outerjoin(RoundRow, RoundRow.id == TeamFiguresRow.round_id)
        .where(TeamFiguresRow.catalogue_id == catalogue_id)
    ).one_or_none()
    if row is None:
        return None
    return read_agreement(row.figures, round_number=row.number, computed_at=row.computed_at)
