"""Catalogues and their categories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue, CatalogueProgress, Category
from webapp.domain.catalogue_settings import CatalogueSettings, read_settings
from webapp.domain.errors import NotFoundError
from webapp.storage.categories import is_choosable
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import (
    CatalogueRow,
    CategoryRow,
    LiveRoundRow,
    ProductRow,
    RoundRow,
)

# Made once, and of tables: every request begins with the catalogue of its address.
_CATALOGUES_TABLE = cast(Table, CatalogueRow.__table__)
_LIVE = cast(Table, LiveRoundRow.__table__)
_CATALOGUES = select(_CATALOGUES_TABLE, _LIVE.c.round_id.label("live_round_id")).outerjoin(
    _LIVE, _LIVE.c.catalogue_id == _CATALOGUES_TABLE.c.id
)
_BY_SLUG = _CATALOGUES.where(_CATALOGUES_TABLE.c.slug == bindparam("of_slug"))


def find(session: Session, *, slug: str) -> Catalogue | None:
    """Return the catalogue of that address, or None."""
    row = session.connection().execute(_BY_SLUG, {"of_slug": slug}).one_or_none()
    return _catalogue(row) if row else None


def get(session: Session, *, slug: str) -> Catalogue:
    """Return the catalogue of that address."""
    catalogue = find(session, slug=slug)
    if catalogue is None:
        raise NotFoundError("There is no catalogue called %(slug)s.", slug=slug)
    return catalogue


def get_by_id(session: Session, *, catalogue_id: int) -> Catalogue:
    """Return the catalogue with that id."""
    of_id = _CATALOGUES.where(_CATALOGUES_TABLE.c.id == catalogue_id)
    row = session.execute(of_id).one_or_none()
    if row is None:
        raise NotFoundError("There is no such catalogue.")
    return _catalogue(row)


def lock(session: Session, *, catalogue_id: int) -> None:
    """Let nobody else who asks for this go on in the catalogue until the transaction ends.

    Those that add products or annotations need not wait: the key of the row stays. SQLite has one
    writer at a time anyway.
    """
    row = select(CatalogueRow.id).where(CatalogueRow.id == catalogue_id)
    session.execute(row.with_for_update(key_share=True))


def list_all(session: Session) -> list[Catalogue]:
    """Return every catalogue."""
    return [_catalogue(row) for row in session.execute(_CATALOGUES)]


def add(session: Session, *, slug: str, name: str, decision_level: int, now: datetime) -> Catalogue:
    """Add an empty catalogue, or return the one that another transaction adds meanwhile."""
    row = {
        "slug": slug,
        "name": name,
        "decision_level": decision_level,
        "evaluation_share": 0.2,
        "created_at": now,
    }
    add_unless_there(session, CatalogueRow, [row])
    return get(session, slug=slug)


def write_settings(session: Session, *, catalogue_id: int, settings: CatalogueSettings) -> None:
    """Store what an admin decided about a catalogue."""
    session.execute(
        update(CatalogueRow)
        .where(CatalogueRow.id == catalogue_id)
        .values(settings=settings.as_dict())
    )


def list_progress(session: Session) -> list[CatalogueProgress]:
    """Return every catalogue and how far it is, in the order of their names."""
    counts = {
        (catalogue_id, state): n
        for catalogue_id, state, n in session.execute(
            select(ProductRow.catalogue_id, ProductRow.state, func.count()).group_by(
                ProductRow.catalogue_id, ProductRow.state
            )
        )
    }
    numbers = dict(
        session.execute(
            select(LiveRoundRow.catalogue_id, RoundRow.number).join(
                RoundRow, RoundRow.id == LiveRoundRow.round_id
            )
        ).all()
    )
    return [
        CatalogueProgress(
            catalogue=_catalogue(row),
            n_products=sum(n for (owner, _), n in counts.items() if owner == row.id),
            n_labelled=counts.get((row.id, "labelled"), 0),
            n_flagged=counts.get((row.id, "flagged"), 0),
            n_accepted=counts.get((row.id, "accepted"), 0),
            n_disputed=counts.get((row.id, "disputed"), 0),
            live_round_number=numbers.get(row.id),
        )
        for row in session.execute(_CATALOGUES.order_by(_CATALOGUES_TABLE.c.name))
    ]


def list_categories(session: Session, *, catalogue_id: int, level: int) -> list[Category]:
    """Return the categories of one level, in the order of their paths."""
    rows = session.scalars(
        select(CategoryRow)
        .where(CategoryRow.catalogue_id == catalogue_id, CategoryRow.level == level)
        .order_by(CategoryRow.path)
    )
    return [category_of(row) for row in rows]


def find_category(session: Session, *, catalogue: Catalogue, path: str) -> Category | None:
    """Return the category with that path that products can get, or None."""
    row = session.scalar(
        select(CategoryRow).where(CategoryRow.path == path, is_choosable(catalogue))
    )
    return category_of(row) if row else None


def find_paths(session: Session, *, category_ids: Iterable[int]) -> dict[int, str]:
    """Return the paths of categories of any level, by id."""
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.path).where(CategoryRow.id.in_(set(category_ids)))
    )
    return dict(rows.all())


def category_of(row: CategoryRow | Row[*tuple[Any, ...]]) -> Category:
    """Return the record of a row."""
    return Category(
        id=row.id, parent_id=row.parent_id, name=row.name, path=row.path, level=row.level
    )


def _catalogue(row: Row[*tuple[Any, ...]]) -> Catalogue:
    return Catalogue(
        id=row.id,
        slug=row.slug,
        name=row.name,
        decision_level=row.decision_level,
        evaluation_share=row.evaluation_share,
        live_round_id=row.live_round_id,
        created_at=row.created_at,
        settings=read_settings(row.settings),
    )
