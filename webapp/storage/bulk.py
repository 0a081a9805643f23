"""Acts on many products at once, and their annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.domain.bulk import BulkAct, LeftBecause
from webapp.domain.errors import ConflictError, NotFoundError
from webapp.domain.review import Annotation
from webapp.storage.annotations import IS_UNDONE, NewAnnotation, annotation_of, values_of
from webapp.storage.tables import AnnotationRow, BulkActRow


def find_newest_annotation_id(session: Session) -> int:
    """Return the id of the newest annotation, 0 before the first one."""
    return session.scalar(select(func.max(AnnotationRow.id))) or 0


def add(
    session: Session,
    *,
    catalogue_id: int,
    user_id: int,
    idempotency_key: str,
    category_id: int | None,
    chosen: dict[str, Any],
    now: datetime,
) -> int | None:
    """Add an act that has decided nothing yet; None where that key is taken."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert_new = postgresql.insert if is_postgresql else sqlite.insert
    statement = insert_new(BulkActRow).on_conflict_do_nothing().returning(BulkActRow.id)
    return session.scalar(
        statement,
        {
            "catalogue_id": catalogue_id,
            "user_id": user_id,
            "idempotency_key": idempotency_key,
            "category_id": category_id,
            "chosen": chosen,
            "n_decided": 0,
            "left_out": {},
            "created_at": now,
        },
    )


def write_counts(
    session: Session, *, bulk_act_id: int, n_decided: int, left_out: Mapping[LeftBecause, int]
) -> None:
    """Write what has become of an act."""
    session.execute(
        update(BulkActRow)
        .where(BulkActRow.id == bulk_act_id)
        .values(n_decided=n_decided, left_out={key.value: n for key, n in left_out.items()})
    )


def write_undone(session: Session, *, bulk_act_id: int, now: datetime) -> None:
    """Write that an act was taken back."""
    session.execute(update(BulkActRow).where(BulkActRow.id == bulk_act_id).values(undone_at=now))


def get_by_key(
    session: Session, *, catalogue_id: int, user_id: int, idempotency_key: str
) -> BulkAct:
    """Return the act that a person has sent under that key.

    Raises
    ------
    ConflictError
        If the key was used in another catalogue.
    """
    row = session.scalar(
        select(BulkActRow).where(
            BulkActRow.user_id == user_id,
            BulkActRow.idempotency_key == idempotency_key,
            BulkActRow.catalogue_id == catalogue_id,
        )
    )
    if row is None:
        raise ConflictError("This idempotency key was already used for something else.")
    return _act(row)


def get(
    session: Session, *, catalogue_id: int, bulk_act_id: int, is_locked: bool = False
) -> BulkAct:
    """Return an act; ``is_locked`` until the transaction ends."""
    query = select(BulkActRow).where(
        BulkActRow.id == bulk_act_id, BulkActRow.catalogue_id == catalogue_id
    )
    row = session.scalar(
        query.with_for_update() if is_locked else query,
        execution_options={"populate_existing": True},
    )
    if row is None:
        raise NotFoundError("There is no such act in this catalogue.")
    return _act(row)


def count_standing(session: Session, *, bulk_act_id: int) -> int:
    """Return how many products of an act keep what it decided."""
    standing = select(func.count()).where(AnnotationRow.bulk_act_id == bulk_act_id, ~IS_UNDONE)
    return session.scalars(standing).one()


def add_annotations(session: Session, *, catalogue_id: int, new: Sequence[NewAnnotation]) -> None:
    """Add annotations at once."""
    if not new:
        return
    session.connection().execute(
        insert(AnnotationRow), [values_of(each, catalogue_id=catalogue_id) for each in new]
    )


def list_annotations(session: Session, *, bulk_act_id: int) -> dict[int, Annotation]:
    """Return the annotations of an act that were not taken back, by product."""
    rows = session.scalars(
        select(AnnotationRow)
        .where(AnnotationRow.bulk_act_id == bulk_act_id, ~IS_UNDONE)
        .order_by(AnnotationRow.product_id)
    )
    return {row.product_id: annotation_of(row) for row in rows}


def _act(row: BulkActRow) -> BulkAct:
    return BulkAct(
        id=row.id,
        user_id=row.user_id,
        category_id=row.category_id,
        n_decided=row.n_decided,
        left_out={LeftBecause(key): n for key, n in row.left_out.items()},
        created_at=row.created_at,
        undone_at=row.undone_at,
    )
