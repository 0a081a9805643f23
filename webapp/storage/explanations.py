"""What the worker has found out about single predictions, and what cards read of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from webapp.domain.evidence import DecidedProduct, Explanation, PhotoRegion
from webapp.domain.review import Probe
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import (
    CategoryRow,
    ExplanationRow,
    LabelRow,
    PredictionRow,
    ProductImageRow,
    ProductRow,
    QueueEntryRow,
)

_IS_WAITING = text("is_waiting")  # word for word the predicate of the partial index
_EXPLANATIONS = ExplanationRow.__table__
_QUEUE = QueueEntryRow.__table__
# Made once: every card asks, and making the statements takes longer than running them.
_FIND = select(
    _EXPLANATIONS.c.round_id,
    _EXPLANATIONS.c.product_id,
    _EXPLANATIONS.c.words,
    _EXPLANATIONS.c.neighbours,
    _EXPLANATIONS.c.region,
).where(
    _EXPLANATIONS.c.product_id.in_(bindparam("product_ids", expanding=True)),
    _EXPLANATIONS.c.round_id.in_(bindparam("round_ids", expanding=True)),
)
_FIND_DECIDED = (
    select(
        LabelRow.product_id,
        LabelRow.category_id,
        CategoryRow.name.label("category_name"),
        ProductRow.name,
        ProductRow.external_id,
        ProductImageRow.sha256,
    )
    .join(ProductRow, ProductRow.id == LabelRow.product_id)
    .join(CategoryRow, CategoryRow.id == LabelRow.category_id)
    .outerjoin(
        ProductImageRow,
        (ProductImageRow.product_id == LabelRow.product_id) & ProductImageRow.sha256.is_not(None),
    )
    .where(LabelRow.product_id.in_(bindparam("product_ids", expanding=True)))
    .order_by(LabelRow.product_id, ProductImageRow.position.desc())
)


def find_many(
    session: Session, *, keys: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Explanation]:
    """Return the explanations that there are, by round and product."""
    wanted = set(keys)
    rows = session.connection().execute(
        _FIND,
        {
            "round_ids": list({round_id for round_id, _ in wanted}),
            "product_ids": list({product_id for _, product_id in wanted}),
        },
    )
    found = (
        Explanation(
            round_id=row.round_id,
            product_id=row.product_id,
            words=_pairs(row.words, str),
            neighbours=_pairs(row.neighbours, int),
            region=_region(row.region),
        )
        for row in rows
    )
    return {(each.round_id, each.product_id): each for each in found}


def find_decided(session: Session, *, product_ids: Iterable[int]) -> dict[int, DecidedProduct]:
    """Return those of the products that have a label, by id, each with its first image."""
    rows = session.connection().execute(_FIND_DECIDED, {"product_ids": list(product_ids)})
    return {  # of several images the first one comes last, and wins
        row.product_id: DecidedProduct(
            product_id=row.product_id,
            name=row.name or row.external_id,
            image_sha256=row.sha256,
            category_id=row.category_id,
            category_name=row.category_name,
        )
        for row in rows
    }


def list_missing(session: Session, *, catalogue_id: int, round_id: int, n: int) -> list[int]:
    """Return those of the first ``n`` waiting products that a round has not explained, in order.

    Products whose suggestion is hidden, or that the round has not predicted, have none coming.
    """
    front = (
        select(_QUEUE.c.product_id, _QUEUE.c.priority)
        .where(_QUEUE.c.catalogue_id == catalogue_id, _IS_WAITING, ~_QUEUE.c.is_suggestion_hidden)
        .order_by(_QUEUE.c.priority.desc(), _QUEUE.c.product_id.desc())
        .limit(n)
        .subquery()
    )
    statement = (
        select(front.c.product_id)
        .join(
            PredictionRow,
            (PredictionRow.product_id == front.c.product_id) & (PredictionRow.round_id == round_id),
        )
        .outerjoin(
            ExplanationRow,
            (ExplanationRow.product_id == front.c.product_id)
            & (ExplanationRow.round_id == round_id),
        )
        .where(ExplanationRow.product_id.is_(None))
        .order_by(front.c.priority.desc(), front.c.product_id.desc())
    )
    return list(session.scalars(statement))


def is_shown(session: Session, *, catalogue_id: int, product_id: int) -> bool:
    """Tell whether people may see why a product's suggestion is made; not while it is hidden."""
    statement = (
        select(_QUEUE.c.is_suggestion_hidden, _QUEUE.c.probe)
        .select_from(ProductRow)
        .outerjoin(_QUEUE, _QUEUE.c.product_id == ProductRow.id)
        .where(ProductRow.id == product_id, ProductRow.catalogue_id == catalogue_id)
    )
    found = session.execute(statement).one_or_none()
    return found is not None and not found[0] and found[1] != Probe.HIDDEN.value


def list_last_labelled(session: Session, *, catalogue_id: int, n: int) -> list[int]:
    """Return the ``n`` products that were labelled last, in rising order."""
    statement = (
        select(LabelRow.product_id)
        .where(LabelRow.catalogue_id == catalogue_id)
        .order_by(LabelRow.annotation_id.desc())
        .limit(n)
    )
    return sorted(session.scalars(statement))


def add_many(session: Session, *, explanations: Sequence[Explanation], now: datetime) -> None:
    """Store explanations; one that is there already stays as it is."""
    add_unless_there(session, ExplanationRow, [_row(each, now) for each in explanations])


def put(session: Session, *, explanation: Explanation, now: datetime) -> None:
    """Store an explanation in place of the one that there may be."""
    session.execute(
        delete(ExplanationRow).where(
            ExplanationRow.round_id == explanation.round_id,
            ExplanationRow.product_id == explanation.product_id,
        ),
        execution_options={"synchronize_session": False},
    )
    add_many(session, explanations=[explanation], now=now)


def _row(explanation: Explanation, now: datetime) -> dict[str, Any]:
    region = explanation.region
    return {
        "round_id": explanation.round_id,
        "product_id": explanation.product_id,
        "words": [[word, weight] for word, weight in explanation.words or ()],
        "neighbours": [[other, cosine] for other, cosine in explanation.neighbours or ()],
        "region": None
        if region is None
        else {
            "category_id": region.category_id,
            "image_sha256": region.image_sha256,
            "rows": region.rows,
        },
        "created_at": now,
    }


def _pairs(stored: list[Any] | None, kind: type[Any]) -> tuple[tuple[Any, float], ...] | None:
    if stored is None:
        return None
    return tuple((kind(first), float(second)) for first, second in stored)


def _region(stored: dict[str, Any] | None) -> PhotoRegion | None:
    if stored is None:
        return None
    return PhotoRegion(
        category_id=int(stored["category_id"]),
        image_sha256=str(stored["image_sha256"]),
        rows=tuple(tuple(float(weight) for weight in row) for row in stored["rows"]),
    )
