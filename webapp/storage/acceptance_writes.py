"""Writes which products a rule decides: acceptances, states of products, places in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from webapp.domain.acceptance import Ruling, chance
from webapp.domain.asking_order import place_of_new
from webapp.domain.review import AskedBecause, ProductState
from webapp.storage.dialects import add_unless_there
from webapp.storage.queue_places import AUDIT_PRIORITY
from webapp.storage.tables import AcceptanceRow, ProductRow, QueueEntryRow

_UNDECIDED = (ProductState.OPEN.value, ProductState.ACCEPTED.value)
_UNSYNCED = {"synchronize_session": False}


def write(session: Session, *, rulings: Sequence[Ruling], now: datetime) -> None:
    """Let rules decide products, or no longer decide them; at most a thousand at once.

    What is on a moderator's desk stays there: an open product is left for the next time, and one
    that is accepted keeps its lease. What was decided meanwhile keeps its label, and what somebody
    has decided and others shall decide too stays theirs.
    """
    ids = [ruling.product_id for ruling in rulings]
    states = dict(
        session.execute(
            select(ProductRow.id, ProductRow.state)
            .where(ProductRow.id.in_(ids))
            .order_by(ProductRow.id)  # whoever locks several does so in this order
            .with_for_update(key_share=True)
        ).all()
    )
    entries = session.execute(
        select(QueueEntryRow.product_id, QueueEntryRow.leased_to, QueueEntryRow.reason).where(
            QueueEntryRow.product_id.in_(ids)
        )
    ).all()
    lent = {entry.product_id for entry in entries if entry.leased_to is not None}
    begun = {entry.product_id for entry in entries if entry.reason == AskedBecause.SECOND.value}
    audits = {entry.product_id for entry in entries if entry.reason == AskedBecause.AUDIT.value}
    session.execute(
        update(AcceptanceRow)
        .where(AcceptanceRow.product_id.in_(ids), AcceptanceRow.ended_at.is_(None))
        .values(ended_at=now),
        execution_options=_UNSYNCED,
    )
    undecided = [ruling for ruling in rulings if states.get(ruling.product_id) in _UNDECIDED]
    accepted = [
        replace(ruling, is_audited=ruling.is_audited or ruling.product_id in lent & audits)
        for ruling in undecided
        if ruling.rule_id is not None
        and not (
            ruling.product_id in lent | begun
            and states[ruling.product_id] == ProductState.OPEN.value
        )
    ]
    opened = [
        ruling.product_id
        for ruling in undecided
        if ruling.rule_id is None and states[ruling.product_id] == ProductState.ACCEPTED.value
    ]
    _accept(session, accepted, now)
    _ask_as_new(
        session,
        [r.product_id for r in accepted if r.product_id in audits and not r.is_audited],
        is_waiting=False,
    )
    _set_state(session, opened, ProductState.OPEN)
    _ask_as_new(session, opened, is_waiting=True)


def _accept(session: Session, rulings: Sequence[Ruling], now: datetime) -> None:
    add_unless_there(
        session,
        AcceptanceRow,
        [
            {
                "product_id": ruling.product_id,
                "rule_id": ruling.rule_id,
                "category_id": ruling.category_id,
                "probability": ruling.probability,
                "is_audited": ruling.is_audited,
                "accepted_at": now,
            }
            for ruling in rulings
        ],
    )
    _set_state(session, [ruling.product_id for ruling in rulings], ProductState.ACCEPTED)
    session.execute(
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id.in_([r.product_id for r in rulings if not r.is_audited]),
            QueueEntryRow.leased_to.is_(None),
        )
        .values(is_waiting=False),
        execution_options=_UNSYNCED,
    )
    audits: list[dict[str, object]] = [
        {
            "of_product": ruling.product_id,
            "new_waiting": True,
            "new_priority": AUDIT_PRIORITY + chance(ruling.rule_id or 0, ruling.product_id),
            "new_reason": AskedBecause.AUDIT.value,
            "new_hidden": True,
        }
        for ruling in rulings
        if ruling.is_audited
    ]
    _place(session, audits)


def _ask_as_new(session: Session, product_ids: Sequence[int], *, is_waiting: bool) -> None:
    """Give products places behind the others until the queue is ordered anew."""
    places = [place_of_new(product_id, AskedBecause.NEW) for product_id in product_ids]
    rows: list[dict[str, object]] = [
        {
            "of_product": place.product_id,
            "new_waiting": is_waiting,
            "new_priority": place.priority,
            "new_reason": place.reason.value,
            "new_hidden": False,
        }
        for place in places
    ]
    _place(session, rows)


def _set_state(session: Session, product_ids: Sequence[int], state: ProductState) -> None:
    session.execute(
        update(ProductRow).where(ProductRow.id.in_(product_ids)).values(state=state.value),
        execution_options=_UNSYNCED,
    )


def _place(session: Session, rows: list[dict[str, object]]) -> None:
    """Give those places to products that nobody has."""
    if not rows:
        return
    session.connection().execute(  # the ORM would refuse a bulk update with a condition
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id == bindparam("of_product"), QueueEntryRow.leased_to.is_(None)
        )
        .values(
            is_waiting=bindparam("new_waiting"),
            priority=bindparam("new_priority"),
            reason=bindparam("new_reason"),
            is_suggestion_hidden=bindparam("new_hidden"),
        ),
        rows,
    )
