from dataclasses import replace

import numpy as np
import pytest

from ml.branches import Lessons, fit_branch, has, why_unusable
from ml.contract import PipelineSettings
from ml.metrics import log_loss
from ml.splits import grouped_folds
from tests.fakes import CountingPipeline, use_fakes
from tests.ml.catalogues import CATEGORIES, make_snapshot


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fakes(monkeypatch)


def fit(
    snapshot, modality="text", *, n_folds=5, on_progress=lambda done, total: None, weights=None
):
    labels = snapshot.source_categories
    folds = grouped_folds(snapshot.groups, labels, n_folds, seed=0)
    fitted = fit_branch(
        modality, f"fake_{modality}", PipelineSettings(), Lessons(snapshot.batch, labels, weights),
        folds, snapshot.categories, on_progress,
    )  # fmt: skip
    return fitted, folds


class TestOutOfFold:
    def test_never_comes_from_a_model_that_met_the_group(self):
        snapshot = make_snapshot(60, group_size=3)

        _, folds = fit(snapshot)

        group_of = dict(zip(snapshot.batch.ids, snapshot.groups.tolist(), strict=True))
        for fold, met in enumerate(CountingPipeline.fits[:5]):
            asked = set(snapshot.groups[folds == fold].tolist())
            assert asked
            assert not asked & {group_of[product_id] for product_id in met}
        assert len(CountingPipeline.fits[5]) == 60

    def test_is_calibrated(self):
        snapshot = make_snapshot(300)

        fitted, _ = fit(snapshot)

        columns = snapshot.columns_of(snapshot.source_categories)
        tempered = fitted.out_of_fold
        raw = tempered**fitted.branch.temperature
        raw /= raw.sum(axis=1, keepdims=True)
        assert fitted.branch.temperature != 1.0
        assert log_loss(columns, tempered) < log_loss(columns, raw)

    def test_is_nan_where_the_product_lacks_the_modality(self):
        snapshot = make_snapshot(80, with_image=0.7)

        fitted, _ = fit(snapshot, "image")

        missing = ~snapshot.batch.has_image()
        assert missing.any()
        assert np.isnan(fitted.out_of_fold).all(axis=1).tolist() == missing.tolist()
        assert not fitted.known[missing].any()

    def test_of_a_category_in_one_group_only_is_marked_as_unknown(self):
        snapshot = make_snapshot(60, group_size=1)
        labels = np.where(np.arange(60) == 5, CATEGORIES[2], CATEGORIES[0])
        labels[30:] = CATEGORIES[1]
        folds = grouped_folds(snapshot.groups, labels, 5, seed=0)

        fitted = fit_branch(
            "text", "fake_text", PipelineSettings(), Lessons(snapshot.batch, labels),
            folds, snapshot.categories, lambda done, total: None,
        )  # fmt: skip

        assert np.flatnonzero(~fitted.known).tolist() == [5]
        assert fitted.out_of_fold[5, 2] == 0
        assert fitted.out_of_fold.sum(axis=1) == pytest.approx(np.ones(60))

    def test_survives_a_fold_that_leaves_one_category_to_learn(self):
        snapshot = make_snapshot(30, group_size=1)
        labels = np.where(np.arange(30) == 5, CATEGORIES[2], CATEGORIES[0])
        folds = grouped_folds(snapshot.groups, labels, 5, seed=0)

        fitted = fit_branch(
            "text", "fake_text", PipelineSettings(), Lessons(snapshot.batch, labels),
            folds, snapshot.categories, lambda done, total: None,
        )  # fmt: skip

        assert fitted.out_of_fold[folds == folds[5], 0] == pytest.approx(1)
        assert np.flatnonzero(~fitted.known).tolist() == [5]


class TestWeights:
    def test_reach_every_fit_of_a_pipeline_that_weighs_one_on_average(self, monkeypatch):
        met = {}

        class WeighingPipeline(CountingPipeline):
            takes_weights = True

            def fit(self, batch, labels, on_progress, weights=None):
                met.setdefault(batch.ids, weights)
                return super().fit(batch, labels, on_progress)

        monkeypatch.setattr("tests.fakes.CountingPipeline", WeighingPipeline)
        snapshot = make_snapshot(60)
        given = np.where(np.arange(60) < 30, 2.0, 0.5)

        fit(snapshot, "image", weights=given)

        of_product = dict(zip(snapshot.batch.ids, given.tolist(), strict=True))
        assert len(met) == 6
        for ids, weights in met.items():
            expected = np.array([of_product[product_id] for product_id in ids])
            assert weights == pytest.approx(expected / expected.mean())

    def test_are_kept_from_a_pipeline_that_takes_none(self):
        snapshot = make_snapshot(60)

        fitted, _ = fit(snapshot, weights=np.full(60, 0.5))

        assert np.isfinite(fitted.out_of_fold).all()

    def test_count_in_the_temperature(self):
        snapshot = make_snapshot(200)
        sources = snapshot.source_categories.copy()
        sources[:20] = np.roll(sources, 1)[:20]
        snapshot = replace(snapshot, source_categories=sources)
        plain, _ = fit(snapshot)

        forgiving, _ = fit(snapshot, weights=np.where(np.arange(200) < 20, 0.01, 1.0))

        assert forgiving.branch.temperature < plain.branch.temperature


class TestPredict:
    def test_puts_columns_in_the_order_of_the_catalogue(self):
        snapshot = make_snapshot(200)

        branch = fit(snapshot)[0].branch
        answer = branch.predict(snapshot.batch, (7, 99, 19, 40))

        assert (answer[:, 1] == 0).all()
        truth = np.array([{7: 0, 19: 2, 40: 3}[int(name)] for name in snapshot.source_categories])
        assert (answer.argmax(axis=1) == truth).mean() > 0.8

    def test_of_products_without_the_modality_is_nan(self):
        snapshot = make_snapshot(60)
        branch = fit(snapshot)[0].branch

        answer = branch.predict(make_snapshot(6, with_text=0).batch, CATEGORIES)

        assert np.isnan(answer).all()


def test_progress_only_grows_and_ends_full():
    seen = []

    fit(make_snapshot(60), on_progress=lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert seen[-1] == (600, 600)


@pytest.mark.parametrize(
    ("with_image", "n", "reason"),
    [(0, 20, "no product"), (0.2, 20, "only"), (1, 20, None)],
)
def test_why_a_branch_cannot_learn_is_said_in_words(with_image, n, reason):
    snapshot = make_snapshot(n, with_image=with_image)

    said = why_unusable("image", snapshot.batch, snapshot.source_categories, snapshot.groups)

    assert said is None if reason is None else said.startswith(reason) and "an image" in said


def test_one_category_or_one_group_cannot_teach():
    snapshot = make_snapshot(20)
    same = np.full(20, CATEGORIES[0])

    one_category = why_unusable("text", snapshot.batch, same, snapshot.groups)
    one_group = why_unusable("text", snapshot.batch, snapshot.source_categories, same)

    assert "one category" in one_category
    assert "near-duplicates" in one_group
    assert has("text", snapshot.batch).all()
