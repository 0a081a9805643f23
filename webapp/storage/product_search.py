"""The list of products: filtered, in pages that start where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import (
    PAGE_LENGTH,
    ListedProduct,
    ProductFilter,
    ProductOrder,
    ProductPage,
    hides_suggestion,
)
from webapp.domain.review import ProductState, Verdict
from webapp.storage.tables import (
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductImageRow,
    ProductRow,
)

_LAST = 2.0  # above every probability: products without a visible one come last
_IS_HIDDEN = and_(  # the same rule as domain.product_search.hides_suggestion
    ProductRow.is_evaluation.is_(True), ProductRow.state != ProductState.LABELLED.value
)


def list_page(
    session: Session,
    *,
    catalogue: Catalogue,
    only: ProductFilter,
    order: ProductOrder = ProductOrder.IMPORTED,
    after: int | None = None,
    before: int | None = None,
    length: int = PAGE_LENGTH,
) -> ProductPage:
    """Return the page after (or before) a product, the first one by default.

    A page begins at a product and not at a number, so that it costs the same anywhere in the
    list, and nothing is left out or shown twice when somebody decides meanwhile.
    """
    key = _key(order)
    query = _matching(catalogue, only)
    is_backwards = after is None and before is not None
    anchor = _anchor(session, catalogue, key, before if is_backwards else after)
    if anchor is not None:
        here, there = tuple_(*key), tuple_(*anchor)
        query = query.where(here < there if is_backwards else here > there)
    is_backwards = is_backwards and anchor is not None
    query = query.order_by(*(column.desc() for column in key) if is_backwards else key)
    found = session.execute(query.limit(length + 1)).all()
    has_more, found = len(found) > length, found[:length]
    return ProductPage(
        rows=_listed(session, found[::-1] if is_backwards else found),
        has_previous=has_more if is_backwards else anchor is not None,
        has_next=True if is_backwards else has_more,
    )


def count(session: Session, *, catalogue: Catalogue, only: ProductFilter, limit: int) -> int:
    """Return how many products match, counting no further than ``limit``."""
    some = _matching(catalogue, only).with_only_columns(ProductRow.id).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _key(order: ProductOrder) -> tuple[ColumnElement[Any], ...]:
    """Return what the list is sorted by; the id makes every place in it unique."""
    product_id: ColumnElement[Any] = ProductRow.id.expression
    if order is ProductOrder.NAME:
        return (ProductRow.name.expression, product_id)
    if order is ProductOrder.UNSURE:  # a hidden suggestion must not show in the place either
        shown = case((_IS_HIDDEN, _LAST), else_=PredictionRow.probability)
        return (func.coalesce(shown, _LAST), product_id)
    return (product_id,)


def _anchor(
    session: Session,
    catalogue: Catalogue,
    key: tuple[ColumnElement[Any], ...],
    product_id: int | None,
) -> Row[Any] | None:
    if product_id is None:
        return None
    query = _joined(select(*key), catalogue).where(ProductRow.id == product_id)
    return session.execute(query).one_or_none()


def _joined(query: Select[*tuple[Any, ...]], catalogue: Catalogue) -> Select[*tuple[Any, ...]]:
    """Join what is said of a product today: its label, and the live round's prediction."""
    return (
        query.select_from(ProductRow)
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .outerjoin(
            PredictionRow,
            and_(
                PredictionRow.product_id == ProductRow.id,
                PredictionRow.round_id == catalogue.live_round_id,
            ),
        )
        .where(ProductRow.catalogue_id == catalogue.id)
    )


def _matching(catalogue: Catalogue, only: ProductFilter) -> Select[*tuple[Any, ...]]:
    query = _joined(
        select(
            ProductRow.id,
            ProductRow.external_id,
            ProductRow.name,
            ProductRow.brand,
            ProductRow.state,
            ProductRow.is_evaluation,
            ProductRow.source_category_id,
            LabelRow.category_id.label("label_id"),
            PredictionRow.category_id.label("predicted_id"),
            PredictionRow.probability,
        ),
        catalogue,
    )
    if only.state is not None:
        query = query.where(ProductRow.state == only.state.value)
    if only.label_id is not None:
        query = query.where(LabelRow.category_id == only.label_id)
    if only.source_id is not None:
        query = query.where(ProductRow.source_category_id == only.source_id)
    if only.predicted_id is not None:
        query = query.where(PredictionRow.category_id == only.predicted_id, not_(_IS_HIDDEN))
    for word in only.words.split():
        query = query.where(
            or_(
                ProductRow.name.icontains(word, autoescape=True),
                ProductRow.brand.icontains(word, autoescape=True),
                ProductRow.external_id.icontains(word, autoescape=True),
            )
        )
    return query


def _listed(session: Session, found: Sequence[Row[Any]]) -> tuple[ListedProduct, ...]:
    images = _first_images(session, [row.id for row in found])
    notes = _flag_notes(
        session, [row.id for row in found if row.state == ProductState.FLAGGED.value]
    )
    rows = []
    for row in found:
        state = ProductState(row.state)
        is_hidden = hides_suggestion(is_evaluation=row.is_evaluation, state=state)
        rows.append(
            ListedProduct(
                id=row.id,
                external_id=row.external_id,
                name=row.name,
                brand=row.brand,
                state=state,
                source_id=row.source_category_id,
                label_id=row.label_id,
                predicted_id=None if is_hidden else row.predicted_id,
                probability=None if is_hidden else row.probability,
                is_suggestion_hidden=is_hidden,
                image_sha256=images.get(row.id),
                flag_note=notes.get(row.id, ""),
            )
        )
    return tuple(rows)


def _first_images(session: Session, product_ids: list[int]) -> dict[int, str]:
    """Return the SHA-256 of the first stored image of each product that has one."""
    rows = session.execute(
        select(ProductImageRow.product_id, ProductImageRow.sha256)
        .where(ProductImageRow.product_id.in_(product_ids), ProductImageRow.sha256.is_not(None))
        .order_by(ProductImageRow.product_id, ProductImageRow.position.desc())
    )
    return {product_id: sha256 for product_id, sha256 in rows if sha256}  # the first comes last


def _flag_notes(session: Session, product_ids: list[int]) -> dict[int, str]:
    """Return the newest note of those products' flags that nobody undid."""
    undo = aliased(AnnotationRow)
    rows = session.execute(
        select(AnnotationRow.product_id, AnnotationRow.note)
        .outerjoin(undo, undo.undoes_id == AnnotationRow.id)
        .where(
            AnnotationRow.product_id.in_(product_ids),
            AnnotationRow.verdict == Verdict.FLAGGED.value,
            undo.id.is_(None),
        )
        .order_by(AnnotationRow.id)
    )
    return dict(rows.all())
