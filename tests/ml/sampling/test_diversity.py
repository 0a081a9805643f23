from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.sampling import diversity
from ml.sampling.diversity import ALIKE, badge, diverse_margin, far_apart, unlike
from tests.ml.sampling.pools import make_pool


def rng(seed=0):
    return np.random.default_rng(seed)


class TestUnlike:
    def test_takes_no_two_that_look_alike(self):
        pool = make_pool(200)

        rows = unlike(pool.features, pool.groups, 200)

        cosines = pool.features[rows] @ pool.features[rows].T
        assert cosines[~np.eye(len(rows), dtype=bool)].max() < ALIKE
        assert (pool.features @ pool.features[rows].T).max(axis=1).min() >= ALIKE

    def test_takes_products_of_which_nothing_is_known(self):
        assert unlike(np.zeros((3, 4)), np.arange(3), 3).tolist() == [0, 1, 2]


class TestDiverseMargin:
    def test_begins_with_the_smallest_margin(self):
        pool = make_pool(50)
        two = np.sort(pool.probabilities, axis=1)[:, -2:]

        assert diverse_margin(pool, 5, rng())[0] == (two[:, 1] - two[:, 0]).argmin()

    def test_follows_the_margin_once_all_else_looks_alike(self):
        pool = replace(make_pool(50), features=np.tile(np.eye(8)[0], (50, 1)))
        two = np.sort(pool.probabilities, axis=1)[:, -2:]

        rows = diverse_margin(pool, 50, rng())

        assert rows.tolist() == np.argsort(two[:, 1] - two[:, 0]).tolist()

    def test_a_small_batch_is_the_beginning_of_the_whole_order(self):
        pool = make_pool(300)

        assert (
            diverse_margin(pool, 20, rng()).tolist()
            == diverse_margin(pool, 300, rng())[:20].tolist()
        )

    def test_orders_by_margin_what_lies_behind_the_candidates(self, monkeypatch):
        pool = make_pool(100)
        two = np.sort(pool.probabilities, axis=1)[:, -2:]
        by_margin = np.argsort(two[:, 1] - two[:, 0])
        monkeypatch.setattr(diversity, "N_NEAR", 20)

        rows = diverse_margin(pool, 100, rng())

        assert set(rows[:20]) == set(by_margin[:20])
        assert rows[20:].tolist() == by_margin[20:].tolist()


class TestFarApart:
    def test_draws_as_if_the_gradients_were_written_out(self):
        generator = rng()
        errors, features = generator.standard_normal((6, 3)), generator.standard_normal((6, 4))
        gradients = (errors[:, :, None] * features[:, None, :]).reshape(6, -1)
        first = np.linalg.norm(gradients, axis=1).argmax()
        squares = ((gradients - gradients[first]) ** 2).sum(axis=1)

        draws = np.array(
            [far_apart(errors, features, np.arange(6), 2, rng(seed)) for seed in range(3_000)]
        )

        assert (draws[:, 0] == first).all()
        shares = np.bincount(draws[:, 1], minlength=6) / len(draws)
        np.testing.assert_allclose(shares, squares / squares.sum(), atol=0.04)

    def test_ends_where_all_others_are_the_same(self):
        errors = np.array([[0.5, -0.5], [0.5, -0.5], [-0.5, 0.5]])

        rows = far_apart(errors, np.ones((3, 1)), np.arange(3), 3, rng())

        assert sorted(rows.tolist()) in ([0, 2], [1, 2])

    def test_draws_nothing_of_nothing(self):
        assert far_apart(np.ones((0, 2)), np.ones((0, 3)), np.arange(0), 3, rng()).tolist() == []


class TestBadge:
    def test_leaves_certain_products_to_the_end(self):
        pool = make_pool(40)
        probabilities = pool.probabilities.copy()
        probabilities[:20] = np.eye(4)[0]

        rows = badge(replace(pool, probabilities=probabilities), 40, rng())

        n_certain = np.cumsum(rows < 20)
        assert n_certain[20] <= 1  # all that are certain are one point: one of them may be drawn
        assert n_certain[-1] == 20
