"""What a round knows: products, labels, source categories, sides and groups at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contract import BoolArray, IntArray, ProductBatch

NO_CATEGORY = -1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A catalogue at one moment, all arrays of shape ``(n_products,)``.

    Parameters
    ----------
    batch
        Every product, also those without label and source category: each gets a prediction.
    categories
        Category ids in the order of the columns of every array of probabilities.
    labels
        What moderators decided, ``NO_CATEGORY`` where nothing yet.
    source_categories
        What the sellers said, ``NO_CATEGORY`` where nothing.
    is_evaluation
        Products that score models and never train them.
    groups
        Near-duplicates share a number.

    Raises
    ------
    ValueError
        If lengths differ, or a category has no column.
    """

    batch: ProductBatch
    categories: tuple[int, ...]
    labels: IntArray
    source_categories: IntArray
    is_evaluation: BoolArray
    groups: IntArray

    def __post_init__(self) -> None:
        arrays = (self.labels, self.source_categories, self.is_evaluation, self.groups)
        if any(array.shape != (len(self.batch),) for array in arrays):
            raise ValueError(f"arrays of a snapshot must have shape ({len(self.batch)},)")
        known = (*self.categories, NO_CATEGORY)
        if not np.isin(np.concatenate([self.labels, self.source_categories]), known).all():
            raise ValueError("a label or source category is not among the snapshot's categories")

    def targets(self) -> IntArray:
        """Return each product's label, else its source category, else ``NO_CATEGORY``.

        Shape ``(n_products,)``.
        """
        return np.where(self.labels != NO_CATEGORY, self.labels, self.source_categories)

    def training_rows(self) -> IntArray:
        """Return the rows to learn from, rising: none that evaluates, no near-duplicate of one."""
        beside_evaluation = np.isin(self.groups, self.groups[self.is_evaluation])
        return np.flatnonzero(~beside_evaluation & (self.targets() != NO_CATEGORY))

    def evaluation_rows(self, min_labels: int) -> tuple[IntArray, bool]:
        """Return the rows that a model is scored on, and whether the score is provisional.

        With at least ``min_labels`` labels in the evaluation set those count alone. With fewer,
        source categories stand in for the missing ones, and the score is provisional.
        """
        labelled = self.is_evaluation & (self.labels != NO_CATEGORY)
        if labelled.sum() >= max(min_labels, 1):
            return np.flatnonzero(labelled), False
        return np.flatnonzero(self.is_evaluation & (self.targets() != NO_CATEGORY)), True

    def columns_of(self, categories: IntArray) -> IntArray:
        """Return the column of each of these category ids, -1 for ``NO_CATEGORY``."""
        column = {category: at for at, category in enumerate(self.categories)}
        return np.array([column.get(int(category), -1) for category in categories], dtype=np.int64)
