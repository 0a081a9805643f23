"""What is true, by all evidence: features, source categories that may be wrong, and labels.

A source category is a claim: how far it is believed depends on how often sources of its kind turn
out wrong, and on what the product looks like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.choosing.model import UNSEEN, out_of_fold
from ml.contract import BoolArray, FloatArray, IntArray
from ml.sampling.pool import UNKNOWN, Pool, array_of

# All of these were measured on the study's sample (ADR 0016).
STEPS = 5  # of expectation and maximisation
BELIEVED = 0.9  # of every source, before the first step
PRIOR_RIGHT = 10.0  # sources of each category that count as seen, and right, ...
PRIOR_WRONG = 2.0  # ... and wrong, spread over the other categories
LABEL_WEIGHT = 2.0  # in learning, where a source counts 1 at most
AT_MOST_ROWS = 5_000  # to learn from, labels first: a million products in 13 CPU-seconds


@dataclass(frozen=True, slots=True)
class Posterior:
    """How likely each category is the true one.

    Parameters
    ----------
    q : ndarray of shape (n_products, n_categories)
        Rows sum to 1; a product with a label has 1 in its column.
    q_max : ndarray of shape (n_products,)
        The highest of each row: the lower, the sooner a moderator should look.
    transition : ndarray of shape (n_categories, n_categories)
        How often a product of the row's category has a source of the column's. Rows sum to 1.
    """

    q: FloatArray
    q_max: FloatArray
    transition: FloatArray


def posterior(pool: Pool, *, seed: int = 0) -> Posterior:
    """Weigh source categories, labels and features against each other.

    ``q ~ P(y|x) T[y, source]``. ``P`` comes from the model for choosing, which learns from labels
    and sources in folds that keep near-duplicates together; ``T`` from expectation maximisation
    with the labels fixed. The model then learns once more, from the likeliest categories, each as
    much as it is sure. A product without a source has ``q = P``. Without features, the live
    model's probabilities stand for ``P``, and without those every category is as likely.

    Parameters
    ----------
    pool
        ``features``, or ``probabilities`` in their place.
    seed
        Of the folds, and of the rows that a large catalogue is learned from.

    References
    ----------
    Dawid, Skene (1979), Maximum Likelihood Estimation of Observer Error-Rates; Patrini, Rozza,
    Menon, Nock, Qu (2017), Making Deep Neural Networks Robust to Label Noise.
    """
    if pool.features is None:
        return weigh(_live(pool), pool)
    is_label = pool.labels != UNKNOWN
    targets = np.where(is_label, pool.labels, pool.sources)
    rows = _rows_to_learn_from(is_label, targets != UNKNOWN, seed)
    # What all would say is not needed before the second pass: a large catalogue takes a third less.
    learned = _part(pool, rows)
    first = _weigh_out_of_fold(
        learned, np.arange(len(rows)), targets[rows], np.ones(len(rows)), seed
    )
    return _weigh_out_of_fold(pool, rows, first.q.argmax(axis=1), first.q_max**2, seed)


def weigh(answers: FloatArray, pool: Pool) -> Posterior:
    """Join what a model says with what sources and labels say.

    Parameters
    ----------
    answers : ndarray of shape (n_products, n_categories)
        ``P(y|x)`` from models that have not met the product. Rows sum to 1.
    pool
        ``sources`` and ``labels`` are read.
    """
    n = pool.n_categories
    right = np.eye(n, dtype=np.bool_)
    has_source = pool.sources != UNKNOWN
    seen = np.where(right, PRIOR_RIGHT, PRIOR_WRONG / max(1, n - 1))
    transition: FloatArray = np.where(right, BELIEVED, (1 - BELIEVED) / max(1, n - 1))
    transition /= transition.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        q = _posterior_of(answers, transition, pool)
        counts = seen.copy()
        np.add.at(counts.T, pool.sources[has_source], q[has_source])
        transition = counts / counts.sum(axis=1, keepdims=True)
    q = _posterior_of(answers, transition, pool)
    return Posterior(q, q.max(axis=1), transition)


def _weigh_out_of_fold(
    pool: Pool, rows: IntArray, targets: IntArray, sureness: FloatArray, seed: int
) -> Posterior:
    """Learn from some rows of a pool, labels among them twice as much, and weigh all rows."""
    answers = out_of_fold(
        array_of(pool, "features"),
        rows,
        targets,
        pool.n_categories,
        pool.groups,
        weights=np.where(pool.labels[rows] != UNKNOWN, LABEL_WEIGHT, sureness),
        seed=seed,
    )
    return weigh(_with_unmet(answers, targets), pool)


def _part(pool: Pool, rows: IntArray) -> Pool:
    return Pool(
        is_open=pool.is_open[rows],
        n_categories=pool.n_categories,
        labels=pool.labels[rows],
        sources=pool.sources[rows],
        groups=pool.groups[rows],
        features=array_of(pool, "features")[rows],
    )


def _posterior_of(answers: FloatArray, transition: FloatArray, pool: Pool) -> FloatArray:
    q = answers.astype(np.float64)
    has_source, is_label = pool.sources != UNKNOWN, pool.labels != UNKNOWN
    q[has_source] *= transition[:, pool.sources[has_source]].T
    q /= q.sum(axis=1, keepdims=True)
    q[is_label] = np.eye(pool.n_categories)[pool.labels[is_label]]
    return q


def _with_unmet(answers: FloatArray, targets: IntArray) -> FloatArray:
    """Make a category that a product's fold has not met, and others have, as likely as chance.

    Such as one with a single product: its fold knows none, and its source would never be believed.
    """
    n = answers.shape[1]
    unmet = (answers == np.float32(UNSEEN)) & np.isin(np.arange(n), targets)
    if not unmet.any():
        return answers
    left = 1 - unmet.sum(axis=1, keepdims=True) / n
    raised: FloatArray = np.where(unmet, 1 / n, answers * left)
    return raised


def _rows_to_learn_from(is_label: BoolArray, has_target: BoolArray, seed: int) -> IntArray:
    """Return rising rows: all that say something, or of more than enough all labels first."""
    rows = np.flatnonzero(has_target)
    if len(rows) <= AT_MOST_ROWS:
        return rows
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(rows)
    labels_first = shuffled[np.argsort(~is_label[shuffled], kind="stable")]
    return np.sort(labels_first[:AT_MOST_ROWS])


def _live(pool: Pool) -> FloatArray:
    if pool.probabilities is not None:
        return pool.probabilities
    return np.full((len(pool), pool.n_categories), 1 / pool.n_categories)
