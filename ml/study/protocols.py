"""The two protocols: what a system may read, what it learns from, what it is scored on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.contract import IntArray, ProductBatch
from ml.splits import grouped_folds
from ml.study.records import ProtocolName

TEST_SHARE = 0.3  # of the study
N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of products: those to learn from, and those to be scored on."""

    train: IntArray
    test: IntArray


def readable(batch: ProductBatch, protocol: ProtocolName) -> ProductBatch:
    """Return what a protocol lets text systems read: the study's the description alone."""
    if protocol == "honest":
        return batch
    empty = ("",) * len(batch)
    return replace(batch, names=empty, specifications=empty)


def draw_split(
    protocol: ProtocolName, labels: IntArray, groups: IntArray, *, repeat: int, seed: int
) -> Split:
    """Draw the split of one repeat, which all systems of the protocol share."""
    if protocol == "study":
        return stratified_split(labels, seed=seed + repeat)
    return held_out_fold(labels, groups, repeat=repeat, seed=seed)


def stratified_split(labels: IntArray, *, seed: int) -> Split:
    """Draw 30 % of each category at random, near-duplicates on either side.

    Of a category with two products or more, at least one is on each side.
    """
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_test = min(max(round(TEST_SHARE * len(rows)), 1), len(rows) - 1)
        is_test[rows[:n_test]] = True
    return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test))


def held_out_fold(labels: IntArray, groups: IntArray, *, repeat: int, seed: int) -> Split:
    """Hold out one of five folds, near-duplicates on one side; after five repeats deal anew.

    With fewer groups of near-duplicates than that, there are as many folds as groups.
    """
    n_folds = min(N_FOLDS, len(np.unique(groups)))
    folds = grouped_folds(groups, labels, n_folds, seed + repeat // n_folds)
    is_test = folds == repeat % n_folds
    return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test))


def grouped_split(labels: IntArray, groups: IntArray, *, seed: int) -> Split:
    """Hold out about 30 % of the products, near-duplicates on one side."""
    folds = grouped_folds(groups, labels, 10, seed)
    n_folds = int(folds.max()) + 1
    is_test = folds < max(1, round(TEST_SHARE * n_folds))
    return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test))
