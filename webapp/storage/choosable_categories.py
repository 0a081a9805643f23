"""All that products of a catalogue can get: as one list, by its version, and by words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue, Category
from webapp.storage.catalogues import category_of
from webapp.storage.categories import is_choosable
from webapp.storage.tables import CategoryRow


@dataclass(frozen=True, slots=True)
class Extent:
    """How many categories products can get, and a name that changes when they do."""

    n: int
    version: str


def measure(session: Session, *, catalogue: Catalogue) -> Extent:
    """Return the extent of what can be chosen.

    Nodes of a tree are only ever added, so their number and the last one tell one list from
    another without reading it.
    """
    n, last_id = session.execute(
        select(func.count(), func.max(CategoryRow.id)).where(is_choosable(catalogue))
    ).one()
    is_inner = catalogue.settings.are_inner_categories_allowed
    named = f"{catalogue.id} {catalogue.decision_level} {is_inner} {n} {last_id}"
    return Extent(n, hashlib.sha256(named.encode()).hexdigest()[:12])


def list_paths(session: Session, *, catalogue: Catalogue) -> list[tuple[int, str]]:
    """Return id and path of every category that can be chosen, in the order of the paths."""
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.path)
        .where(is_choosable(catalogue))
        .order_by(CategoryRow.path)
    )
    return [(row.id, row.path) for row in rows]


def list_all(session: Session, *, catalogue: Catalogue) -> list[Category]:
    """Return every category that can be chosen, in the order of the paths."""
    rows = session.scalars(
        select(CategoryRow).where(is_choosable(catalogue)).order_by(CategoryRow.path)
    )
    return [category_of(row) for row in rows]


def find_by_words(
    session: Session, *, catalogue: Catalogue, words: Sequence[str], n: int
) -> list[Category]:
    """Return the first ``n`` categories whose path holds all the words; capitals do not matter."""
    rows = session.scalars(
        select(CategoryRow)
        .where(
            is_choosable(catalogue),
            *(CategoryRow.path.icontains(word, autoescape=True) for word in words),
        )
        .order_by(CategoryRow.path)
        .limit(n)
    )
    return [category_of(row) for row in rows]
