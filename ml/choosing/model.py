"""The cheap model that choosing refits after every few decisions: one logistic regression."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ml.contract import FloatArray, IntArray
from ml.probabilities import normalised
from ml.splits import grouped_folds

INVERSE_PENALTY = 20.0  # measured on the study's sample (ADR 0015)
# Newton's method with conjugate gradients is the quickest solver here for features of length 1
# and some tens to thousands of rows: 2 to 11 ms, where L-BFGS to the same precision takes thrice.
SOLVER = "newton-cg"
TOLERANCE = 1e-4
TURNS = 200
UNSEEN = 1e-6  # the probability of a category that no label names: its logarithm stays finite
ROWS_AT_ONCE = 50_000


def fit_predict(
    features: FloatArray,
    rows: IntArray,
    columns: IntArray,
    n_categories: int,
    weights: FloatArray | None = None,
) -> FloatArray:
    """Learn from some products, and return the probabilities of all.

    Parameters
    ----------
    features : ndarray of shape (n_products, n_features)
        Rows of length 1 (``ml.choosing.features``), plain or smoothed.
    rows, columns : ndarray of shape (n_labels,)
        The products to learn from, and the column of each one's category.
    weights : ndarray of shape (n_labels,), optional
        How much each counts, above 0; None: 1 each.

    Returns
    -------
    ndarray of shape (n_products, n_categories)
        Rows sum to 1. A category without a label has ``UNSEEN``; all have the same where there is
        no label at all.
    """
    return _Fitted(features, rows, columns, n_categories, weights).predict(features)


def out_of_fold(
    features: FloatArray,
    rows: IntArray,
    columns: IntArray,
    n_categories: int,
    groups: IntArray,
    *,
    weights: FloatArray | None = None,
    n_folds: int = 5,
    seed: int = 0,
) -> FloatArray:
    """Return the probabilities of all products, each from a model that saw none of its group.

    Parameters
    ----------
    features, rows, columns, weights
        As for ``fit_predict``.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number.
    n_folds
        With fewer groups among ``rows`` there are as many folds as groups.

    Returns
    -------
    ndarray of shape (n_products, n_categories)
        Rows sum to 1. Products that are not in ``rows`` get the answer of a model of all of them,
        or, with a group among ``rows``, that of the group's fold.
    """
    unit = groups[rows]
    present, first = np.unique(unit, return_index=True)
    folds: IntArray = np.zeros(len(rows), dtype=np.int64)
    if len(present) > 1:
        folds = grouped_folds(unit, columns, n_folds, seed)
    # The fold of each product: that of its group, -1 where the group has none to learn from.
    at = np.searchsorted(present, groups)
    is_known = present[np.minimum(at, len(present) - 1)] == groups if len(present) else at < 0
    fold_of = np.full(len(features), -1)
    fold_of[is_known] = folds[first][at[is_known]]

    answer = np.empty((len(features), n_categories), dtype=np.float32)
    for fold in range(-1, int(folds.max(initial=-1)) + 1):
        asked = np.flatnonzero(fold_of == fold)
        if len(asked):
            kept = folds != fold
            fitted = _Fitted(
                features,
                rows[kept],
                columns[kept],
                n_categories,
                None if weights is None else weights[kept],
            )
            answer[asked] = fitted.predict(features[asked])
    return answer


class _Fitted:
    """A regression, or what stands for one where there are labels of less than two categories."""

    def __init__(
        self,
        features: FloatArray,
        rows: IntArray,
        columns: IntArray,
        n_categories: int,
        weights: FloatArray | None,
    ) -> None:
        seen = np.unique(columns)
        n_features = features.shape[1]
        # In the place of scores: 0 for the categories seen, or for all where there is none.
        self.coefficients = np.zeros((n_features, n_categories), dtype=np.float32)
        self.biases = np.zeros(n_categories, dtype=np.float32)
        if len(seen):
            self.is_unseen = ~np.isin(np.arange(n_categories), seen)
        else:
            self.is_unseen = np.zeros(n_categories, dtype=np.bool_)
        if len(seen) < 2:
            return
        # float64, as the line search of the solver fails on float32's last digits
        model = LogisticRegression(C=INVERSE_PENALTY, solver=SOLVER, tol=TOLERANCE, max_iter=TURNS)
        with threadpool_limits(1):  # on a busy machine threads that wait made it ten times slower
            model.fit(features[rows].astype(np.float64), columns, sample_weight=weights)
        if len(seen) == 2:  # one score, for the second
            self.coefficients[:, seen[1]] = model.coef_[0]
            self.biases[seen[1]] = model.intercept_[0]
        else:
            self.coefficients[:, seen] = model.coef_.T
            self.biases[seen] = model.intercept_

    def predict(self, features: FloatArray) -> FloatArray:
        n_unseen = int(self.is_unseen.sum())
        answer = np.empty((len(features), len(self.biases)), dtype=np.float32)
        for start in range(0, len(features), ROWS_AT_ONCE):
            scores = features[start : start + ROWS_AT_ONCE] @ self.coefficients + self.biases
            scores[:, self.is_unseen] = -np.inf
            part = normalised(scores) * (1 - n_unseen * UNSEEN)
            part[:, self.is_unseen] = UNSEEN
            answer[start : start + ROWS_AT_ONCE] = part
        return answer
