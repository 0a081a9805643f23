"""The default recipe for choosing what is asked: three rules, each while it measures best."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from ml.choosing.model import fit_predict
from ml.choosing.posterior import posterior
from ml.contract import IntArray
from ml.sampling.choice import best, score_open
from ml.sampling.diversity import N_NEAR, N_SPREAD, unlike
from ml.sampling.pool import UNKNOWN, Pool, array_of
from ml.sampling.scores import margin_score
from ml.sampling.typical import typical

# Measured on the study's sample, as all of the recipe (ADR 0015).
PER_CATEGORY = 2  # labels of the cold start
COLD_SEED = 0  # one plan for the whole cold start, however many are asked at a time
WINDOW = 5  # products in a row that are unlike each other
AT_MOST_LABELS = 20_000  # to learn from: more of them move few margins, and take seconds


class Stage(StrEnum):
    """Which rule holds now; cards and the dashboard say it."""

    TYPICAL = "typical"
    """Too few labels for a model: what is typical of a part of the catalogue without a label."""
    MARGIN = "margin"
    """The likeliest categories are close, by a model of all labels so far."""
    SUSPECT = "suspect"
    """All evidence, the source category among it, leaves the most doubt."""


def stage_of(pool: Pool) -> Stage:
    """Return the rule that ``choose`` follows for this catalogue.

    Source categories stand in for the labels of the cold start once there are as many of them.
    """
    n_needed = PER_CATEGORY * pool.n_categories
    if int((pool.sources != UNKNOWN).sum()) >= n_needed:
        return Stage.SUSPECT
    columns = pool.labels[pool.labels != UNKNOWN]
    if len(columns) < n_needed or (columns == columns[0]).all():
        return Stage.TYPICAL
    return Stage.MARGIN


def choose(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask what a decision is worth most on; meant to be called again after every few decisions.

    Without source categories: first what is typical of each part of the catalogue, two products
    for each category; then what the model for choosing is undecided about, no two alike among
    ``WINDOW`` in a row. With them: what all evidence together leaves in doubt.

    Parameters
    ----------
    pool
        With features, smoothed (``ml.choosing.smoothing``).
    n
        Five at a time measured best; a complete order serves where nobody waits for the next.

    Raises
    ------
    MlError
        If the pool has no features.

    References
    ----------
    Hacohen, Dekel, Weinshall (2022), Active Learning on a Budget: Opposite Strategies Suit High
    and Low Budgets (TypiClust); Scheffer, Decomain, Wrobel (2001), Active Hidden Markov Models for
    Information Extraction (margin).
    """
    stage = stage_of(pool)
    if stage is Stage.SUSPECT:
        return best(-posterior(pool).q_max, pool, n, rng)
    if stage is Stage.TYPICAL:
        return _typical_first(pool, n, rng)
    return _undecided_first(pool, n, rng)


def _typical_first(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Go on with the cold start: the clusters stay, and those with a label are left out."""
    n_left = max(1, PER_CATEGORY * pool.n_categories - int((pool.labels != UNKNOWN).sum()))
    first = typical(pool, n_left, np.random.default_rng(COLD_SEED))
    return best(np.zeros(len(pool)), pool, n, rng, first=first[:n])


def _undecided_first(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    features = array_of(pool, "features")
    rows = np.flatnonzero(pool.labels != UNKNOWN)
    if len(rows) > AT_MOST_LABELS:
        rows = rng.choice(rows, AT_MOST_LABELS, replace=False)
    probabilities = fit_predict(features, rows, pool.labels[rows], pool.n_categories)
    scores = score_open(pool, margin_score, probabilities)
    near = best(scores, pool, N_NEAR, rng)
    _, leaders = np.unique(pool.groups[near], return_index=True)
    near = near[np.sort(leaders)]
    first: list[int] = []
    while len(first) < min(n, N_SPREAD) and len(near):
        # Only neighbours in the order are kept apart: over a whole order, the ever less alike
        # would come before the undecided.
        taken = unlike(features[near], pool.groups[near], WINDOW)
        first += near[taken].tolist()
        near = np.delete(near, taken)
    return best(scores, pool, n, rng, first=np.array(first[:n], dtype=np.int64))
