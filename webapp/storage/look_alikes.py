"""Which products are near-duplicates of which, and the acts that a decision on several made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from webapp.domain.review import Annotation, ProductState, Verdict
from webapp.storage.annotations import IS_UNDONE, annotation_of
from webapp.storage.tables import AnnotationRow, ProductRow, QueueEntryRow

_PRODUCTS = ProductRow.__table__
_OTHERS = _PRODUCTS.alias()
# Made once: every card asks, and making the statement takes longer than running it.
_FIND_OPEN = (
    select(_PRODUCTS.c.id, _OTHERS.c.id)
    .join(
        _OTHERS,
        (_OTHERS.c.catalogue_id == _PRODUCTS.c.catalogue_id)
        & (_OTHERS.c.group_number == _PRODUCTS.c.group_number),
    )
    .where(
        _PRODUCTS.c.id.in_(bindparam("product_ids", expanding=True)),
        _OTHERS.c.id != _PRODUCTS.c.id,
        _OTHERS.c.state == ProductState.OPEN.value,
        ~func.coalesce(_OTHERS.c.is_evaluation, False),
        ~func.coalesce(_PRODUCTS.c.is_evaluation, False),
    )
    .order_by(_PRODUCTS.c.id, _OTHERS.c.id)
)


def find_open(session: Session, *, product_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the undecided look-alikes of products, by id; none of the evaluation set.

    A product of the evaluation set is judged by itself alone, and has none.
    """
    found: dict[int, list[int]] = {}
    rows = session.connection().execute(_FIND_OPEN, {"product_ids": product_ids})
    for product_id, other_id in rows:
        found.setdefault(product_id, []).append(other_id)
    return found


def find_lent(
    session: Session, *, product_ids: Sequence[int]
) -> dict[int, tuple[int, datetime | None]]:
    """Return who has which of the products, and until when, by product id."""
    rows = session.execute(
        select(QueueEntryRow.product_id, QueueEntryRow.leased_to, QueueEntryRow.leased_until).where(
            QueueEntryRow.product_id.in_(product_ids), QueueEntryRow.leased_to.is_not(None)
        )
    )
    return {row.product_id: (row.leased_to, row.leased_until) for row in rows}


def has_decided(session: Session, *, catalogue_id: int, group_number: int) -> bool:
    """Tell whether a product of a group is labelled, flagged or disputed."""
    decided = [
        state.value
        for state in (ProductState.LABELLED, ProductState.FLAGGED, ProductState.DISPUTED)
    ]
    return bool(
        session.scalar(
            select(
                exists().where(
                    ProductRow.catalogue_id == catalogue_id,
                    ProductRow.group_number == group_number,
                    ProductRow.state.in_(decided),
                )
            )
        )
    )


def list_at_once(
    session: Session, *, catalogue_id: int, annotation: Annotation
) -> list[tuple[Annotation, str]]:
    """Return the standing acts that a person did in the transaction of an act, with their keys.

    What is written in one transaction carries one time, to the microsecond.
    """
    rows = session.scalars(
        select(AnnotationRow)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.user_id == annotation.user_id,
            AnnotationRow.created_at == annotation.created_at,
            AnnotationRow.verdict != Verdict.UNDONE.value,
            ~IS_UNDONE,
        )
        .order_by(AnnotationRow.id)
    )
    return [(annotation_of(row), row.idempotency_key) for row in rows]
