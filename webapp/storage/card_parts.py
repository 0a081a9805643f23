"""What a card names beside its product: categories by id, and the round behind a prediction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.review_cards import ShownRound
from webapp.storage.catalogues import category_of
from webapp.storage.categories import is_choosable
from webapp.storage.tables import CategoryRow, RoundRow


def find_choosable(
    session: Session, *, catalogue: Catalogue, category_ids: Iterable[int]
) -> dict[int, Category]:
    """Return those of the categories that products of the catalogue can get, by id."""
    rows = session.scalars(
        select(CategoryRow).where(CategoryRow.id.in_(set(category_ids)), is_choosable(catalogue))
    )
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
    rows = session.execute(
        select(RoundRow.id, RoundRow.number, RoundRow.fallback).where(
            RoundRow.id.in_(set(round_ids))
        )
    )
    return {row.id: ShownRound(row.id, row.number, row.fallback) for row in rows}
