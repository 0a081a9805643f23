"""Lending products of the queue to moderators, so that no two decide the same one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Integer,
    Row,
    String,
    Table,
    Update,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from webapp.domain.acceptance import AUDIT_TURN
from webapp.domain.catalogue import Catalogue
from webapp.domain.review import AskedBecause, Probe, ProductState
from webapp.domain.review_cards import QueueCounts, QueueEntry
from webapp.storage.annotations import DECIDES
from webapp.storage.queue_places import IS_AUDIT, IS_SECOND, NOT_LENT
from webapp.storage.tables import AnnotationRow, ProductRow, QueueEntryRow

# Word for word the predicate of the partial index: SQLite does not see that "is_waiting = 1"
# means the same, and would read the whole queue.
_IS_WAITING = text("is_waiting")

# Statements are made once, and of tables in place of objects: each decision runs them, and making
# one takes longer than running it.
_ENTRIES = cast(Table, QueueEntryRow.__table__)
_PRODUCTS = cast(Table, ProductRow.__table__)
_ACTS = cast(Table, AnnotationRow.__table__)
_UNDOINGS = _ACTS.alias()
_OF_PRODUCT = _ENTRIES.c.product_id == bindparam("of_product")
_IS_HERS = (
    select(_ACTS.c.id)
    .where(
        _ACTS.c.product_id == _ENTRIES.c.product_id,
        _ACTS.c.user_id == bindparam("holder"),
        DECIDES,
        ~select(_UNDOINGS.c.id).where(_UNDOINGS.c.undoes_id == _ACTS.c.id).exists(),
    )
    .exists()
)

_LEASE: dict[str, Any] = {
    "is_waiting": False,
    "leased_to": bindparam("holder"),
    "lease_token": bindparam("token"),
    "leased_at": bindparam("since"),
    "leased_until": bindparam("until"),
    "shown_round_id": bindparam("live_round"),
}


def _lease_first(is_meant: ColumnElement[bool]) -> Update:
    """Return the statement that lends the first waiting product of some.

    One conditional UPDATE: two moderators at the same instant never get the same product.
    """
    first = (
        select(_ENTRIES.c.product_id)
        .where(_ENTRIES.c.catalogue_id == bindparam("of_catalogue"), _IS_WAITING, is_meant)
        .order_by(_ENTRIES.c.priority.desc(), _ENTRIES.c.product_id.desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    hidden: BindParameter[str | None] = bindparam("hidden_probe", type_=String)
    return (
        update(_ENTRIES)
        .where(_ENTRIES.c.product_id == first.scalar_subquery())
        .values(
            **_LEASE,
            probe=case((_ENTRIES.c.is_suggestion_hidden, null()), else_=hidden),
            planted_category_id=None,
        )
        .returning(_ENTRIES)
    )


LEND_FIRST = _lease_first(or_(~IS_SECOND, ~_IS_HERS))
_LEND_AUDIT = _lease_first(IS_AUDIT)
_LEND_SECOND = _lease_first(and_(IS_SECOND, ~_IS_HERS))
_IS_AUDITED = (_PRODUCTS.c.state == ProductState.ACCEPTED.value) & (
    _ENTRIES.c.reason == AskedBecause.AUDIT.value
)
# Of an entry: its product may be asked.
IS_OPEN = select(_PRODUCTS.c.id).where(
    _PRODUCTS.c.id == _ENTRIES.c.product_id,
    (_PRODUCTS.c.state == ProductState.OPEN.value) | _IS_AUDITED,
)
_HAS_IT = _ENTRIES.c.leased_to == bindparam("holder")
_TAKE = (
    update(_ENTRIES)
    .where(
        _OF_PRODUCT,
        _ENTRIES.c.catalogue_id == bindparam("of_catalogue"),
        IS_OPEN.exists(),
        or_(
            _ENTRIES.c.leased_to.is_(None),
            _HAS_IT,
            _ENTRIES.c.leased_until <= bindparam("since"),
        ),
    )
    .values(
        **_LEASE,
        probe=case((_HAS_IT, _ENTRIES.c.probe), else_=bindparam("same_probe", type_=String)),
        planted_category_id=case(
            (_HAS_IT, _ENTRIES.c.planted_category_id),
            else_=bindparam("same_planted", type_=Integer),
        ),
    )
    .returning(_ENTRIES)
)
_PLANT = (
    update(_ENTRIES)
    .where(_OF_PRODUCT)
    .values(probe=Probe.PLANTED.value, planted_category_id=bindparam("wrong_category"))
    .returning(_ENTRIES)
)
_FIND = select(_ENTRIES).where(_OF_PRODUCT).with_for_update()
_FREE_EXPIRED = (
    update(_ENTRIES)
    .where(
        _ENTRIES.c.product_id.in_(
            select(_ENTRIES.c.product_id)
            .where(_ENTRIES.c.leased_until <= bindparam("at"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(is_waiting=IS_OPEN.exists(), **NOT_LENT)
)


def claim(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    now: datetime,
    lease_s: int,
    is_hidden: bool = False,
) -> QueueEntry | None:
    """Lend the first waiting product to a person; None if nothing waits for her.

    Every few times, by chance, it is an audit of what was accepted automatically, or a product
    that others have decided: so these come at a steady pace beside other work, wherever an order
    of the queue puts the rest. Nobody gets a product that she has decided herself.

    Parameters
    ----------
    is_hidden
        Whether the card shall be a probe that hides its suggestion.
    """
    values = _lease(catalogue, user_id, now, lease_s) | {
        "of_catalogue": catalogue.id,
        "hidden_probe": Probe.HIDDEN.value if is_hidden else None,
    }
    turns = []
    if secrets.randbelow(AUDIT_TURN) == 0:
        turns.append(_LEND_AUDIT)
    share = catalogue.settings.share_of_seconds
    if share and secrets.randbelow(100) < share:
        turns.append(_LEND_SECOND)
    for statement in (*turns, LEND_FIRST):
        entry = _changed(session, statement, values)
        if entry is not None:
            return entry
    return None


def plant(session: Session, *, product_id: int, category_id: int) -> QueueEntry | None:
    """Let the card of a product that is lent suggest a wrong category."""
    values = {"of_product": product_id, "wrong_category": category_id}
    return _changed(session, _PLANT, values)


def take(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    now: datetime,
    lease_s: int,
    probe: Probe | None = None,
    planted_category_id: int | None = None,
) -> QueueEntry | None:
    """Lend one particular product that is open or audited; None if not, or another has it.

    Parameters
    ----------
    probe, planted_category_id
        What its card did before; it is no probe for whoever opens it on purpose.
    """
    values = _lease(catalogue, user_id, now, lease_s) | {
        "of_catalogue": catalogue.id,
        "of_product": product_id,
        "same_probe": None if probe is None else probe.value,
        "same_planted": planted_category_id,
    }
    return _changed(session, _TAKE, values)


def find(session: Session, *, product_id: int) -> QueueEntry | None:
    """Return a product's place in the queue, locked until the transaction ends, or None."""
    row = session.connection().execute(_FIND, {"of_product": product_id}).one_or_none()
    return _entry(row) if row else None


def list_leased(
    session: Session, *, catalogue: Catalogue, user_id: int, now: datetime
) -> list[QueueEntry]:
    """Return what a person has right now, in the order in which it was lent."""
    rows = session.connection().execute(
        select(_ENTRIES)
        .where(
            _ENTRIES.c.leased_until > now,
            _ENTRIES.c.leased_to == user_id,
            _ENTRIES.c.catalogue_id == catalogue.id,
        )
        .order_by(_ENTRIES.c.leased_at, _ENTRIES.c.priority.desc(), _ENTRIES.c.product_id.desc())
    )
    return [_entry(row) for row in rows]


def free_expired(session: Session, *, now: datetime) -> int:
    """Let products wait again whose lease ran out, if they may still be asked; return how many.

    An UPDATE of its own: a comparison with the clock inside the claim could not use its index.
    """
    done = cast("CursorResult[Any]", session.connection().execute(_FREE_EXPIRED, {"at": now}))
    return done.rowcount


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
        update(_ENTRIES)
        .where(_ENTRIES.c.product_id.in_(product_ids), _ENTRIES.c.leased_to == user_id)
        .values(leased_until=now + timedelta(seconds=lease_s))
        .returning(_ENTRIES.c.product_id)
    )
    return list(session.connection().execute(statement).scalars())


def count(session: Session, *, catalogue: Catalogue) -> QueueCounts:
    """Return how many open products are with people, and how many wait for others."""
    of_catalogue = (
        select(func.count()).select_from(_ENTRIES).where(_ENTRIES.c.catalogue_id == catalogue.id)
    )
    connection = session.connection()
    return QueueCounts(
        n_lent=connection.execute(
            of_catalogue.where(_ENTRIES.c.leased_until.is_not(None))
        ).scalar_one(),
        n_for_others=connection.execute(of_catalogue.where(_IS_WAITING, IS_SECOND)).scalar_one(),
    )


def _lease(catalogue: Catalogue, user_id: int, now: datetime, lease_s: int) -> dict[str, Any]:
    return {
        "holder": user_id,
        "token": secrets.token_urlsafe(12),
        "since": now,
        "until": now + timedelta(seconds=lease_s),
        "live_round": catalogue.live_round_id,
    }


def _changed(session: Session, statement: Update, values: dict[str, Any]) -> QueueEntry | None:
    row = session.connection().execute(statement, values).one_or_none()
    return _entry(row) if row else None


def _entry(row: Row[*tuple[Any, ...]]) -> QueueEntry:
    probe = None if row.probe is None else Probe(row.probe)
    return QueueEntry(
        product_id=row.product_id,
        asked_because=AskedBecause(row.reason),
        is_suggestion_hidden=row.is_suggestion_hidden or probe is Probe.HIDDEN,
        leased_to=row.leased_to,
        lease_token=row.lease_token,
        leased_at=row.leased_at,
        leased_until=row.leased_until,
        shown_round_id=row.shown_round_id,
        probe=probe,
        planted_category_id=row.planted_category_id,
    )
