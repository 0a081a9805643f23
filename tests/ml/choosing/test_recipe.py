from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ml.choosing import recipe
from ml.choosing.features import features_of
from ml.choosing.model import fit_predict
from ml.choosing.posterior import posterior
from ml.choosing.recipe import Stage, choose, stage_of
from ml.choosing.smoothing import smooth
from ml.contract import PipelineSettings
from ml.errors import MlError
from ml.sampling.by_score import random
from ml.sampling.pool import UNKNOWN, Pool
from ml.study.protocols import grouped_split
from ml.study.table_files import read_products
from tests.ml.choosing.catalogues import make_blobs, make_pool

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
WEIGHTS = DATA / "weights" / "mobilenet_v2_imagenet_no_top.weights.h5"


def rng(seed=0):
    return np.random.default_rng(seed)


def decide(pool, truth, rows):
    labels = pool.labels.copy()
    labels[rows] = truth[rows]
    is_open = pool.is_open.copy()
    is_open[rows] = False
    return replace(pool, labels=labels, is_open=is_open)


class TestStageOf:
    def test_starts_with_what_is_typical_and_goes_on_with_the_margin(self):
        features, truth = make_blobs(60)
        pool = make_pool(features)

        stages = [stage_of(decide(pool, truth, np.arange(n))) for n in (0, 5, 6, 40)]

        assert stages == [Stage.TYPICAL, Stage.TYPICAL, Stage.MARGIN, Stage.MARGIN]

    def test_labels_of_one_category_make_no_model(self):
        features, truth = make_blobs(60)

        pool = decide(make_pool(features), truth, np.flatnonzero(truth == 1)[:12])

        assert stage_of(pool) is Stage.TYPICAL

    @pytest.mark.parametrize(("n", "stage"), [(5, Stage.TYPICAL), (6, Stage.SUSPECT)])
    def test_as_many_source_categories_stand_in_for_the_cold_start(self, n, stage):
        features, truth = make_blobs(60)
        sources = np.where(np.arange(60) < n, truth, UNKNOWN)

        assert stage_of(make_pool(features, sources=sources)) is stage


class TestTypicalFirst:
    def test_one_plan_holds_whether_five_are_asked_at_once_or_one_by_one(self):
        features, truth = make_blobs(120)
        pool = make_pool(features)

        at_once = choose(pool, 6, rng()).tolist()
        one_by_one = []
        for turn in range(6):
            one_by_one += choose(pool, 1, rng(turn)).tolist()
            pool = decide(pool, truth, one_by_one[-1:])

        assert sorted(one_by_one) == sorted(at_once)

    def test_sees_each_category_within_a_few_picks(self):
        features, truth = make_blobs(140, 7, spread=0.4)

        picks = choose(make_pool(features, 7), 14, rng())

        assert len(set(truth[picks[:9]])) == 7

    def test_orders_everything_where_that_is_asked(self):
        features, _ = make_blobs(40)

        assert sorted(choose(make_pool(features), 99, rng())) == list(range(40))


class TestUndecidedFirst:
    def test_asks_between_two_categories_and_never_two_alike(self):
        features, truth = make_blobs(90, spread=0.3)
        between = features[0] + features[1]
        features = np.concatenate([features, np.tile(between / np.linalg.norm(between), (2, 1))])
        pool = decide(make_pool(features), np.append(truth, [0, 0]), np.arange(3, 33))

        picks = choose(pool, 5, rng())

        assert picks[0] in (90, 91)
        assert len({90, 91} & set(picks.tolist())) == 1

    def test_a_new_label_changes_what_is_asked(self):
        features, truth = make_blobs(120, spread=1.2)
        pool = decide(make_pool(features), truth, np.arange(12))
        first = choose(pool, 5, rng())

        later = choose(decide(pool, truth, first), 5, rng())

        assert not set(first) & set(later)

    def test_learns_from_a_part_of_very_many_labels(self, monkeypatch):
        monkeypatch.setattr(recipe, "AT_MOST_LABELS", 30)
        features, truth = make_blobs(120)
        pool = decide(make_pool(features), truth, np.arange(90))

        assert sorted(choose(pool, 99, rng())) == list(range(90, 120))


class TestSuspect:
    def test_asks_the_lowest_posterior_first(self):
        features, truth = make_blobs(120)
        sources = truth.copy()
        sources[[5, 50]] = (truth[[5, 50]] + 1) % 3
        pool = make_pool(features, sources=sources)

        order = choose(pool, 120, rng())

        assert (np.diff(posterior(pool).q_max[order]) >= 0).all()
        assert {5, 50} <= set(order[:12].tolist())


class TestAnyStage:
    @pytest.mark.parametrize("n_labels", [0, 3, 30])
    @pytest.mark.parametrize("with_sources", [False, True])
    def test_answers_are_open_distinct_and_repeatable(self, n_labels, with_sources):
        features, truth = make_blobs(60)
        pool = make_pool(features, sources=truth if with_sources else None)
        pool = decide(pool, truth, np.arange(n_labels))

        once, again = (choose(pool, 8, rng(1)) for _ in range(2))

        assert once.tolist() == again.tolist()
        assert len(set(once)) == 8
        assert pool.is_open[once].all()

    def test_nothing_open_is_nothing_to_ask(self):
        features, truth = make_blobs(12)

        assert len(choose(decide(make_pool(features), truth, np.arange(12)), 5, rng())) == 0

    def test_a_catalogue_without_features_is_refused_in_words(self):
        pool = replace(make_pool(make_blobs(12)[0]), features=None)

        with pytest.raises(MlError, match="features of its products"):
            choose(pool, 5, rng())


def labels_until(enough, products, features, sampler, batch, seed):
    split = grouped_split(products.labels, products.groups, seed=seed)
    truth, unknown = products.labels, np.full(len(products.labels), UNKNOWN)
    pool = Pool(
        is_open=np.isin(np.arange(len(truth)), split.train),
        n_categories=7,
        labels=unknown,
        sources=unknown,
        groups=products.groups,
        features=features,
    )
    while pool.is_open.any():
        pool = decide(pool, truth, sampler(pool, batch, rng(seed)))
        rows = np.flatnonzero(pool.labels != UNKNOWN)
        answer = fit_predict(features, rows, truth[rows], 7)[split.test].argmax(axis=1)
        if adjusted_rand_score(truth[split.test], answer) >= enough:
            break
    return len(rows)


@pytest.mark.slow
@pytest.mark.skipif(
    not WEIGHTS.is_file(), reason="the sample and its weights are not in ../shared/data"
)
def test_a_third_of_the_labels_is_enough_on_real_products(real_feature_dir):
    products = read_products(DATA / "flipkart" / "products.csv", DATA / "flipkart" / "images")
    settings = PipelineSettings(
        backbone="MobileNetV2", weights=WEIGHTS, feature_dir=real_feature_dir
    )
    features = features_of(products.batch, settings)
    smoothed = smooth(features)
    enough = 0.95 * 0.83  # of the ARI that the mean fusion reaches with all labels (ADR 0015)

    asked = [labels_until(enough, products, smoothed, choose, 5, seed) for seed in range(6)]
    drawn = [labels_until(enough, products, features, random, 20, seed) for seed in range(6)]

    assert np.mean(asked) <= 60
    assert np.mean(asked) <= 0.4 * np.mean(drawn)
