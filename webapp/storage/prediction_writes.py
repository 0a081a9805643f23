"""Storing what a round predicts, and finding what it has not predicted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp.domain.retraining import Prediction, Ranked
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import PredictionRow, ProductRow


def add_many(session: Session, *, predictions: Sequence[Prediction]) -> None:
    """Store predictions; one that is there already stays as it is."""
    add_unless_there(
        session,
        PredictionRow,
        [
            {
                "round_id": prediction.round_id,
                "product_id": prediction.product_id,
                "category_id": prediction.category_id,
                "probability": prediction.probability,
                "margin": prediction.margin,
                "fused": _pairs(prediction.fused),
                "text": _pairs(prediction.text),
                "image": _pairs(prediction.image),
            }
            for prediction in predictions
        ],
    )


def count_missing(session: Session, *, catalogue_id: int, round_id: int) -> int:
    """Count the products that a round has not predicted."""
    predicted = exists().where(
        PredictionRow.round_id == round_id, PredictionRow.product_id == ProductRow.id
    )
    missing = select(func.count()).where(ProductRow.catalogue_id == catalogue_id, ~predicted)
    return session.scalar(missing.select_from(ProductRow)) or 0


def list_predicted(session: Session, *, round_id: int) -> set[int]:
    """Return the ids of the products that a round has predicted."""
    return set(
        session.scalars(select(PredictionRow.product_id).where(PredictionRow.round_id == round_id))
    )


def _pairs(ranked: tuple[Ranked, ...] | None) -> list[list[float]] | None:
    return None if ranked is None else [[r.category_id, r.probability] for r in ranked]
