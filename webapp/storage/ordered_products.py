"""What ordering the queue reads: products with their places, and what a round says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from webapp.domain.asking_order import Place
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage.tables import (
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    QueueEntryRow,
)

_READ_AT_ONCE = 5000
_STATES = {
    state.value: state for state in ProductState
}  # calling the class takes ten times as long
_REASONS = {reason.value: reason for reason in AskedBecause}
_IS_WAITING = text("is_waiting")  # word for word the predicate of the partial index


@dataclass(frozen=True, slots=True)
class OrderedProduct:
    """What ordering needs to know of a product; ``place`` is None where it has none yet."""

    id: int
    state: ProductState
    is_evaluation: bool
    group_number: int | None
    source_category_id: int | None
    label_category_id: int | None
    is_lent: bool
    place: Place | None

    @property
    def is_asked(self) -> bool:
        """Tell whether the order decides when it is asked: nobody has decided it so far."""
        return self.state is ProductState.OPEN and (
            self.place is None or self.place.reason is not AskedBecause.SECOND
        )


def iterate_all(session: Session, *, catalogue_id: int) -> Iterator[OrderedProduct]:
    """Yield every product of a catalogue, in the order of their ids."""
    statement = _products().where(ProductRow.catalogue_id == catalogue_id).order_by(ProductRow.id)
    yield from _ordered(session, statement)


def measure(session: Session, *, catalogue_id: int) -> tuple[int, int]:
    """Return how many products a catalogue has, and the highest id among them, 0 for none."""
    n, highest = session.execute(
        select(func.count(), func.max(ProductRow.id)).where(ProductRow.catalogue_id == catalogue_id)
    ).one()
    return n, highest or 0


def list_front(session: Session, *, catalogue_id: int, n: int) -> list[OrderedProduct]:
    """Return the first ``n`` products that wait and that nobody has skipped, in their order."""
    statement = (
        _products()
        .where(QueueEntryRow.catalogue_id == catalogue_id, _IS_WAITING, QueueEntryRow.priority > -1)
        .order_by(QueueEntryRow.priority.desc(), QueueEntryRow.product_id.desc())
        .limit(n)
    )
    return list(_ordered(session, statement))


def list_labelled(session: Session, *, catalogue_id: int, n: int) -> list[OrderedProduct]:
    """Return the ``n`` products that were labelled last."""
    statement = (
        _products()
        .where(LabelRow.catalogue_id == catalogue_id)
        .order_by(LabelRow.annotation_id.desc())
        .limit(n)
    )
    return list(_ordered(session, statement))


def list_some(session: Session, *, product_ids: Sequence[int]) -> list[OrderedProduct]:
    """Return those of the products that exist."""
    return list(_ordered(session, _products().where(ProductRow.id.in_(product_ids))))


def list_taken_groups(
    session: Session, *, catalogue_id: int, group_numbers: Sequence[int]
) -> set[int]:
    """Return those of the groups of which a product is decided, or on a desk."""
    statement = (
        select(ProductRow.group_number)
        .outerjoin(QueueEntryRow, QueueEntryRow.product_id == ProductRow.id)
        .where(
            ProductRow.catalogue_id == catalogue_id,
            ProductRow.group_number.in_(group_numbers),
            or_(
                ProductRow.state != ProductState.OPEN.value,
                QueueEntryRow.leased_to.is_not(None),
                QueueEntryRow.reason == AskedBecause.SECOND.value,
            ),
        )
        .distinct()
    )
    return {number for number in session.scalars(statement) if number is not None}


def list_skipped(session: Session, *, catalogue_id: int) -> set[int]:
    """Return the products whose last act was a skip."""
    later = aliased(AnnotationRow)
    statement = select(AnnotationRow.product_id).where(
        AnnotationRow.catalogue_id == catalogue_id,
        AnnotationRow.verdict == Verdict.SKIPPED.value,
        ~exists().where(later.product_id == AnnotationRow.product_id, later.id > AnnotationRow.id),
    )
    return set(session.scalars(statement))


def iterate_said(
    session: Session, *, round_id: int, product_ids: Sequence[int] | None = None
) -> Iterator[tuple[int, list[list[float]], list[list[float]] | None, list[list[float]] | None]]:
    """Yield what a round says of products: fused, by text alone, by image alone.

    Each is ``[[category_id, probability], ...]``. It reads those products, or all of the round.
    """
    statement = select(
        PredictionRow.product_id, PredictionRow.fused, PredictionRow.text, PredictionRow.image
    ).where(PredictionRow.round_id == round_id)
    if product_ids is not None:
        statement = statement.where(PredictionRow.product_id.in_(product_ids))
    for row in session.execute(statement.execution_options(yield_per=_READ_AT_ONCE)):
        yield row.product_id, row.fused, row.text, row.image


def _products() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ProductRow.id,
            ProductRow.state,
            ProductRow.is_evaluation,
            ProductRow.group_number,
            ProductRow.source_category_id,
            LabelRow.category_id,
            QueueEntryRow.leased_to,
            QueueEntryRow.priority,
            QueueEntryRow.reason,
            QueueEntryRow.is_suggestion_hidden,
        )
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .outerjoin(QueueEntryRow, QueueEntryRow.product_id == ProductRow.id)
    )


def _ordered(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[OrderedProduct]:
    rows = session.execute(statement.execution_options(yield_per=_READ_AT_ONCE))
    for product_id, state, evaluates, group, source, label, holder, *stored in rows:
        priority, reason, is_hidden = stored
        yield OrderedProduct(
            product_id,
            _STATES[state],
            bool(evaluates),
            group,
            source,
            label,
            holder is not None,
            None if priority is None else Place(product_id, priority, _REASONS[reason], is_hidden),
        )
