"""Annotations, which are only ever added, and the labels that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from webapp.domain.errors import NotFoundError
from webapp.domain.review import Annotation, AskedBecause, Outcome, ProductState, Verdict
from webapp.storage.tables import AnnotationRow, LabelRow, ProductRow

_Undoing = aliased(AnnotationRow)
IS_UNDONE = select(_Undoing.id).where(_Undoing.undoes_id == AnnotationRow.id).exists()


@dataclass(frozen=True, slots=True)
class NewAnnotation:
    """An act as it will be stored."""

    product_id: int
    user_id: int
    verdict: Verdict
    idempotency_key: str
    asked_because: AskedBecause
    is_suggestion_hidden: bool
    created_at: datetime
    category_id: int | None = None
    note: str = ""
    undoes_id: int | None = None
    shown_round_id: int | None = None
    shown_category_id: int | None = None
    shown_probability: float | None = None
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LockedProduct:
    """What deciding needs to know of a product that nobody else can decide meanwhile."""

    id: int
    state: ProductState
    source_category_id: int | None
    is_evaluation: bool | None
    group_number: int | None


def lock_product(session: Session, *, catalogue_id: int, product_id: int) -> LockedProduct:
    """Return a product, locked until the transaction ends, so that acts on it queue up."""
    row = session.execute(
        select(
            ProductRow.id,
            ProductRow.state,
            ProductRow.source_category_id,
            ProductRow.is_evaluation,
            ProductRow.group_number,
        )
        .where(ProductRow.id == product_id, ProductRow.catalogue_id == catalogue_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such product in this catalogue.")
    return LockedProduct(
        id=row.id,
        state=ProductState(row.state),
        source_category_id=row.source_category_id,
        is_evaluation=row.is_evaluation,
        group_number=row.group_number,
    )


def add(session: Session, *, catalogue_id: int, new: NewAnnotation) -> Annotation:
    """Add an act."""
    row = AnnotationRow(
        catalogue_id=catalogue_id,
        product_id=new.product_id,
        user_id=new.user_id,
        verdict=new.verdict.value,
        category_id=new.category_id,
        note=new.note,
        undoes_id=new.undoes_id,
        idempotency_key=new.idempotency_key,
        asked_because=new.asked_because.value,
        is_suggestion_hidden=new.is_suggestion_hidden,
        shown_round_id=new.shown_round_id,
        shown_category_id=new.shown_category_id,
        shown_probability=new.shown_probability,
        took_ms=new.took_ms,
        created_at=new.created_at,
    )
    session.add(row)
    session.flush()
    return annotation_of(row)


def find(session: Session, *, catalogue_id: int, annotation_id: int) -> Annotation | None:
    """Return the act with that id in a catalogue, or None."""
    row = session.scalar(
        select(AnnotationRow).where(
            AnnotationRow.id == annotation_id, AnnotationRow.catalogue_id == catalogue_id
        )
    )
    return annotation_of(row) if row else None


def find_by_key(session: Session, *, user_id: int, idempotency_key: str) -> Annotation | None:
    """Return the act that a person has already sent under that key, or None."""
    row = session.scalar(
        select(AnnotationRow).where(
            AnnotationRow.user_id == user_id, AnnotationRow.idempotency_key == idempotency_key
        )
    )
    return annotation_of(row) if row else None


def find_last_standing(session: Session, *, catalogue_id: int, user_id: int) -> Annotation | None:
    """Return a person's last act in a catalogue that was not taken back, or None."""
    row = session.scalar(
        select(AnnotationRow)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.user_id == user_id,
            AnnotationRow.verdict != Verdict.UNDONE.value,
            ~IS_UNDONE,
        )
        .order_by(AnnotationRow.created_at.desc(), AnnotationRow.id.desc())
        .limit(1)
    )
    return annotation_of(row) if row else None


def list_of_product(session: Session, *, product_id: int) -> list[Annotation]:
    """Return every act on a product, the first one first."""
    rows = session.scalars(
        select(AnnotationRow)
        .where(AnnotationRow.product_id == product_id)
        .order_by(AnnotationRow.id)
    )
    return [annotation_of(row) for row in rows]


def count_decided(session: Session, *, catalogue_id: int, user_id: int, since: datetime) -> int:
    """Return how many decisions of a person since then stand."""
    return session.scalars(
        select(func.count())
        .select_from(AnnotationRow)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.user_id == user_id,
            AnnotationRow.created_at >= since,
            AnnotationRow.verdict.in_(
                [Verdict.CONFIRMED.value, Verdict.CORRECTED.value, Verdict.FLAGGED.value]
            ),
            ~IS_UNDONE,
        )
    ).one()


def write_outcome(
    session: Session, *, catalogue_id: int, product_id: int, outcome: Outcome
) -> None:
    """Write what follows from the annotations of a product: its state and its label."""
    session.execute(
        update(ProductRow).where(ProductRow.id == product_id).values(state=outcome.state.value)
    )
    session.execute(delete(LabelRow).where(LabelRow.product_id == product_id))
    if outcome.category_id is not None and outcome.annotation_id is not None:
        session.add(
            LabelRow(
                product_id=product_id,
                catalogue_id=catalogue_id,
                category_id=outcome.category_id,
                annotation_id=outcome.annotation_id,
            )
        )
    session.flush()


def annotation_of(row: AnnotationRow) -> Annotation:
    """Return the record of a row."""
    return Annotation(
        id=row.id,
        product_id=row.product_id,
        user_id=row.user_id,
        verdict=Verdict(row.verdict),
        category_id=row.category_id,
        note=row.note,
        undoes_id=row.undoes_id,
        asked_because=AskedBecause(row.asked_because),
        is_suggestion_hidden=row.is_suggestion_hidden,
        shown_round_id=row.shown_round_id,
        shown_category_id=row.shown_category_id,
        shown_probability=row.shown_probability,
        took_ms=row.took_ms,
        created_at=row.created_at,
    )
