"""What rounds predict; written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.retraining import Prediction, Ranked
from webapp.storage.tables import PredictionRow

_PREDICTIONS = cast(Table, PredictionRow.__table__)
_FIND_MANY = select(_PREDICTIONS).where(  # made once: every card reads one
    _PREDICTIONS.c.round_id == bindparam("of_round"),
    _PREDICTIONS.c.product_id.in_(bindparam("of_products", expanding=True)),
)
_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement


def find_many(
    session: Session, *, round_id: int, product_ids: Sequence[int]
) -> dict[int, Prediction]:
    """Return the predictions of one round for those products that have one, by product id."""
    rows = session.connection().execute(
        _FIND_MANY, {"of_round": round_id, "of_products": product_ids}
    )
    return {row.product_id: prediction_of(row) for row in rows}


def list_categories(
    session: Session, *, round_id: int, product_ids: Sequence[int]
) -> dict[int, int]:
    """Return the category that one round predicts for those products, by product id."""
    found: dict[int, int] = {}
    for start in range(0, len(product_ids), _IDS_AT_ONCE):
        found |= dict(
            session.execute(
                select(PredictionRow.product_id, PredictionRow.category_id).where(
                    PredictionRow.round_id == round_id,
                    PredictionRow.product_id.in_(product_ids[start : start + _IDS_AT_ONCE]),
                )
            ).all()
        )
    return found


def prediction_of(row: PredictionRow | Row[*tuple[Any, ...]]) -> Prediction:
    """Return the record of a row."""
    return Prediction(
        round_id=row.round_id,
        product_id=row.product_id,
        category_id=row.category_id,
        probability=row.probability,
        margin=row.margin,
        fused=_ranked(row.fused),
        text=None if row.text is None else _ranked(row.text),
        image=None if row.image is None else _ranked(row.image),
    )


def _ranked(pairs: list[Any]) -> tuple[Ranked, ...]:
    return tuple(Ranked(int(category_id), float(p)) for category_id, p in pairs)
