"""The products of an act on many at once: read, locked and written with one statement for all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.bulk import Target
from webapp.domain.review import Annotation, AskedBecause, ProductState
from webapp.storage.annotations import annotation_of
from webapp.storage.queue import IS_OPEN
from webapp.storage.queue_places import NOT_LENT
from webapp.storage.tables import (
    AcceptanceRow,
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    QueueEntryRow,
)

_NOT_IN_SESSION = {"synchronize_session": False}


def lock_targets(
    session: Session,
    *,
    catalogue_id: int,
    round_id: int | None,
    product_ids: Collection[int],
    user_id: int,
    now: datetime,
) -> list[Target]:
    """Return products, locked until the transaction ends, with all acts on them."""
    products = session.execute(
        select(
            ProductRow.id,
            ProductRow.state,
            ProductRow.source_category_id,
            ProductRow.is_evaluation,
            ProductRow.group_number,
            LabelRow.category_id.label("label_id"),
            PredictionRow.category_id.label("shown_category_id"),
            PredictionRow.probability.label("shown_probability"),
        )
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .outerjoin(
            PredictionRow,
            (PredictionRow.product_id == ProductRow.id) & (PredictionRow.round_id == round_id),
        )
        .where(ProductRow.id.in_(product_ids), ProductRow.catalogue_id == catalogue_id)
        .order_by(ProductRow.id)
        .with_for_update(of=ProductRow, key_share=True)  # as of one product
    ).all()
    held, audits = _find_places(session, product_ids, user_id, now)
    acts = _list_acts(session, product_ids)
    return [
        Target(
            **{**row._asdict(), "state": ProductState(row.state)},
            is_held_by_another=row.id in held,
            is_audit=row.id in audits and row.state == ProductState.ACCEPTED.value,
            acts=tuple(acts.get(row.id, ())),
        )
        for row in products
    ]


def find_accepted(session: Session, *, product_ids: Collection[int]) -> set[int]:
    """Return those of the products for which an acceptance by a rule stands."""
    return set(
        session.scalars(
            select(AcceptanceRow.product_id).where(
                AcceptanceRow.product_id.in_(product_ids), AcceptanceRow.ended_at.is_(None)
            )
        )
    )


def finish(session: Session, *, product_ids: Collection[int]) -> None:
    """Take decided products out of the queue; their places stay, in case they are reopened."""
    session.execute(
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id.in_(product_ids))
        .values(is_waiting=False, **NOT_LENT),
        execution_options=_NOT_IN_SESSION,
    )


def reopen(session: Session, *, product_ids: Collection[int]) -> None:
    """Let products wait again that nobody has and that are open, or accepted and to be audited."""
    session.execute(
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id.in_(product_ids),
            QueueEntryRow.leased_to.is_(None),
            IS_OPEN.exists(),
        )
        .values(is_waiting=True),
        execution_options=_NOT_IN_SESSION,
    )


def find_groups_with_decided(
    session: Session, *, catalogue_id: int, group_numbers: Collection[int]
) -> set[int]:
    """Return those of the groups of which a product is labelled, flagged or disputed."""
    decided = [
        state.value
        for state in (ProductState.LABELLED, ProductState.FLAGGED, ProductState.DISPUTED)
    ]
    return {
        number
        for number in session.scalars(
            select(ProductRow.group_number)
            .where(
                ProductRow.catalogue_id == catalogue_id,
                ProductRow.group_number.in_(group_numbers),
                ProductRow.state.in_(decided),
            )
            .distinct()
        )
        if number is not None
    }


def _find_places(
    session: Session, product_ids: Collection[int], user_id: int, now: datetime
) -> tuple[set[int], set[int]]:
    """Return the products that somebody else has, and those that are asked as an audit."""
    entries = session.execute(
        select(
            QueueEntryRow.product_id,
            QueueEntryRow.reason,
            QueueEntryRow.leased_to,
            QueueEntryRow.leased_until,
        )
        .where(QueueEntryRow.product_id.in_(product_ids))
        .order_by(QueueEntryRow.product_id)
        .with_for_update()
    ).all()
    held = {
        entry.product_id
        for entry in entries
        if entry.leased_to not in {None, user_id}
        and entry.leased_until is not None
        and entry.leased_until > now
    }
    audits = {e.product_id for e in entries if e.reason == AskedBecause.AUDIT.value}
    return held, audits


def _list_acts(session: Session, product_ids: Collection[int]) -> dict[int, list[Annotation]]:
    found: dict[int, list[Annotation]] = {}
    rows = session.scalars(
        select(AnnotationRow)
        .where(AnnotationRow.product_id.in_(product_ids))
        .order_by(AnnotationRow.id)
    )
    for row in rows:
        found.setdefault(row.product_id, []).append(annotation_of(row))
    return found
