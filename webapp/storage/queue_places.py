"""Where products wait in the queue: behind all others, for somebody else, or no longer."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Boolean, Table, and_, bindparam, case, or_, update
from sqlalchemy.orm import Session

from webapp.domain.asking_order import place_of_new
from webapp.domain.review import AskedBecause
from webapp.storage.tables import QueueEntryRow

AUDIT_PRIORITY = -4.0  # and up to 1 above: behind all that was skipped, but ``claim`` has turns
# Products that somebody has decided and somebody else shall decide too wait below this number,
# that which waits longest first: behind all others, and ``claim`` has turns for them as well.
SECOND_PRIORITY = -1e10

# Made once, and of a table in place of objects, as in ``storage.queue``.
_ENTRIES = cast(Table, QueueEntryRow.__table__)
_OF_PRODUCT = _ENTRIES.c.product_id == bindparam("of_product")
NOT_LENT = dict.fromkeys(("leased_to", "lease_token", "leased_at", "leased_until"))
IS_AUDIT = _ENTRIES.c.priority.between(AUDIT_PRIORITY, AUDIT_PRIORITY + 1)
IS_SECOND = _ENTRIES.c.priority < SECOND_PRIORITY
_WAIT_AT = (
    update(_ENTRIES)
    .where(_OF_PRODUCT)
    .values(
        is_waiting=True,
        priority=bindparam("new_priority"),
        reason=bindparam("new_reason"),
        **NOT_LENT,
    )
)
_FINISH = update(_ENTRIES).where(_OF_PRODUCT).values(is_waiting=False, **NOT_LENT)
_IS_SENT_BACK = or_(  # from its old place, for a reason that no longer holds
    IS_SECOND,
    and_(
        bindparam("is_skip_undone", type_=Boolean),
        _ENTRIES.c.reason == AskedBecause.SKIPPED.value,
    ),
)
_ASK_AS_FIRST = (
    update(_ENTRIES)
    .where(_OF_PRODUCT)
    .values(
        priority=case((_IS_SENT_BACK, bindparam("new_priority")), else_=_ENTRIES.c.priority),
        reason=case((_IS_SENT_BACK, bindparam("new_reason")), else_=_ENTRIES.c.reason),
    )
)
_REOPEN = _ASK_AS_FIRST.values(is_waiting=True, **NOT_LENT)
_REASONS = frozenset(AskedBecause) - {  # for which a product can wait
    AskedBecause.CHOSEN,
    AskedBecause.LOOK_ALIKE,
    AskedBecause.SECOND,
    AskedBecause.ADJUDICATION,
}


def send_to_end(
    session: Session,
    *,
    product_id: int,
    now: datetime,
    reason: AskedBecause = AskedBecause.SKIPPED,
) -> None:
    """Let a product wait behind all others, and behind what was skipped before it."""
    _wait_at(session, product_id, -now.timestamp(), reason)


def wait_for_another(session: Session, *, product_id: int, now: datetime) -> None:
    """Let a product wait for somebody else than those who have decided it."""
    _wait_at(session, product_id, SECOND_PRIORITY - now.timestamp(), AskedBecause.SECOND)


def finish(session: Session, *, product_id: int) -> None:
    """Take a decided product out of the queue; its place stays, in case it is reopened."""
    session.connection().execute(_FINISH, {"of_product": product_id})


def reopen(
    session: Session,
    *,
    product_id: int,
    reason: AskedBecause = AskedBecause.NEW,
    is_lent: bool = False,
    is_skip_undone: bool = False,
) -> None:
    """Let a product that is open again wait in its old place.

    Parameters
    ----------
    reason
        Why it was asked before it waited for a second opinion or was skipped; it then gets a place
        like a new one's until the queue is ordered again.
    is_lent
        Whether it stays on the desk of somebody who has it now, and waits there only afterwards.
    is_skip_undone
        Whether nobody counts as having skipped it any more.
    """
    place = place_of_new(product_id, reason if reason in _REASONS else AskedBecause.NEW)
    values = {
        "of_product": product_id,
        "new_priority": place.priority,
        "new_reason": place.reason.value,
        "is_skip_undone": is_skip_undone,
    }
    session.connection().execute(_ASK_AS_FIRST if is_lent else _REOPEN, values)


def _wait_at(session: Session, product_id: int, priority: float, reason: AskedBecause) -> None:
    values = {"of_product": product_id, "new_priority": priority, "new_reason": reason.value}
    session.connection().execute(_WAIT_AT, values)
