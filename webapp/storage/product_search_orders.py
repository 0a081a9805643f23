"""The orders of the products page, as stretches that follow on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.storage.product_search_conditions import Condition, ProductId, hidden_ids
from webapp.storage.product_search_words import (
    with_words,
    with_words_elsewhere,
    with_words_in_head,
)
from webapp.storage.tables import LabelRow, PredictionRow, ProductRow


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an order whose products come in the order of one key, which ends in their id.

    ``owner`` is the column that says of which catalogue (or round) a row is, and its value.
    """

    ids: Select[int]
    key: tuple[ColumnElement[Any], ...]
    owner: tuple[ColumnElement[int], int | None] | None
    is_descending: bool = False

    @property
    def product_id(self) -> ProductId:
        """The column of the ids."""
        return self.key[-1]

    def of(self, product_id: int) -> Select[*tuple[Any, ...]]:
        """Select the key of one product, if it is in the stretch."""
        query = self._of_owner(self.ids, is_walked=True).where(self.product_id == product_id)
        return query.with_only_columns(*self.key)

    def between(
        self, anchor: Row[Any] | None, *, is_backwards: bool, is_walked: bool
    ) -> Select[int]:
        """Select the ids behind (or before) an anchor, the nearest first.

        An order that is not walked must not be read from an index, however near at hand: what
        the index knows stands in expressions, which say the same and nothing to an index.
        """
        goes_down = self.is_descending is not is_backwards
        key = self.key if is_walked else tuple(_without_index(part) for part in self.key)
        query = self._of_owner(self.ids, is_walked=is_walked)
        query = query.order_by(*(part.desc() if goes_down else part for part in key))
        if anchor is None:
            return query
        here, there = tuple_(*key), tuple_(*anchor)
        return query.where(here < there if goes_down else here > there)

    def _of_owner(self, query: Select[int], *, is_walked: bool) -> Select[int]:
        if self.owner is None:
            return query
        owner, value = self.owner
        return query.where((owner if is_walked else _without_index(owner)) == value)


def stretches_of(
    session: Session, catalogue: Catalogue, only: ProductFilter, order: ProductOrder
) -> list[Stretch]:
    """Return what follows on what, in an order of the products of a catalogue.

    Each stretch reads the table that knows its key. What a filter excludes anyway is left out.
    """
    if order is ProductOrder.NAME:
        name: ColumnElement[str] = ProductRow.name.expression
        return [_of_products((name, ProductRow.id.expression), catalogue)]
    if order is ProductOrder.UNSURE:
        return _by_probability(catalogue, only)[: 1 if only.asks_models else 2]
    if order is ProductOrder.NEWEST:
        return _by_label(catalogue)[: 1 if only.label_id is not None else 2]
    if order is ProductOrder.ODD:
        return _by_doubt(catalogue, only)
    if only.words:
        return _by_words(session, catalogue, only.words, order)
    return [_as_imported(catalogue)]


def _without_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, column)


def _of_products(
    key: tuple[ColumnElement[Any], ...], catalogue: Catalogue, *conditions: Condition
) -> Stretch:
    ids = select(ProductRow.id).where(*conditions)
    return Stretch(ids, key, (ProductRow.catalogue_id.expression, catalogue.id))


def _as_imported(catalogue: Catalogue, *conditions: Condition) -> Stretch:
    return _of_products((ProductRow.id.expression,), catalogue, *conditions)


def _found(ids: Select[int]) -> Stretch:
    """Return what was found by words, which has its catalogue among them."""
    return Stretch(ids, (ids.selected_columns[0],), None)


def _by_probability(catalogue: Catalogue, only: ProductFilter) -> list[Stretch]:
    """Return what shows a prediction, then the rest: what is hidden must not show in its place."""
    hidden = hidden_ids(catalogue)
    shown = select(PredictionRow.product_id).where(
        PredictionRow.product_id.not_in(hidden), *_bounds(only)
    )
    predicted = select(PredictionRow.product_id).where(
        PredictionRow.round_id == catalogue.live_round_id,
        PredictionRow.product_id == ProductRow.id,
    )
    rest = or_(ProductRow.id.in_(hidden), not_(predicted.exists()))
    key = (PredictionRow.probability.expression, PredictionRow.product_id.expression)
    live = (PredictionRow.round_id.expression, catalogue.live_round_id)
    return [Stretch(shown, key, live), _as_imported(catalogue, rest)]


def _by_label(catalogue: Catalogue) -> list[Stretch]:
    """Return what has a label, the newest first, then the rest."""
    labels = select(LabelRow.product_id)
    key = (LabelRow.annotation_id.expression, LabelRow.product_id.expression)
    owner = (LabelRow.catalogue_id.expression, catalogue.id)
    rest = not_(labels.where(LabelRow.product_id == ProductRow.id).exists())
    return [Stretch(labels, key, owner, is_descending=True), _as_imported(catalogue, rest)]


def _by_doubt(catalogue: Catalogue, only: ProductFilter) -> list[Stretch]:
    """Return labelled products by what the live round says of their labels, the oddest first.

    First those for which it says something else, the surer the sooner; then those for which it
    says the same, the less sure the sooner. That is nearly the order of the label's probability,
    which only the ranking knows, a text of JSON.
    """
    judged = (
        select(PredictionRow.product_id)
        .join(LabelRow, LabelRow.product_id == PredictionRow.product_id)
        .where(*_bounds(only))
    )
    is_judged = judged.where(
        PredictionRow.round_id == catalogue.live_round_id,
        PredictionRow.product_id == ProductRow.id,
    ).exists()
    is_same = LabelRow.category_id == PredictionRow.category_id
    key = (PredictionRow.probability.expression, PredictionRow.product_id.expression)
    live = (PredictionRow.round_id.expression, catalogue.live_round_id)
    return [
        Stretch(judged.where(not_(is_same)), key, live, is_descending=True),
        Stretch(judged.where(is_same), key, live),
        _as_imported(catalogue, not_(is_judged)),
    ]


def _bounds(only: ProductFilter) -> list[Condition]:
    """Return how far an order by probability is walked, so that it begins where something is."""
    found: list[Condition] = []
    if only.low is not None:
        found.append(PredictionRow.probability >= only.low)
    if only.high is not None:
        found.append(PredictionRow.probability <= only.high)
    return found


def _by_words(
    session: Session, catalogue: Catalogue, words: str, order: ProductOrder
) -> list[Stretch]:
    """Return what has the words, as imported or those that have them in the name first."""
    if order is not ProductOrder.RELEVANCE:
        return [_found(with_words(session, catalogue_id=catalogue.id, words=words))]
    return [
        _found(with_words_in_head(session, catalogue_id=catalogue.id, words=words)),
        _found(with_words_elsewhere(session, catalogue_id=catalogue.id, words=words)),
    ]
