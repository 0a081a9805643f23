"""Annotations, which are only ever added."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.review import (
    DECIDING,
    Annotation,
    AskedBecause,
    Probe,
    Verdict,
)
from webapp.storage.tables import AnnotationRow

_Undoing = aliased(AnnotationRow)
IS_UNDONE = select(_Undoing.id).where(_Undoing.undoes_id == AnnotationRow.id).exists()

# Made once, and of tables in place of objects: every decision runs these, and making a statement,
# or an object that is watched for changes, takes longer than running it.
_ACTS = cast(Table, AnnotationRow.__table__)
_ADD = insert(_ACTS).returning(_ACTS.c.id)
_BY_KEY = select(_ACTS).where(
    _ACTS.c.user_id == bindparam("of_user"), _ACTS.c.idempotency_key == bindparam("key")
)
_OF_PRODUCT = (
    select(_ACTS).where(_ACTS.c.product_id == bindparam("of_product")).order_by(_ACTS.c.id)
)
_UNDOINGS = _ACTS.alias()
# Not "in": how long its list is would have to be filled in at each run.
DECIDES = or_(*(_ACTS.c.verdict == verdict.value for verdict in sorted(DECIDING)))
_COUNT_DECIDED = (
    select(func.count())
    .select_from(_ACTS)
    .where(
        _ACTS.c.catalogue_id == bindparam("of_catalogue"),
        _ACTS.c.user_id == bindparam("of_user"),
        _ACTS.c.created_at >= bindparam("since"),
        DECIDES,
        ~select(_UNDOINGS.c.id).where(_UNDOINGS.c.undoes_id == _ACTS.c.id).exists(),
    )
)


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
    n_needed: int = 1
    probe: Probe | None = None
    bulk_act_id: int | None = None


def add(session: Session, *, catalogue_id: int, new: NewAnnotation) -> Annotation:
    """Add an act."""
    values = values_of(new, catalogue_id=catalogue_id)
    added_id = session.connection().execute(_ADD, values).scalar_one()
    return Annotation(
        id=added_id,
        product_id=new.product_id,
        user_id=new.user_id,
        verdict=new.verdict,
        category_id=new.category_id,
        note=new.note,
        undoes_id=new.undoes_id,
        asked_because=new.asked_because,
        is_suggestion_hidden=new.is_suggestion_hidden,
        shown_round_id=new.shown_round_id,
        shown_category_id=new.shown_category_id,
        shown_probability=new.shown_probability,
        took_ms=new.took_ms,
        created_at=new.created_at,
        n_needed=new.n_needed,
        probe=new.probe,
    )


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
    row = (
        session.connection()
        .execute(_BY_KEY, {"of_user": user_id, "key": idempotency_key})
        .one_or_none()
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
    rows = session.connection().execute(_OF_PRODUCT, {"of_product": product_id})
    return [annotation_of(row) for row in rows]


def find_decided_by(session: Session, *, user_id: int, product_ids: Collection[int]) -> set[int]:
    """Return those of the products that a person has decided, what she took back left out."""
    return set(
        session.scalars(
            select(AnnotationRow.product_id).where(
                AnnotationRow.product_id.in_(product_ids),
                AnnotationRow.user_id == user_id,
                AnnotationRow.verdict.in_([verdict.value for verdict in DECIDING]),
                ~IS_UNDONE,
            )
        )
    )


def count_decided(session: Session, *, catalogue_id: int, user_id: int, since: datetime) -> int:
    """Return how many decisions of a person since then stand."""
    since_then = {"of_catalogue": catalogue_id, "of_user": user_id, "since": since}
    n: int = session.connection().execute(_COUNT_DECIDED, since_then).scalar_one()
    return n


def values_of(new: NewAnnotation, *, catalogue_id: int) -> dict[str, Any]:
    """Return what a new row holds, by column."""
    return {
        "catalogue_id": catalogue_id,
        "product_id": new.product_id,
        "user_id": new.user_id,
        "verdict": new.verdict.value,
        "category_id": new.category_id,
        "note": new.note,
        "undoes_id": new.undoes_id,
        "idempotency_key": new.idempotency_key,
        "asked_because": new.asked_because.value,
        "is_suggestion_hidden": new.is_suggestion_hidden,
        "shown_round_id": new.shown_round_id,
        "shown_category_id": new.shown_category_id,
        "shown_probability": new.shown_probability,
        "took_ms": new.took_ms,
        "created_at": new.created_at,
        "n_needed": new.n_needed,
        "probe": None if new.probe is None else new.probe.value,
        "bulk_act_id": new.bulk_act_id,
    }


def annotation_of(row: AnnotationRow | Row[*tuple[Any, ...]]) -> Annotation:
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
        n_needed=row.n_needed,
        probe=None if row.probe is None else Probe(row.probe),
    )
