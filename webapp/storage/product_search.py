"""The list of products: filtered, in pages that start where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, and_, func, select
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
from webapp.storage.product_search_conditions import IdSet, audited_ids, lent_ids, sets_of
from webapp.storage.product_search_orders import Stretch, stretches_of
from webapp.storage.product_search_words import checked_id
from webapp.storage.tables import (
    AcceptanceRow,
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductImageRow,
    ProductRow,
)

_FEW = 1_000  # so many are found first and then sorted; more are met soon by walking the order


def list_page(
    session: Session,
    *,
    catalogue: Catalogue,
    only: ProductFilter,
    order: ProductOrder = ProductOrder.IMPORTED,
    after: int | None = None,
    before: int | None = None,
    n_matching: int | None = None,
    length: int = PAGE_LENGTH,
) -> ProductPage:
    """Return the page after (or before) a product, the first one by default.

    A page begins at a product and not at a number, so that it costs the same anywhere in the
    list, and nothing is left out or shown twice when somebody decides meanwhile.

    Parameters
    ----------
    n_matching
        How many products match, where that is known: of few, all are found and then sorted; of
        many, a page is soon full when the order is walked. SQLite does not guess that by itself.
    """
    if n_matching == 0:
        return ProductPage(rows=(), has_previous=False, has_next=False)
    stretches = stretches_of(session, catalogue, only, order)
    are_by_words = stretches[0].owner is None  # and then have the words already
    sets = sets_of(session, catalogue, replace(only, words="") if are_by_words else only)
    is_backwards = after is None and before is not None
    anchor_id = before if is_backwards else after
    at, anchor = (0, None) if anchor_id is None else _anchor(session, stretches, anchor_id)
    is_first = anchor is None
    is_backwards = is_backwards and not is_first
    are_many = n_matching is None or n_matching > _FEW
    found: list[int] = []
    for stretch in reversed(stretches[: at + 1]) if is_backwards else stretches[at:]:
        product_id = stretch.product_id
        product_id = checked_id(session, product_id) if are_by_words else product_id
        query = stretch.between(anchor, is_backwards=is_backwards, is_walked=are_many).where(
            *(each.holds(product_id, one_by_one=are_many) for each in sets)
        )
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
    ids = _all_ids(session, catalogue, only).ids.limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def list_ids(
    session: Session, *, catalogue: Catalogue, only: ProductFilter, limit: int
) -> list[int]:
    """Return the ids of the products that match, in the order of import, at most so many."""
    found = _all_ids(session, catalogue, only)
    return list(session.scalars(found.ids.order_by(found.product_id).limit(limit)))


def _all_ids(session: Session, catalogue: Catalogue, only: ProductFilter) -> IdSet:
    """Return all that match as one set: the first set in which they are, thinned by the others."""
    everything = IdSet(select(ProductRow.id).where(ProductRow.catalogue_id == catalogue.id))
    first, *others = sets_of(session, catalogue, only) or [everything]
    product_id = checked_id(session, first.product_id) if only.words else first.product_id
    conditions = [other.holds(product_id, one_by_one=False) for other in others]
    return IdSet(first.ids.where(*conditions))


def _anchor(
    session: Session, stretches: list[Stretch], product_id: int
) -> tuple[int, Row[Any] | None]:
    """Return in which stretch a product is and its key there; None where it is in none."""
    for at, stretch in enumerate(stretches):
        found = session.execute(stretch.of(product_id)).one_or_none()
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
    audited = set(
        session.scalars(
            audited_ids(catalogue).where(
                AcceptanceRow.product_id.in_(
                    [row.id for row in found if row.state == ProductState.ACCEPTED.value]
                )
            )
        )
    )
    kept_back = audited.union(session.scalars(lent_ids(catalogue)))  # of each person a few
    rows = []
    for row in found:
        state = ProductState(row.state)
        is_hidden = row.id in kept_back or hides_suggestion(
            is_evaluation=row.is_evaluation, state=state
        )
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
