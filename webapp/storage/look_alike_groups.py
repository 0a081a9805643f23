"""Groups of near-duplicates: how many there are, which come first, and who belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, not_, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue
from webapp.domain.look_alike_groups import GroupCounts
from webapp.domain.review import ProductState
from webapp.storage.product_search_conditions import IS_HIDDEN
from webapp.storage.tables import LabelRow, ProductRow

_IS_MIXED: ColumnElement[bool] = func.min(LabelRow.category_id) != func.max(LabelRow.category_id)


def count(session: Session, *, catalogue: Catalogue) -> GroupCounts:
    """Return how many groups have two members or more, and how many of them are mixed."""
    groups = _groups(catalogue, case((_IS_MIXED, 1), else_=0).label("is_mixed")).subquery()
    n, n_mixed = session.execute(select(func.count(), func.sum(groups.c.is_mixed))).one()
    return GroupCounts(n, n_mixed or 0)


def list_numbers(
    session: Session, *, catalogue: Catalogue, mixed_only: bool, offset: int, n: int
) -> list[tuple[int, int]]:
    """Return number and size of groups: mixed ones, then those with most undecided members."""
    is_open = case((ProductRow.state == ProductState.OPEN.value, 1), else_=0)
    query = _groups(catalogue, ProductRow.group_number, func.count().label("n")).order_by(
        case((_IS_MIXED, 0), else_=1), func.sum(is_open).desc(), ProductRow.group_number
    )
    if mixed_only:
        query = query.having(_IS_MIXED)
    rows = session.execute(query.offset(offset).limit(n))
    return [(row.group_number, row.n) for row in rows]


def list_members(
    session: Session, *, catalogue: Catalogue, group_numbers: Sequence[int]
) -> dict[int, list[int]]:
    """Return the products of groups, by group."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(ProductRow.group_number, ProductRow.id)
        .where(
            ProductRow.catalogue_id == catalogue.id,
            ProductRow.group_number.in_(group_numbers),
            not_(IS_HIDDEN),
        )
        .order_by(ProductRow.id)
    )
    for group_number, product_id in rows:
        if group_number is not None:
            found.setdefault(group_number, []).append(product_id)
    return found


def _groups(catalogue: Catalogue, *columns: Any) -> Select[Any]:
    """Select from the groups that have more than one member that may be seen."""
    return (
        select(*columns)
        .select_from(ProductRow)
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .where(
            ProductRow.catalogue_id == catalogue.id,
            ProductRow.group_number.is_not(None),
            not_(IS_HIDDEN),
        )
        .group_by(ProductRow.group_number)
        .having(func.count() > 1)
    )
