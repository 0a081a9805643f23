"""The products that a round learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray, ProductBatch
from ml.errors import NotEnoughDataError
from ml.snapshots import NO_CATEGORY, Snapshot
from ml.splits import grouped_folds

MIN_ROWS = 10


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The products of a snapshot that a round learns from, all arrays ``(n_training,)``.

    Parameters
    ----------
    rows
        Where each product stands in the snapshot, rising.
    labels
        The category id that each is trained with: its label, else its source category.
    columns
        The column of that category in every array of probabilities.
    is_label
        Whether it is a label.
    sources
        The column of each source category, -1 where there is none.
    groups
        Near-duplicates share a number.
    weights
        How much each counts in training, calibration and fusion; None: 1 each.
    """

    rows: IntArray
    batch: ProductBatch
    labels: IntArray
    columns: IntArray
    is_label: BoolArray
    sources: IntArray
    groups: IntArray
    weights: FloatArray | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Take the training products.

        Raises
        ------
        NotEnoughDataError
            If they are fewer than ``MIN_ROWS``, or all in one category.
        """
        rows = snapshot.training_rows()
        labels = snapshot.targets()[rows]
        if len(rows) < MIN_ROWS:
            raise NotEnoughDataError(
                f"There are {len(rows)} products with a category to learn from, beside the "
                f"evaluation set; a round needs at least {MIN_ROWS}. Import or label more products."
            )
        if len(np.unique(labels)) < 2:
            raise NotEnoughDataError(
                "All products to learn from are in one category; a round needs at least two. "
                "Label products of other categories."
            )
        return cls(
            rows=rows,
            batch=snapshot.batch.take(rows),
            labels=labels,
            columns=snapshot.columns_of(labels),
            is_label=np.asarray(snapshot.labels[rows] != NO_CATEGORY),
            sources=snapshot.columns_of(snapshot.source_categories[rows]),
            groups=snapshot.groups[rows],
        )

    def folds(self, n_folds: int, seed: int) -> IntArray:
        """Deal the products into grouped folds: the fold of each, from 0."""
        return grouped_folds(self.groups, self.columns, n_folds, seed)
