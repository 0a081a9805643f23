"""What a filter of the products page means in SQL: one condition on a product for each part."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import ProductFilter, split_words
from webapp.domain.review import ProductState, Verdict
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.tables import (
    AnnotationRow,
    CategoryRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    RoundRow,
)

IS_HIDDEN = and_(  # the same rule as domain.product_search.hides_suggestion
    ProductRow.is_evaluation.is_(True), ProductRow.state != ProductState.LABELLED.value
)
_DECIDING = (Verdict.CONFIRMED.value, Verdict.CORRECTED.value, Verdict.FLAGGED.value)
Condition = ColumnElement[bool]


def conditions_of(catalogue: Catalogue, only: ProductFilter) -> list[Condition]:
    """Return what has to hold of a product so that it matches, its catalogue first."""
    found: list[Condition] = [ProductRow.catalogue_id == catalogue.id]
    if only.words:
        words = split_words(only.words)
        found.extend(_contains(word) for word in words)
        found += [] if words else [false()]
    if only.state is not None:
        found.append(ProductRow.state == only.state.value)
    if only.source_id is not None:
        found.append(ProductRow.source_category_id.in_(_below(catalogue, only.source_id)))
    if only.label_id is not None:
        labelled = select(LabelRow.product_id).where(
            LabelRow.catalogue_id == catalogue.id,
            LabelRow.category_id.in_(_below(catalogue, only.label_id)),
        )
        found.append(ProductRow.id.in_(labelled))
    if only.asks_models:
        found += [ProductRow.id.in_(_predicted(catalogue, only)), not_(IS_HIDDEN)]
    if only.asks_decisions:
        found.append(ProductRow.id.in_(_decided(catalogue, only)))
    return found + _alike(catalogue, only)


def _contains(word: str) -> Condition:
    return or_(
        ProductRow.name.icontains(word, autoescape=True),
        ProductRow.brand.icontains(word, autoescape=True),
        ProductRow.external_id.icontains(word, autoescape=True),
    )


def _below(catalogue: Catalogue, category_id: int) -> Select[int]:
    """Select a category and all below it."""
    top = aliased(CategoryRow)
    return (
        select(CategoryRow.id)
        .join(top, top.catalogue_id == CategoryRow.catalogue_id)
        .where(
            top.id == category_id,
            top.catalogue_id == catalogue.id,
            or_(
                CategoryRow.id == top.id,
                CategoryRow.path.startswith(top.path + " > "),
            ),
        )
    )


def _predicted(catalogue: Catalogue, only: ProductFilter) -> Select[int]:
    query = select(PredictionRow.product_id).where(
        PredictionRow.round_id == catalogue.live_round_id
    )
    if only.predicted_id is not None:
        query = query.where(PredictionRow.category_id.in_(_below(catalogue, only.predicted_id)))
    if only.low is not None:
        query = query.where(PredictionRow.probability >= only.low)
    if only.high is not None:
        query = query.where(PredictionRow.probability <= only.high)
    if only.disagrees:
        text, image = PredictionRow.text[(0, 0)], PredictionRow.image[(0, 0)]
        query = query.where(text.as_integer() != image.as_integer())
    return query


def _decided(catalogue: Catalogue, only: ProductFilter) -> Select[int]:
    query = select(AnnotationRow.product_id).where(
        AnnotationRow.catalogue_id == catalogue.id,
        AnnotationRow.verdict.in_(_DECIDING),
        ~IS_UNDONE,
    )
    if only.moderator_id is not None:
        query = query.where(AnnotationRow.user_id == only.moderator_id)
    if only.round_number is not None:
        query = query.join(RoundRow, RoundRow.id == AnnotationRow.shown_round_id).where(
            RoundRow.number == only.round_number
        )
    if only.asked_because is not None:
        query = query.where(AnnotationRow.asked_because == only.asked_because.value)
    return query


def _alike(catalogue: Catalogue, only: ProductFilter) -> list[Condition]:
    found: list[Condition] = []
    if only.group_number is not None:
        found.append(ProductRow.group_number == only.group_number)
    other = aliased(ProductRow)
    groups: Select[Any] = (
        select(other.group_number)
        .where(other.catalogue_id == catalogue.id, other.group_number.is_not(None))
        .group_by(other.group_number)
    )
    if only.has_look_alikes:
        found.append(ProductRow.group_number.in_(groups.having(func.count() > 1)))
    if only.has_mixed_labels:
        labelled = groups.join(LabelRow, LabelRow.product_id == other.id)
        lowest, highest = func.min(LabelRow.category_id), func.max(LabelRow.category_id)
        found.append(ProductRow.group_number.in_(labelled.having(lowest != highest)))
    return found
