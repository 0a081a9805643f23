"""Which products train and which evaluate, with near-duplicates always on one side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from ml.contract import BoolArray, IntArray
from ml.errors import NotEnoughDataError

EVALUATION, TRAINING, NOT_DRAWN = 1, 0, -1


def draw_evaluation(
    ids: Sequence[str],
    groups: IntArray,
    drawn: IntArray,
    *,
    share: float = 0.2,
    salt: str,
) -> BoolArray:
    """Draw the evaluation set by groups; what is drawn once stays.

    Parameters
    ----------
    ids
        The catalogue's identifiers of the products, unique.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number.
    drawn : ndarray of shape (n_products,)
        What earlier draws decided: 1 evaluation, 0 training, -1 not drawn yet.
    share
        The part of the groups that evaluates.
    salt
        The catalogue's own, so that two catalogues with the same ids differ.

    Returns
    -------
    ndarray of shape (n_products,)
        Whether each product evaluates. It depends on ids alone, neither on their order nor on
        chance. New members follow their group. Where a new product joins groups of both sides,
        each product keeps its side and the new one evaluates; a round trains on none of them.
    """
    evaluates = np.asarray(drawn == EVALUATION)
    n_groups = int(groups.max(initial=-1)) + 1
    has_evaluation = np.zeros(n_groups, dtype=np.bool_)
    has_training = np.zeros(n_groups, dtype=np.bool_)
    has_evaluation[groups[drawn == EVALUATION]] = True
    has_training[groups[drawn == TRAINING]] = True

    representative: dict[int, str] = {}
    for group, product_id in zip(groups.tolist(), ids, strict=True):
        representative[group] = min(representative.get(group, product_id), product_id)
    side = has_evaluation.copy()
    for group in np.flatnonzero(~has_evaluation & ~has_training).tolist():
        if group in representative:
            side[group] = _fraction(salt, representative[group]) < share
    new = drawn == NOT_DRAWN
    evaluates[new] = side[groups[new]]
    return evaluates


def _fraction(salt: str, product_id: str) -> float:
    digest = hashlib.sha256(f"{salt}\x00{product_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def grouped_folds(groups: IntArray, labels: IntArray, n_folds: int, seed: int) -> IntArray:
    """Deal products into folds, whole groups at a time, categories spread as evenly as they allow.

    The largest groups are dealt first, each to the fold that holds the smallest part of the
    group's categories so far. A category in fewer groups than folds is missing in some.

    Parameters
    ----------
    groups, labels : ndarray of shape (n_products,)
    n_folds
        With fewer groups than that, there are as many folds as groups.

    Returns
    -------
    ndarray of shape (n_products,)
        The fold of each product, from 0.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than two groups.
    """
    _, unit, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise NotEnoughDataError(
            "All products to learn from look like copies of one another; import other products."
        )
    _, column, totals = np.unique(labels, return_inverse=True, return_counts=True)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    rows_of_unit = np.split(np.argsort(unit, kind="stable"), np.cumsum(sizes)[:-1])

    load = np.zeros((min(n_folds, len(sizes)), len(totals)))
    fullness = np.zeros(len(load))
    folds = np.empty(len(groups), dtype=np.int64)
    for at in order.tolist():
        rows = rows_of_unit[at]
        # The fill of a fold only breaks ties: it stays below any part of a category.
        cost = load[:, column[rows]].sum(axis=1) + fullness / (len(groups) + 1) ** 2
        fold = int(np.argmin(cost))
        np.add.at(load[fold], column[rows], 1 / totals[column[rows]])
        fullness[fold] += len(rows)
        folds[rows] = fold
    return folds
