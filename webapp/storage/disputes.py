"""Products that people have decided differently."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Category
from webapp.domain.review import DECIDING, ProductState
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.catalogues import category_of
from webapp.storage.tables import AnnotationRow, CategoryRow, ProductRow, UserRow


def count(session: Session, *, catalogue_id: int, undecided_by: int | None = None) -> int:
    """Return how many products of a catalogue are disputed.

    Parameters
    ----------
    undecided_by
        Count only those that this person has not decided, and which she may judge therefore.
    """
    disputed = select(func.count()).where(
        ProductRow.catalogue_id == catalogue_id, ProductRow.state == ProductState.DISPUTED.value
    )
    if undecided_by is not None:
        own = select(AnnotationRow.id).where(
            AnnotationRow.product_id == ProductRow.id,
            AnnotationRow.user_id == undecided_by,
            AnnotationRow.verdict.in_([verdict.value for verdict in DECIDING]),
            ~IS_UNDONE,
        )
        disputed = disputed.where(~own.exists())
    return session.scalars(disputed).one()


def list_some(session: Session, *, catalogue_id: int, n: int) -> list[tuple[int, str]]:
    """Return id and name of the first ``n`` disputed products."""
    rows = session.execute(
        select(ProductRow.id, ProductRow.name, ProductRow.external_id)
        .where(
            ProductRow.catalogue_id == catalogue_id,
            ProductRow.state == ProductState.DISPUTED.value,
        )
        .order_by(ProductRow.id)
        .limit(n)
    )
    return [(row.id, row.name or row.external_id) for row in rows]


def find_names(session: Session, *, user_ids: Collection[int]) -> dict[int, str]:
    """Return the names of people, by their ids."""
    rows = session.execute(select(UserRow.id, UserRow.name).where(UserRow.id.in_(user_ids)))
    return dict(rows.all())


def find_categories(session: Session, *, category_ids: Collection[int]) -> dict[int, Category]:
    """Return categories by their ids, also those that products can no longer get."""
    rows = session.scalars(select(CategoryRow).where(CategoryRow.id.in_(category_ids)))
    return {row.id: category_of(row) for row in rows}
