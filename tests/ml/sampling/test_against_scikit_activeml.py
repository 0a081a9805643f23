"""The same order, or the same quality, as scikit-activeml's implementations of the same papers.

Where both draw at random, no order can be compared: what is compared is how good the products asked
are, over seeded runs on the same made-up catalogues.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import Badge, TypiClust, uncertainty_scores
from sklearn.linear_model import LogisticRegression

from ml.sampling.pool import UNKNOWN, Pool
from ml.sampling.table import resolve
from tests.ml.sampling.pools import blobs, make_pool

N_RUNS = 12
N_CATEGORIES = 5
N_POOL, N_TEST = 240, 400
BATCH, N_BATCHES = 10, 4
METHODS = {
    "least_confidence": "least_confident",
    "margin": "margin_sampling",
    "entropy": "entropy",
}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_uncertain_products_come_in_the_same_order(name):
    pool = make_pool(400, n_categories=6)

    rows = resolve(name)(pool, 400, np.random.default_rng(0))

    theirs = uncertainty_scores(pool.probabilities, method=METHODS[name])
    assert rows.tolist() == np.argsort(-theirs).tolist()


def catalogue(seed: int) -> tuple[Pool, np.ndarray, np.ndarray, np.ndarray]:
    """Return an undecided pool, its true categories, and other products with theirs."""
    features, categories = blobs(
        N_POOL + N_TEST, N_CATEGORIES, np.random.default_rng(seed), spread=0.6
    )
    pool = replace(
        make_pool(N_POOL, n_categories=N_CATEGORIES),
        features=features[:N_POOL],
        labels=np.full(N_POOL, UNKNOWN),
    )
    return pool, categories[:N_POOL], features[N_POOL:], categories[N_POOL:]


def decided(pool: Pool, rows: np.ndarray, categories: np.ndarray) -> Pool:
    is_open, labels = pool.is_open.copy(), pool.labels.copy()
    is_open[rows], labels[rows] = False, categories[rows]
    return replace(pool, is_open=is_open, labels=labels)


def fitted(pool: Pool) -> SklearnClassifier:
    labels = np.where(pool.labels == UNKNOWN, np.nan, pool.labels)
    classifier = SklearnClassifier(LogisticRegression(C=20.0), classes=range(N_CATEGORIES))
    return classifier.fit(pool.features, labels)


def ours(name: str):
    def ask(pool: Pool, seed: int) -> np.ndarray:
        if name == "badge":
            pool = replace(pool, probabilities=fitted(pool).predict_proba(pool.features))
        return resolve(name)(pool, BATCH, np.random.default_rng(seed))

    return ask


def their_badge(pool: Pool, seed: int) -> np.ndarray:
    labels = np.where(pool.labels == UNKNOWN, np.nan, pool.labels)
    strategy = Badge(random_state=seed)
    return np.array(
        strategy.query(pool.features, labels, fitted(pool), fit_clf=False, batch_size=BATCH)
    )


def their_typical(pool: Pool, seed: int) -> np.ndarray:
    labels = np.where(pool.labels == UNKNOWN, np.nan, pool.labels)
    return TypiClust(random_state=seed, k=19).query(pool.features, labels, batch_size=BATCH)


def accuracies(ask, n_batches: int) -> np.ndarray:
    """Return, one for each run, the mean accuracy on other products after each batch."""
    means = []
    for seed in range(N_RUNS):
        pool, categories, others, true = catalogue(seed)
        start = [int(np.flatnonzero(categories == number)[0]) for number in range(N_CATEGORIES)]
        pool = decided(pool, np.array(start), categories)
        curve = []
        for turn in range(n_batches):
            pool = decided(pool, ask(pool, 100 * seed + turn), categories)
            curve.append(float((fitted(pool).predict(others) == true).mean()))
        means.append(np.mean(curve))
    return np.array(means)


@pytest.mark.slow
class TestSameQuality:
    def test_of_badge(self):
        mine, theirs = accuracies(ours("badge"), N_BATCHES), accuracies(their_badge, N_BATCHES)

        assert abs(mine.mean() - theirs.mean()) <= theirs.std(ddof=1)
        assert abs((mine - theirs).mean()) <= 0.03

    def test_of_typical_first(self):
        mine, theirs = accuracies(ours("typical"), 1), accuracies(their_typical, 1)

        assert abs(mine.mean() - theirs.mean()) <= theirs.std(ddof=1)
        assert mine.mean() >= theirs.mean() - 0.03

    def test_of_the_first_products_of_a_catalogue_without_labels(self):
        def seen(ask) -> np.ndarray:
            counts = []
            for seed in range(N_RUNS):
                pool, categories, _, _ = catalogue(seed)
                counts.append(len(set(categories[ask(pool, seed)[:N_CATEGORIES]])))
            return np.array(counts)

        mine, theirs = seen(ours("typical")), seen(their_typical)

        assert mine.mean() >= theirs.mean() - theirs.std(ddof=1)
        assert mine.mean() >= N_CATEGORIES - 1
