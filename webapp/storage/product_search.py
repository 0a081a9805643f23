"""The list of products: filtered, in pages that start where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select, tuple_
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
from webapp.storage.product_search_conditions import IS_HIDDEN, conditions_of
from webapp.storage.tables import (
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductImageRow,
    ProductRow,
)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of an order whose products come in the order of one key, which ends in an id."""

    ids: Select[int]
    key: tuple[ColumnElement[Any], ...]
    is_descending: bool = False

    def between(self, anchor: Row[Any] | None, *, is_backwards: bool) -> Select[int]:
        """Select the ids behind (or before) an anchor, the nearest first."""
        goes_down = self.is_descending is not is_backwards
        query = self.ids.order_by(*(part.desc() if goes_down else part for part in self.key))
        if anchor is None:
            return query
        here, there = tuple_(*self.key), tuple_(*anchor)
        return query.where(here < there if goes_down else here > there)


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
    stretches = _stretches(catalogue, order)
    is_backwards = after is None and before is not None
    anchor_id = before if is_backwards else after
    at, anchor = (0, None) if anchor_id is None else _anchor(session, stretches, anchor_id)
    is_first = anchor is None
    is_backwards = is_backwards and not is_first
    conditions = conditions_of(catalogue, only)
    found: list[int] = []
    for stretch in reversed(stretches[: at + 1]) if is_backwards else stretches[at:]:
        query = stretch.between(anchor, is_backwards=is_backwards).where(*conditions)
        found += session.scalars(query.limit(length + 1 - len(found)))
        anchor = None  # the next stretch is read from its beginning
        if len(found) > length:
            break
    has_more, found = len(found) > length, found[:length]
    return ProductPage(
        rows=list_these(
            session, catalogue=catalogue, product_ids=found[::-1] if is_backwards else found
        ),
        has_previous=has_more if is_backwards else not is_first,
        has_next=True if is_backwards else has_more,
    )


def count(session: Session, *, catalogue: Catalogue, only: ProductFilter, limit: int) -> int:
    """Return how many products match, counting no further than ``limit``."""
    some = select(ProductRow.id).where(*conditions_of(catalogue, only)).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def list_ids(
    session: Session, *, catalogue: Catalogue, only: ProductFilter, limit: int
) -> list[int]:
    """Return the ids of the products that match, in the order of import, at most so many."""
    query = select(ProductRow.id).where(*conditions_of(catalogue, only)).order_by(ProductRow.id)
    return list(session.scalars(query.limit(limit)))


def _stretches(catalogue: Catalogue, order: ProductOrder) -> list[_Stretch]:
    """Return an order as what follows on what."""
    ids = select(ProductRow.id).where(ProductRow.catalogue_id == catalogue.id)
    product_id: ColumnElement[Any] = ProductRow.id.expression
    if order is ProductOrder.NAME:
        return [_Stretch(ids, (ProductRow.name.expression, product_id))]
    if order is ProductOrder.UNSURE:
        of_live = PredictionRow.round_id == catalogue.live_round_id
        predicted = select(PredictionRow.product_id).where(of_live)
        joined = ids.join(PredictionRow, and_(PredictionRow.product_id == ProductRow.id, of_live))
        return [  # a hidden suggestion must not show in the place either
            _Stretch(
                joined.where(not_(IS_HIDDEN)), (PredictionRow.probability.expression, product_id)
            ),
            _Stretch(ids.where(or_(IS_HIDDEN, ProductRow.id.not_in(predicted))), (product_id,)),
        ]
    if order is ProductOrder.ODD:
        return _by_doubt(catalogue, ids, product_id)
    if order is ProductOrder.NEWEST:
        labelled = ids.join(LabelRow, LabelRow.product_id == ProductRow.id)
        have_label = select(LabelRow.product_id).where(LabelRow.catalogue_id == catalogue.id)
        return [
            _Stretch(labelled, (LabelRow.annotation_id.expression, product_id), is_descending=True),
            _Stretch(ids.where(ProductRow.id.not_in(have_label)), (product_id,)),
        ]
    return [_Stretch(ids, (product_id,))]


def _by_doubt(
    catalogue: Catalogue, ids: Select[int], product_id: ColumnElement[Any]
) -> list[_Stretch]:
    """Return labelled products by what the live round says of their labels, the oddest first.

    First those for which it says something else, the surer the sooner; then those for which it
    says the same, the less sure the sooner. That is nearly the order of the label's probability,
    which only the ranking knows, a text of JSON.
    """
    of_live = PredictionRow.round_id == catalogue.live_round_id
    judged = ids.join(LabelRow, LabelRow.product_id == ProductRow.id).join(
        PredictionRow, and_(PredictionRow.product_id == ProductRow.id, of_live)
    )
    have_both = (
        select(LabelRow.product_id)
        .join(PredictionRow, and_(PredictionRow.product_id == LabelRow.product_id, of_live))
        .where(LabelRow.catalogue_id == catalogue.id)
    )
    is_same = LabelRow.category_id == PredictionRow.category_id
    key = (PredictionRow.probability.expression, product_id)
    return [
        _Stretch(judged.where(not_(is_same)), key, is_descending=True),
        _Stretch(judged.where(is_same), key),
        _Stretch(ids.where(ProductRow.id.not_in(have_both)), (product_id,)),
    ]


def _anchor(
    session: Session, stretches: list[_Stretch], product_id: int
) -> tuple[int, Row[Any] | None]:
    """Return in which stretch a product is and its key there; None where it is in none."""
    for at, stretch in enumerate(stretches):
        query = stretch.ids.where(ProductRow.id == product_id)
        found = session.execute(query.with_only_columns(*stretch.key)).one_or_none()
        if found is not None:
            return at, found
    return 0, None


def list_these(
    session: Session, *, catalogue: Catalogue, product_ids: Sequence[int]
) -> tuple[ListedProduct, ...]:
    """Return what a page shows of products, in that order."""
    found = session.execute(
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
        )
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .outerjoin(
            PredictionRow,
            and_(
                PredictionRow.product_id == ProductRow.id,
                PredictionRow.round_id == catalogue.live_round_id,
            ),
        )
        .where(ProductRow.id.in_(product_ids))
    ).all()
    place = {product_id: at for at, product_id in enumerate(product_ids)}
    found = sorted(found, key=lambda row: place[row.id])
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
