from dataclasses import replace

import numpy as np
import pytest

from ml.choosing.posterior import AT_MOST_ROWS, posterior, weigh
from ml.sampling.pool import UNKNOWN, Pool

N, K = 240, 4


def make_pool(*, n=N, wrong=0.1, spread=0.25, seed=0):
    """Draw products around one direction a category, some of their sources wrong at random."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % K
    features = np.eye(8)[truth] + rng.normal(0, spread, (n, 8))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    rows = rng.choice(n, round(wrong * n), replace=False)
    sources = truth.copy()
    sources[rows] = (truth[rows] + rng.integers(1, K, len(rows))) % K
    pool = Pool(
        is_open=np.ones(n, dtype=np.bool_),
        n_categories=K,
        labels=np.full(n, UNKNOWN),
        sources=sources,
        groups=np.arange(n),
        features=features.astype(np.float32),
    )
    return pool, truth


def with_labels(pool, truth, rows):
    labels = pool.labels.copy()
    labels[rows] = truth[rows]
    return replace(pool, labels=labels, is_open=labels == UNKNOWN)


class TestPosterior:
    def test_rows_sum_to_one_and_q_max_is_their_highest(self):
        pool, _ = make_pool()

        found = posterior(pool)

        assert found.q.shape == (N, K)
        assert found.q.sum(axis=1) == pytest.approx(np.ones(N))
        assert found.q_max.tolist() == found.q.max(axis=1).tolist()
        assert found.transition.sum(axis=1) == pytest.approx(np.ones(K))

    def test_is_right_more_often_than_the_sources(self):
        pool, truth = make_pool(wrong=0.2)

        found = posterior(pool)

        assert (pool.sources == truth).mean() == pytest.approx(0.8)
        assert (found.q.argmax(axis=1) == truth).mean() >= 0.94

    def test_wrong_sources_come_first(self):
        pool, truth = make_pool()

        first = np.argsort(posterior(pool).q_max)[:40]

        assert (pool.sources != truth)[first].sum() >= 18  # of the 24, and of 4 by chance

    def test_a_label_is_certain_and_beats_its_source(self):
        pool, truth = make_pool()
        wrong = np.flatnonzero(pool.sources != truth)[0]

        found = posterior(with_labels(pool, truth, [wrong]))

        assert found.q[wrong].tolist() == np.eye(K)[truth[wrong]].tolist()

    def test_learns_which_category_is_taken_for_which(self):
        pool, truth = make_pool(wrong=0.0, spread=0.1)
        sources = truth.copy()
        sources[np.flatnonzero(truth == 2)[:15]] = 3  # a quarter of one category under another

        decided = np.flatnonzero(truth == 2)

        found = posterior(with_labels(replace(pool, sources=sources), truth, decided))

        assert found.transition[2, 3] == pytest.approx(15 / 60, abs=0.05)
        assert found.transition[3, 2] < 0.05

    def test_labels_teach_how_far_sources_can_be_believed(self):
        pool, truth = make_pool(wrong=0.5, spread=2.0)  # features say next to nothing

        before = posterior(pool).transition.diagonal().mean()
        after = posterior(with_labels(pool, truth, np.arange(160))).transition.diagonal().mean()

        assert abs(after - 0.5) < abs(before - 0.5)
        assert after == pytest.approx(0.5, abs=0.12)

    def test_a_product_without_a_source_goes_by_its_features_alone(self):
        pool, truth = make_pool(wrong=0.0, spread=0.1)
        sources = pool.sources.copy()
        sources[::3] = UNKNOWN

        found = posterior(replace(pool, sources=sources))

        assert (found.q.argmax(axis=1) == truth)[::3].all()

    def test_near_duplicates_do_not_repeat_each_others_source(self):
        pool, _ = make_pool(wrong=0.0, spread=0.1)
        features = pool.features.copy()
        features[:2] = features[2]  # all of category 2 by their looks, the first two filed under 1
        sources = pool.sources.copy()
        sources[:2] = 1
        together = np.arange(N)
        together[1] = 0

        apart = posterior(replace(pool, features=features, sources=sources)).q[0, 1]
        grouped = posterior(replace(pool, features=features, sources=sources, groups=together)).q[
            0, 1
        ]

        assert grouped <= apart

    def test_the_same_seed_gives_the_same_answer(self):
        pool, _ = make_pool()

        assert posterior(pool, seed=3).q.tolist() == posterior(pool, seed=3).q.tolist()


class TestSmallCatalogues:
    def test_nobody_has_said_anything(self):
        pool, _ = make_pool(n=12)

        found = posterior(replace(pool, sources=np.full(12, UNKNOWN)))

        assert found.q == pytest.approx(np.full((12, K), 1 / K))

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_few_products_work(self, n):
        pool, _ = make_pool(n=n, wrong=0)

        found = posterior(pool)

        assert found.q.sum(axis=1) == pytest.approx(np.ones(n))
        assert (found.q.argmax(axis=1) == pool.sources).all()

    def test_no_product_at_all_works(self):
        pool, _ = make_pool(n=4)
        empty = replace(
            pool,
            **{name: getattr(pool, name)[:0] for name in ("is_open", "labels", "sources")},
            groups=pool.groups[:0],
            features=pool.features[:0],
        )

        assert posterior(empty).q.shape == (0, K)

    def test_one_category_is_certain(self):
        pool, _ = make_pool(n=5, wrong=0)

        found = posterior(replace(pool, n_categories=1, sources=np.zeros(5, dtype=np.int64)))

        assert found.q.tolist() == [[1.0]] * 5
        assert found.transition.tolist() == [[1.0]]

    def test_a_category_with_a_single_product_keeps_it(self):
        pool, truth = make_pool(wrong=0, spread=0.1)
        sources = truth.copy()
        sources[0] = K  # none of the others, to which its fold has met no like

        found = posterior(replace(pool, n_categories=K + 1, sources=sources))

        assert found.q[0].argmax() == K
        assert found.q_max[0] < found.q_max[1:].min()  # and asks to be looked at first

    def test_a_category_without_any_product_stays_unlikely(self):
        pool, truth = make_pool(spread=0.1)

        found = posterior(replace(pool, n_categories=K + 1))

        assert found.q[:, K].max() < 0.01
        assert (found.q.argmax(axis=1) == truth).mean() > 0.99

    def test_without_features_the_live_model_is_believed_as_far_as_it_goes(self):
        pool, truth = make_pool(n=40)
        live = np.full((40, K), 0.01)
        live[np.arange(40), truth] = 0.97

        found = posterior(replace(pool, features=None, probabilities=live))

        assert (found.q.argmax(axis=1) == truth).all()

    def test_without_features_or_a_model_the_sources_stand(self):
        pool, _ = make_pool(n=40)

        found = posterior(replace(pool, features=None))

        assert (found.q.argmax(axis=1) == pool.sources).all()


class TestWeigh:
    def test_is_bayes_rule(self):
        pool, _ = make_pool(n=8, wrong=0)
        answers = np.full((8, K), 1 / K)

        found = weigh(answers, pool)

        assert found.q == pytest.approx(
            found.transition[:, pool.sources].T
            / found.transition[:, pool.sources].sum(axis=0)[:, None],
            abs=1e-9,
        )


class TestLargeCatalogues:
    def test_labels_are_learned_from_before_sources(self, monkeypatch):
        monkeypatch.setattr("ml.choosing.posterior.AT_MOST_ROWS", 100)
        pool, truth = make_pool(wrong=0.6, spread=0.1)  # sources mislead, labels do not
        labelled = np.arange(90)

        found = posterior(with_labels(pool, truth, labelled))

        assert AT_MOST_ROWS > 100
        assert (found.q.argmax(axis=1) == truth).mean() > 0.9
