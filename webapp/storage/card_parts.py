"""What a card names beside its product: categories by id, and the round behind a prediction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.review_cards import ShownRound
from webapp.storage.catalogues import category_of
from webapp.storage.categories import choosable_levels
from webapp.storage.tables import CategoryRow, RoundRow

_CATEGORIES = cast(Table, CategoryRow.__table__)
_ROUNDS = cast(Table, RoundRow.__table__)
# Made once: every card asks. What products can get, from a level of the tree to another.
_CHOOSABLE = select(_CATEGORIES).where(
    _CATEGORIES.c.id.in_(bindparam("these", expanding=True)),
    _CATEGORIES.c.catalogue_id == bindparam("of_catalogue"),
    _CATEGORIES.c.level.between(bindparam("highest"), bindparam("lowest")),
)
_FIND_ROUNDS = select(_ROUNDS.c.id, _ROUNDS.c.number, _ROUNDS.c.fallback).where(
    _ROUNDS.c.id.in_(bindparam("these", expanding=True))
)


def find_choosable(
    session: Session, *, catalogue: Catalogue, category_ids: Iterable[int]
) -> dict[int, Category]:
    """Return those of the categories that products of the catalogue can get, by id."""
    highest, lowest = choosable_levels(catalogue)
    values = {"of_catalogue": catalogue.id, "highest": highest, "lowest": lowest}
    rows = session.connection().execute(_CHOOSABLE, values | {"these": list(set(category_ids))})
    return {row.id: category_of(row) for row in rows}


def list_first(session: Session, *, catalogue: Catalogue, n: int) -> list[Category]:
    """Return the first categories that products can get, in the order of the tree."""
    rows = session.scalars(
        select(CategoryRow)
        .where(
            CategoryRow.catalogue_id == catalogue.id,
            CategoryRow.level == catalogue.decision_level,
        )
        .order_by(CategoryRow.path)
        .limit(n)
    )
    return [category_of(row) for row in rows]


def find_rounds(session: Session, *, round_ids: Iterable[int]) -> dict[int, ShownRound]:
    """Return number and fallback of rounds, by id."""
    rows = session.connection().execute(_FIND_ROUNDS, {"these": list(set(round_ids))})
    return {row.id: ShownRound(row.id, row.number, row.fallback) for row in rows}
