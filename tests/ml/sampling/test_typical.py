from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.neighbors import NearestNeighbors

from ml.sampling import typical as module
from ml.sampling.pool import UNKNOWN, Pool
from ml.sampling.typical import distance_to_neighbours, typical
from tests.ml.sampling.pools import blobs, make_pool


def rng(seed=0):
    return np.random.default_rng(seed)


def clumps(sizes, seed=0) -> Pool:
    """Make one clump of products around each axis; the first of each clump is its middle."""
    generator = rng(seed)
    categories = np.repeat(np.arange(len(sizes)), sizes)
    features = np.eye(8)[categories] + 0.1 * generator.standard_normal((len(categories), 8))
    firsts = np.flatnonzero(np.diff(categories, prepend=-1))
    features[firsts] = [features[categories == number].mean(axis=0) for number in range(len(sizes))]
    n_products = len(categories)
    return Pool(
        is_open=np.ones(n_products, dtype=bool),
        n_categories=len(sizes),
        labels=np.full(n_products, UNKNOWN),
        sources=categories,
        groups=np.arange(n_products),
        features=features / np.linalg.norm(features, axis=1, keepdims=True),
    )


def decided(pool: Pool, rows) -> Pool:
    is_open, labels = pool.is_open.copy(), pool.labels.copy()
    is_open[rows], labels[rows] = False, pool.sources[rows]
    return replace(pool, is_open=is_open, labels=labels)


class TestTypical:
    def test_asks_the_middle_of_each_clump_the_largest_first(self):
        pool = clumps([30, 50, 40])

        assert typical(pool, 3, rng()).tolist() == [30, 80, 0]

    def test_passes_over_a_clump_that_a_label_covers(self):
        pool = decided(clumps([30, 50, 40]), [40, 90])

        assert pool.sources[typical(pool, 1, rng())].tolist() == [0]

    def test_never_counts_products_out_of_reach(self):
        pool = clumps([30, 50, 40])
        pool = replace(pool, is_open=pool.sources != 1)

        assert pool.sources[typical(pool, 2, rng())].tolist() == [2, 0]

    def test_sees_all_categories_sooner_than_chance(self):
        found = {"typical": [], "random": []}
        for seed in range(10):
            features, categories = blobs(300, 7, rng(seed), spread=0.2)
            pool = replace(make_pool(300, n_categories=7), features=features, sources=categories)
            found["typical"].append(len(set(categories[typical(pool, 14, rng(seed))])))
            found["random"].append(len(set(categories[rng(seed).choice(300, 14)])))

        assert np.mean(found["typical"]) > np.mean(found["random"])
        assert np.mean(found["typical"]) >= 6.8

    def test_a_large_catalogue_is_seen_through_a_sample(self, monkeypatch):
        monkeypatch.setattr(module, "N_SAMPLE", 60)
        pool = clumps([100, 150, 120])

        assert pool.sources[typical(pool, 3, rng())].tolist() == [1, 2, 0]
        assert sorted(typical(pool, 370, rng()).tolist()) == list(range(370))

    def test_what_follows_is_the_closer_to_a_centre_the_sooner(self):
        pool = clumps([30, 50, 40])

        rows = typical(pool, 120, rng())

        distances = np.linalg.norm(pool.features - pool.features[[0, 30, 80]][pool.sources], axis=1)
        assert distances[rows[6:40]].mean() < distances[rows[80:]].mean()


class TestDistanceToNeighbours:
    def test_equals_what_scikit_learn_finds(self, monkeypatch):
        monkeypatch.setattr(module, "CHUNK_ROWS", 16)
        features = make_pool(60).features

        found = distance_to_neighbours(features, 19)

        theirs, _ = NearestNeighbors(n_neighbors=20).fit(features).kneighbors(features)
        np.testing.assert_allclose(found, theirs[:, 1:].mean(axis=1), atol=1e-6)

    def test_takes_as_many_neighbours_as_there_are(self):
        assert distance_to_neighbours(np.eye(3), 19).round(6).tolist() == [1.414214] * 3

    def test_one_alone_is_typical(self):
        assert distance_to_neighbours(np.eye(1), 19).tolist() == [0.0]
