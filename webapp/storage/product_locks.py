"""Locking products, so that acts on one of them come one after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.errors import NotFoundError
from webapp.domain.review import ProductState
from webapp.storage.tables import ProductRow

# Made once, and of a table in place of objects, as in ``storage.annotations``.
_PRODUCTS = cast(Table, ProductRow.__table__)
# "key_share": whoever writes a row of the queue twice in PostgreSQL shares the key of its product,
# and would wait for whoever locked the product and waits for that row.
_LOCK = (
    select(
        _PRODUCTS.c.id,
        _PRODUCTS.c.state,
        _PRODUCTS.c.source_category_id,
        _PRODUCTS.c.is_evaluation,
        _PRODUCTS.c.group_number,
    )
    .where(
        _PRODUCTS.c.id == bindparam("product_id"),
        _PRODUCTS.c.catalogue_id == bindparam("of_catalogue"),
    )
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True)
class LockedProduct:
    """What deciding needs to know of a product that nobody else can decide meanwhile."""

    id: int
    state: ProductState
    source_category_id: int | None
    is_evaluation: bool | None
    group_number: int | None


def lock(session: Session, *, catalogue_id: int, product_id: int) -> LockedProduct:
    """Return a product, locked until the transaction ends, so that acts on it queue up."""
    row = (
        session.connection()
        .execute(_LOCK, {"product_id": product_id, "of_catalogue": catalogue_id})
        .one_or_none()
    )
    if row is None:
        raise NotFoundError("There is no such product in this catalogue.")
    return LockedProduct(
        id=row.id,
        state=ProductState(row.state),
        source_category_id=row.source_category_id,
        is_evaluation=row.is_evaluation,
        group_number=row.group_number,
    )


def lock_many(session: Session, *, product_ids: Collection[int]) -> None:
    """Lock several products; in the order in which everybody does, so that nobody waits in turn."""
    session.execute(
        select(_PRODUCTS.c.id)
        .where(_PRODUCTS.c.id.in_(product_ids))
        .order_by(_PRODUCTS.c.id)
        .with_for_update(key_share=True)
    )
