"""The order in which products are asked; lending and deciding them is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from webapp.domain.asking_order import OpenProduct, Place, fraction_of
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import (
    AnnotationRow,
    LiveRoundRow,
    PredictionRow,
    ProductRow,
    QueueEntryRow,
)

_READ_AT_ONCE = 5000


def add_new(
    session: Session, *, catalogue_id: int, product_ids: Sequence[int], now: datetime
) -> None:
    """Put products that an import has added into the queue, in random places.

    Their proper places, and whether they belong to the evaluation set, follow with the next
    round, or the refresh of the predictions after an import.
    """
    live = session.get(LiveRoundRow, catalogue_id)
    is_ranked = live is not None and live.published_at <= now
    reason = AskedBecause.NEW if is_ranked else AskedBecause.RANDOM
    places = [Place(p, 1 - fraction_of(p), reason, False) for p in product_ids]
    _add_missing(session, catalogue_id, places)


def iterate_open(
    session: Session, *, catalogue_id: int, round_id: int | None
) -> Iterator[OpenProduct]:
    """Yield the undecided products and what the order needs to know of them."""
    later = aliased(AnnotationRow)
    skipped = set(
        session.scalars(
            select(AnnotationRow.product_id).where(
                AnnotationRow.catalogue_id == catalogue_id,
                AnnotationRow.verdict == Verdict.SKIPPED.value,
                ~exists().where(
                    later.product_id == AnnotationRow.product_id, later.id > AnnotationRow.id
                ),
            )
        )
    )
    rows = session.execute(
        select(ProductRow.id, PredictionRow.margin, ProductRow.is_evaluation)
        .outerjoin(
            PredictionRow,
            (PredictionRow.product_id == ProductRow.id) & (PredictionRow.round_id == round_id),
        )
        .where(ProductRow.catalogue_id == catalogue_id, ProductRow.state == ProductState.OPEN.value)
        .execution_options(yield_per=_READ_AT_ONCE)
    )
    for product_id, margin, is_evaluation in rows:
        yield OpenProduct(product_id, margin, bool(is_evaluation), product_id in skipped)


def write(session: Session, *, catalogue_id: int, places: Sequence[Place]) -> None:
    """Give products their places; at most a thousand at once, as it holds the write lock.

    A product that is lent keeps the reason that its moderator sees, so that the annotation tells
    what was shown; whether a product waits, and who has it, is not touched.
    """
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
    this = QueueEntryRow.product_id == bindparam("of_product")
    connection = session.connection()  # the ORM would refuse a bulk update with a condition
    connection.execute(
        update(QueueEntryRow)
        .where(this, QueueEntryRow.leased_to.is_(None))
        .values(
            priority=bindparam("new_priority"),
            reason=bindparam("new_reason"),
            is_suggestion_hidden=bindparam("new_hidden"),
        ),
        rows,
    )
    connection.execute(
        update(QueueEntryRow)
        .where(this, QueueEntryRow.leased_to.is_not(None))
        .values(priority=bindparam("new_priority")),
        rows,
    )
    _add_missing(session, catalogue_id, places)


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
