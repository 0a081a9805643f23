"""What people are told of categories; versions are only ever added, the newest one counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.category_paths import SEPARATOR
from webapp.domain.errors import NotFoundError
from webapp.domain.guidance import Example, Guidance, GuidedCategory
from webapp.storage.catalogues import category_of
from webapp.storage.tables import (
    CategoryRow,
    GuidanceRow,
    LabelRow,
    ProductImageRow,
    ProductRow,
    UserRow,
)


def get_category(session: Session, *, catalogue: Catalogue, category_id: int) -> Category:
    """Return a category of the catalogue, of any level at which products are decided or above."""
    row = session.scalar(
        select(CategoryRow).where(
            CategoryRow.id == category_id,
            CategoryRow.catalogue_id == catalogue.id,
            CategoryRow.level <= catalogue.decision_level,
        )
    )
    if row is None:
        raise NotFoundError("There is no such category in this catalogue.")
    return category_of(row)


def list_above(session: Session, *, catalogue: Catalogue, category: Category) -> list[Category]:
    """Return the categories that hold a category, the root first."""
    names = category.path.split(SEPARATOR)
    paths = [SEPARATOR.join(names[:depth]) for depth in range(1, len(names))]
    rows = session.scalars(
        select(CategoryRow)
        .where(CategoryRow.catalogue_id == catalogue.id, CategoryRow.path.in_(paths))
        .order_by(CategoryRow.level)
    )
    return [category_of(row) for row in rows]


def list_categories(
    session: Session, *, catalogue: Catalogue, words: Sequence[str], limit: int
) -> list[GuidedCategory]:
    """Return categories whose path holds all the words, in the order of the tree.

    The labels of a category count for it alone, not for those above it.
    """
    n_labelled = (
        select(LabelRow.category_id, func.count().label("n"))
        .where(LabelRow.catalogue_id == catalogue.id)
        .group_by(LabelRow.category_id)
        .subquery()
    )
    written = (
        select(GuidanceRow.category_id, func.max(GuidanceRow.created_at).label("at"))
        .group_by(GuidanceRow.category_id)
        .subquery()
    )
    rows = session.execute(
        select(CategoryRow, n_labelled.c.n, written.c.at)
        .outerjoin(n_labelled, n_labelled.c.category_id == CategoryRow.id)
        .outerjoin(written, written.c.category_id == CategoryRow.id)
        .where(
            CategoryRow.catalogue_id == catalogue.id,
            CategoryRow.level <= catalogue.decision_level,
            *(CategoryRow.path.icontains(word, autoescape=True) for word in words),
        )
        .order_by(CategoryRow.path)
        .limit(limit)
    )
    return [GuidedCategory(category_of(row), n or 0, at) for row, n, at in rows]


def list_versions(session: Session, *, category_id: int) -> list[Guidance]:
    """Return every version of a category, the newest first."""
    return _read(session, _versions().where(GuidanceRow.category_id == category_id))


def find_newest(session: Session, *, category_ids: Iterable[int]) -> dict[int, Guidance]:
    """Return what counts now of those categories that somebody has described, by id."""
    newest = (
        select(func.max(GuidanceRow.id))
        .where(GuidanceRow.category_id.in_(set(category_ids)))
        .group_by(GuidanceRow.category_id)
    )
    found = _read(session, _versions().where(GuidanceRow.id.in_(newest)))
    return {guidance.category_id: guidance for guidance in found}


def add(
    session: Session,
    *,
    category_id: int,
    belongs: str,
    excludes: str,
    example_ids: Sequence[int],
    user_id: int,
    now: datetime,
) -> None:
    """Add a version, which counts from now on."""
    session.add(
        GuidanceRow(
            category_id=category_id,
            belongs=belongs,
            excludes=excludes,
            example_ids=list(example_ids),
            user_id=user_id,
            created_at=now,
        )
    )
    session.flush()


def count_labelled(session: Session, *, catalogue: Catalogue, category: Category) -> int:
    """Return how many products have a label in a category or below it."""
    statement = select(func.count()).where(
        LabelRow.catalogue_id == catalogue.id,
        LabelRow.category_id.in_(_within(catalogue, category)),
    )
    return session.scalars(statement).one()


def list_labelled_last(
    session: Session, *, catalogue: Catalogue, category: Category, n: int
) -> list[int]:
    """Return the products that were given a label in a category or below it last."""
    rows = session.scalars(
        select(LabelRow.product_id)
        .where(
            LabelRow.catalogue_id == catalogue.id,
            LabelRow.category_id.in_(_within(catalogue, category)),
        )
        .order_by(LabelRow.annotation_id.desc())
        .limit(n)
    )
    return list(rows)


def list_examples(
    session: Session, *, catalogue: Catalogue, category: Category, product_ids: Sequence[int]
) -> list[Example]:
    """Return those of the products that exist, in the order in which they are named."""
    within = set(session.scalars(_within(catalogue, category)))
    rows = session.execute(
        select(ProductRow.id, ProductRow.external_id, ProductRow.name, LabelRow.category_id)
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .where(ProductRow.id.in_(product_ids), ProductRow.catalogue_id == catalogue.id)
    )
    images: dict[int, str | None] = {}
    for product_id, sha256 in session.execute(
        select(ProductImageRow.product_id, ProductImageRow.sha256)
        .where(ProductImageRow.product_id.in_(product_ids), ProductImageRow.sha256.is_not(None))
        .order_by(ProductImageRow.product_id, ProductImageRow.position)
    ):
        images.setdefault(product_id, sha256)
    found = {
        row.id: Example(
            product_id=row.id,
            external_id=row.external_id,
            name=row.name,
            image_sha256=images.get(row.id),
            is_elsewhere=row.category_id not in within,
        )
        for row in rows
    }
    return [found[product_id] for product_id in product_ids if product_id in found]


def find_ids(
    session: Session, *, catalogue: Catalogue, external_ids: Sequence[str]
) -> dict[str, int]:
    """Return the ids of the products that the seller calls by those, by what he calls them."""
    rows = session.execute(
        select(ProductRow.external_id, ProductRow.id).where(
            ProductRow.catalogue_id == catalogue.id, ProductRow.external_id.in_(external_ids)
        )
    )
    return dict(rows.all())


def _within(catalogue: Catalogue, category: Category) -> Select[int]:
    below = CategoryRow.path.startswith(f"{category.path}{SEPARATOR}", autoescape=True)
    return select(CategoryRow.id).where(
        CategoryRow.catalogue_id == catalogue.id, or_(CategoryRow.id == category.id, below)
    )


def _versions() -> Select[GuidanceRow, str]:
    return (
        select(GuidanceRow, UserRow.name)
        .join(UserRow, UserRow.id == GuidanceRow.user_id)
        .order_by(GuidanceRow.id.desc())
    )


def _read(session: Session, statement: Select[GuidanceRow, str]) -> list[Guidance]:
    return [
        Guidance(
            id=row.id,
            category_id=row.category_id,
            belongs=row.belongs,
            excludes=row.excludes,
            example_ids=tuple(row.example_ids),
            user_name=user_name,
            created_at=row.created_at,
        )
        for row, user_name in session.execute(statement)
    ]
