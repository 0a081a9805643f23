"""Lending products of the queue to moderators, so that no two decide the same one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, func, or_, select, text, true, update
from sqlalchemy.orm import Session

from webapp.domain.acceptance import AUDIT_TURN
from webapp.domain.catalogue import Catalogue
from webapp.domain.review import AskedBecause, ProductState
from webapp.domain.review_cards import QueueCounts, QueueEntry
from webapp.storage.tables import ProductRow, QueueEntryRow

# Word for word the predicate of the partial index: SQLite does not see that "is_waiting = 1"
# means the same, and would read the whole queue.
_IS_WAITING = text("is_waiting")
_FREE = {"leased_to": None, "lease_token": None, "leased_at": None, "leased_until": None}
_AS_STORED = {"populate_existing": True, "synchronize_session": False}
AUDIT_PRIORITY = -4.0  # and up to 1 above: behind all that was skipped, but ``claim`` has turns


def claim(
    session: Session, *, catalogue: Catalogue, user_id: int, now: datetime, lease_s: int
) -> QueueEntry | None:
    """Lend the first waiting product to a person; None if nothing waits.

    Every few times, by chance, it is an audit of what was accepted automatically: so audits come
    at a steady pace beside other work, wherever an order of the queue puts the rest.
    """
    if secrets.randbelow(AUDIT_TURN) == 0:
        audit = lend_first(
            catalogue=catalogue, user_id=user_id, now=now, lease_s=lease_s, is_audit=True
        )
        entry = _changed(session, audit)
        if entry is not None:
            return entry
    statement = lend_first(catalogue=catalogue, user_id=user_id, now=now, lease_s=lease_s)
    return _changed(session, statement)


def lend_first(
    *, catalogue: Catalogue, user_id: int, now: datetime, lease_s: int, is_audit: bool = False
) -> Update:
    """Return the statement that lends the first waiting product, or audit, of a catalogue.

    One conditional UPDATE: two moderators at the same instant never get the same product.
    """
    audits = QueueEntryRow.priority.between(AUDIT_PRIORITY, AUDIT_PRIORITY + 1)
    first = (
        select(QueueEntryRow.product_id)
        .where(
            QueueEntryRow.catalogue_id == catalogue.id, _IS_WAITING, audits if is_audit else true()
        )
        .order_by(QueueEntryRow.priority.desc(), QueueEntryRow.product_id.desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id == first.scalar_subquery())
        .values(**_lease(catalogue, user_id, now, lease_s))
    )


def take(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    now: datetime,
    lease_s: int,
) -> QueueEntry | None:
    """Lend one particular product that is open or audited; None if not, or another has it."""
    is_audited = (ProductRow.state == ProductState.ACCEPTED.value) & (
        QueueEntryRow.reason == AskedBecause.AUDIT.value
    )
    is_open = select(ProductRow.id).where(
        ProductRow.id == QueueEntryRow.product_id,
        (ProductRow.state == ProductState.OPEN.value) | is_audited,
    )
    return _changed(
        session,
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id == product_id,
            QueueEntryRow.catalogue_id == catalogue.id,
            is_open.exists(),
            or_(
                QueueEntryRow.leased_to.is_(None),
                QueueEntryRow.leased_to == user_id,
                QueueEntryRow.leased_until <= now,
            ),
        )
        .values(**_lease(catalogue, user_id, now, lease_s)),
    )


def find(session: Session, *, product_id: int) -> QueueEntry | None:
    """Return a product's place in the queue, locked until the transaction ends, or None."""
    row = session.scalar(
        select(QueueEntryRow).where(QueueEntryRow.product_id == product_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    return _entry(row) if row else None


def list_leased(
    session: Session, *, catalogue: Catalogue, user_id: int, now: datetime
) -> list[QueueEntry]:
    """Return what a person has right now, in the order in which it was lent."""
    rows = session.scalars(
        select(QueueEntryRow)
        .where(
            QueueEntryRow.leased_until > now,
            QueueEntryRow.leased_to == user_id,
            QueueEntryRow.catalogue_id == catalogue.id,
        )
        .order_by(
            QueueEntryRow.leased_at,
            QueueEntryRow.priority.desc(),
            QueueEntryRow.product_id.desc(),
        ),
        execution_options={"populate_existing": True},
    )
    return [_entry(row) for row in rows]


def free_expired(session: Session, *, now: datetime) -> int:
    """Let products wait again whose lease ran out; return how many.

    An UPDATE of its own: a comparison with the clock inside the claim could not use its index.
    """
    expired = (
        select(QueueEntryRow.product_id)
        .where(QueueEntryRow.leased_until <= now)
        .with_for_update(skip_locked=True)
    )
    return _count(
        session,
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id.in_(expired))
        .values(is_waiting=True, **_FREE),
    )


def renew(
    session: Session,
    *,
    user_id: int,
    product_ids: Sequence[int],
    now: datetime,
    lease_s: int,
) -> list[int]:
    """Prolong leases of a person; return the products that are still hers."""
    statement = (
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id.in_(product_ids), QueueEntryRow.leased_to == user_id)
        .values(leased_until=now + timedelta(seconds=lease_s))
        .returning(QueueEntryRow.product_id)
    )
    return list(session.scalars(statement, execution_options=_AS_STORED))


def send_to_end(
    session: Session,
    *,
    product_id: int,
    now: datetime,
    reason: AskedBecause = AskedBecause.SKIPPED,
) -> None:
    """Let a product wait behind all others, and behind what was skipped before it."""
    session.execute(
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id == product_id)
        .values(
            is_waiting=True,
            priority=-now.timestamp(),
            reason=reason.value,
            **_FREE,
        ),
        execution_options=_AS_STORED,
    )


def finish(session: Session, *, product_id: int) -> None:
    """Take a decided product out of the queue; its place stays, in case it is reopened."""
    session.execute(
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id == product_id)
        .values(is_waiting=False, **_FREE),
        execution_options=_AS_STORED,
    )


def reopen(session: Session, *, product_id: int) -> None:
    """Let a product that is open again wait in its old place."""
    session.execute(
        update(QueueEntryRow)
        .where(QueueEntryRow.product_id == product_id)
        .values(is_waiting=True, **_FREE),
        execution_options=_AS_STORED,
    )


def count(session: Session, *, catalogue: Catalogue) -> QueueCounts:
    """Return how many products of a catalogue are in which state."""
    states = dict(
        session.execute(
            select(ProductRow.state, func.count())
            .where(ProductRow.catalogue_id == catalogue.id)
            .group_by(ProductRow.state)
        ).all()
    )
    n_lent = select(func.count()).where(
        QueueEntryRow.catalogue_id == catalogue.id, QueueEntryRow.leased_until.is_not(None)
    )
    return QueueCounts(
        n_products=sum(states.values()),
        n_labelled=states.get(ProductState.LABELLED.value, 0),
        n_flagged=states.get(ProductState.FLAGGED.value, 0),
        n_accepted=states.get(ProductState.ACCEPTED.value, 0),
        n_lent=session.scalars(n_lent).one(),
    )


def _lease(catalogue: Catalogue, user_id: int, now: datetime, lease_s: int) -> dict[str, Any]:
    return {
        "is_waiting": False,
        "leased_to": user_id,
        "lease_token": secrets.token_urlsafe(12),
        "leased_at": now,
        "leased_until": now + timedelta(seconds=lease_s),
        "shown_round_id": catalogue.live_round_id,
    }


def _changed(session: Session, statement: Update) -> QueueEntry | None:
    row = session.scalars(
        statement.returning(QueueEntryRow), execution_options=_AS_STORED
    ).one_or_none()
    return _entry(row) if row else None


def _count(session: Session, statement: Update) -> int:
    result = cast("CursorResult[Any]", session.execute(statement, execution_options=_AS_STORED))
    return result.rowcount


def _entry(row: QueueEntryRow) -> QueueEntry:
    return QueueEntry(
        product_id=row.product_id,
        asked_because=AskedBecause(row.reason),
        is_suggestion_hidden=row.is_suggestion_hidden,
        leased_to=row.leased_to,
        lease_token=row.lease_token,
        leased_at=row.leased_at,
        leased_until=row.leased_until,
        shown_round_id=row.shown_round_id,
    )
