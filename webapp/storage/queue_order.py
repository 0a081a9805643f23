"""The order in which products are asked; lending and deciding them is elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, select, text, update
from sqlalchemy.orm import Session

from webapp.domain.asking_order import Place, place_of_new
from webapp.domain.review import AskedBecause, ProductState
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import LiveRoundRow, ProductRow, QueueEntryRow

_IS_WAITING = text("is_waiting")  # word for word the predicate of the partial index
_DRAWN = (
    AskedBecause.RANDOM.value,
    AskedBecause.EVALUATION.value,
    AskedBecause.AUDIT.value,
)


def add_new(
    session: Session, *, catalogue_id: int, product_ids: Sequence[int], now: datetime
) -> None:
    """Put products that an import has added into the queue, in random places behind the others.

    Their proper places, and whether they belong to the evaluation set, follow with the next
    round, or the refresh after an import.
    """
    live = session.get(LiveRoundRow, catalogue_id)
    is_ranked = live is not None and live.published_at <= now
    reason = AskedBecause.NEW if is_ranked else AskedBecause.RANDOM
    _add_missing(session, catalogue_id, [place_of_new(p, reason) for p in product_ids])


def move_behind(session: Session, *, catalogue_id: int, group_number: int) -> None:
    """Let the near-duplicates of a decided product wait behind all others.

    What was drawn at random keeps its place: a draw that is bent is no fair sample.
    """
    move_many_behind(session, catalogue_id=catalogue_id, group_numbers=[group_number])


def move_many_behind(
    session: Session, *, catalogue_id: int, group_numbers: Collection[int]
) -> None:
    """Let the near-duplicates of several decided products wait behind all others."""
    _shift(session, catalogue_id, group_numbers, QueueEntryRow.priority > 0, by=-1)


def move_back(session: Session, *, catalogue_id: int, group_number: int) -> None:
    """Let the near-duplicates wait in the places that they had before ``move_behind``."""
    move_many_back(session, catalogue_id=catalogue_id, group_numbers=[group_number])


def move_many_back(session: Session, *, catalogue_id: int, group_numbers: Collection[int]) -> None:
    """Let the near-duplicates of several groups wait in their old places."""
    is_behind = (QueueEntryRow.priority > -1) & (QueueEntryRow.priority <= 0)
    _shift(session, catalogue_id, group_numbers, is_behind, by=1)


def _shift(
    session: Session,
    catalogue_id: int,
    group_numbers: Collection[int],
    is_meant: ColumnElement[bool],
    *,
    by: int,
) -> None:
    alike = select(ProductRow.id).where(
        ProductRow.catalogue_id == catalogue_id, ProductRow.group_number.in_(group_numbers)
    )
    session.execute(
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id.in_(alike),
            _IS_WAITING,
            is_meant,
            QueueEntryRow.reason.not_in(_DRAWN),
        )
        .values(priority=QueueEntryRow.priority + by),
        execution_options={"synchronize_session": False},
    )


def write(session: Session, *, catalogue_id: int, places: Sequence[Place]) -> None:
    """Give products their places; at most some thousand at once, as it holds the write lock.

    A product that is lent keeps the reason that its moderator sees, so that the annotation tells
    what was shown; whether a product waits, and who has it, is not touched. What has meanwhile
    come to wait for a second opinion keeps its place, and on PostgreSQL also what somebody takes or
    decides in this moment: to wait for it while holding others could be a deadlock.
    """
    if session.get_bind().dialect.name == "postgresql":
        held = _hold(session, [place.product_id for place in places])
        places = [place for place in places if place.product_id in held]
    if not places:
        return
    rows = [
        {
            "of_product": place.product_id,
            "new_priority": place.priority,
            "new_reason": place.reason.value,
            "new_hidden": place.is_suggestion_hidden,
        }
        for place in places
    ]
    is_free = QueueEntryRow.leased_to.is_(None)
    hidden = QueueEntryRow.is_suggestion_hidden
    connection = session.connection()  # the ORM would refuse a bulk update with a condition
    written = connection.execute(
        update(QueueEntryRow)
        .where(
            QueueEntryRow.product_id == bindparam("of_product"),
            QueueEntryRow.reason != AskedBecause.SECOND.value,
        )
        .values(
            priority=bindparam("new_priority"),
            reason=case((is_free, bindparam("new_reason")), else_=QueueEntryRow.reason),
            is_suggestion_hidden=case((is_free, bindparam("new_hidden")), else_=hidden),
        ),
        rows,
    )
    if written.rowcount < len(rows):
        _add_missing(session, catalogue_id, places)


def _hold(session: Session, product_ids: Sequence[int]) -> set[int]:
    """Lock entries that nobody else has locked; return all products but those of the others."""
    entry = QueueEntryRow.product_id
    of_these = select(entry).where(entry.in_(product_ids))
    there = set(session.scalars(of_these))
    held = set(session.scalars(of_these.with_for_update(skip_locked=True)))
    return set(product_ids) - (there - held)


def _add_missing(session: Session, catalogue_id: int, places: Sequence[Place]) -> None:
    """Add entries for the undecided products that have none."""
    of_product = {place.product_id: place for place in places}
    missing = session.scalars(
        select(ProductRow.id)
        .outerjoin(QueueEntryRow, QueueEntryRow.product_id == ProductRow.id)
        .where(
            ProductRow.id.in_(of_product),
            ProductRow.state == ProductState.OPEN.value,
            QueueEntryRow.product_id.is_(None),
        )
    ).all()
    rows = [
        {
            "product_id": product_id,
            "catalogue_id": catalogue_id,
            "priority": of_product[product_id].priority,
            "reason": of_product[product_id].reason.value,
            "is_suggestion_hidden": of_product[product_id].is_suggestion_hidden,
            "is_waiting": True,
        }
        for product_id in missing
    ]
    add_unless_there(session, QueueEntryRow, rows)
