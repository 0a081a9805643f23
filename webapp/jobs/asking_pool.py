"""A catalogue as samplers see it: columns of arrays made of products, features and a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.contract import FloatArray, IntArray
from ml.sampling.pool import UNKNOWN, Pool
from webapp.domain.catalogue import Catalogue
from webapp.domain.review import ProductState
from webapp.jobs.choosing_features import KeptFeatures
from webapp.storage import ordered_products, snapshots
from webapp.storage.database import Session
from webapp.storage.ordered_products import OrderedProduct

_ALONE = -1  # groups of products that none is known of; each gets a number of its own below this
_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement


@dataclass(frozen=True, slots=True)
class Columns:
    """Which category stands in which column.

    Parameters
    ----------
    categories
        Ids in the order of the columns: those of the level at which the catalogue is decided.
    column_of
        By the id of a category, also of a deeper one.
    """

    categories: tuple[int, ...]
    column_of: Mapping[int | None, int]


def read_columns(session: Session, catalogue: Catalogue) -> Columns:
    """Return the categories of a catalogue as columns, in the order that rounds have them in."""
    decided_at = snapshots.categories_at(
        session, catalogue_id=catalogue.id, level=catalogue.decision_level
    )
    categories = tuple(sorted(set(decided_at.values())))
    at = {category: column for column, category in enumerate(categories)}
    return Columns(categories, {category: at[found] for category, found in decided_at.items()})


def make_pool(
    products: Sequence[OrderedProduct],
    is_askable: Sequence[bool],
    columns: Columns,
    kept: KeptFeatures | None,
    said: Mapping[str, FloatArray],
) -> Pool:
    """Return the pool of products that are all in the kept features, where there are any.

    Labels of the evaluation set stay out: nothing learns from them, not even what to ask.

    Parameters
    ----------
    is_askable
        Which of the products a strategy may ask.
    said
        What a round says of these products, by the names of the pool's arrays.
    """
    ids = np.array([product.id for product in products], dtype=np.int64)
    groups = np.array(
        [
            _ALONE - row if product.group_number is None else product.group_number
            for row, product in enumerate(products)
        ],
        dtype=np.int64,
    )
    return Pool(
        is_open=np.array(is_askable, dtype=np.bool_),
        n_categories=len(columns.categories),
        labels=_column_numbers(
            [None if p.is_evaluation else p.label_category_id for p in products], columns
        ),
        sources=_column_numbers([product.source_category_id for product in products], columns),
        groups=groups,
        features=None if kept is None else np.asarray(kept.features[kept.rows_of(ids)]),
        probabilities=said.get("probabilities"),
        text=said.get("text"),
        image=said.get("image"),
    )


def read_said(
    session: Session, round_id: int, products: Sequence[OrderedProduct], columns: Columns
) -> dict[str, FloatArray]:
    """Return what a round says of those products that are open.

    Returns
    -------
    dict of ndarray of shape (n_products, n_categories)
        ``probabilities``, ``text`` and ``image``. What a stored list leaves out of the whole is
        spread evenly over the categories that it does not name. Rows are NaN where nothing is said.
    """
    shape = (len(products), len(columns.categories))
    arrays = tuple(np.full(shape, np.nan, dtype=np.float32) for _ in range(3))
    row_of = {
        product.id: row
        for row, product in enumerate(products)
        if product.state is ProductState.OPEN
    }
    asked = list(row_of)
    for start in range(0, len(asked), _IDS_AT_ONCE):
        for product_id, *branches in ordered_products.iterate_said(
            session, round_id=round_id, product_ids=asked[start : start + _IDS_AT_ONCE]
        ):
            for array, ranked in zip(arrays, branches, strict=True):
                if ranked is not None:
                    _fill(array[row_of[product_id]], ranked, columns.column_of)
    return dict(zip(("probabilities", "text", "image"), arrays, strict=True))


def _fill(
    row: FloatArray, ranked: Sequence[Sequence[float]], column_of: Mapping[int | None, int]
) -> None:
    named = {
        column_of[int(category)]: probability
        for category, probability in ranked
        if int(category) in column_of
    }
    rest = max(0.0, 1 - sum(named.values())) / max(1, len(row) - len(named))
    row[:] = rest
    for column, probability in named.items():
        row[column] = probability


def _column_numbers(category_ids: Sequence[int | None], columns: Columns) -> IntArray:
    column_of = columns.column_of
    return np.array([column_of.get(category, UNKNOWN) for category in category_ids], dtype=np.int64)
