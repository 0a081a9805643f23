"""Fusions as pipelines, of branches that need no training to speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.duplicates import group_near_duplicates
from ml.errors import NotEnoughDataError
from ml.fused_pipeline import FusedPipeline, Plan
from ml.fused_plans import CHOSEN, DEFAULT, OF_STUDY, OF_THREE
from ml.fusion import MEAN, POOL
from ml.pipelines import PIPELINES, build, load
from ml.recipes import Recipe
from ml.rounds import RoundSettings, load_model, run_round
from tests.fakes import CountingPipeline, use_fakes
from tests.ml.catalogues import make_snapshot

BOTH = tuple(Recipe(("fake_text",), ("fake_image",), joint) for joint in (MEAN, POOL))
PLAN = Plan("fusion_default", BOTH, n_folds=5)


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fakes(monkeypatch)


def fit(snapshot, plan=PLAN, settings=None, on_progress=ignore_progress):
    pipeline = FusedPipeline(settings or PipelineSettings(), plan)
    return pipeline.fit(snapshot.batch, snapshot.source_categories, on_progress)


def ids_of(rows: Sequence[int]) -> set[str]:
    return {f"p{row}" for row in rows}


class TestFit:
    def test_gives_what_a_round_gives(self, tmp_path):
        snapshot = make_snapshot(120)
        batch = snapshot.batch
        snapshot = replace(
            snapshot,
            categories=(7, 19, 40),
            is_evaluation=np.zeros(120, bool),
            groups=group_near_duplicates(batch.texts(), batch.image_hashes),
        )
        settings = RoundSettings(
            text_pipeline="fake_text", image_pipeline="fake_image", n_resamples=10
        )
        run_round(snapshot, settings, tmp_path / "1", lambda stage, done, total: None)

        pipeline = fit(snapshot)

        model = load_model(tmp_path / "1", PipelineSettings())
        assert np.array_equal(pipeline.predict_proba(batch), model.predict(batch).fused)
        assert model.fusion.name == pipeline.weighted_.recipe.joint

    def test_keeps_near_duplicates_in_one_inner_fold(self):
        snapshot = make_snapshot(60)
        twins = replace(
            snapshot.batch,
            names=tuple(name for name in snapshot.batch.names[:30] for _ in range(2)),
            image_hashes=(None,) * 60,
            image_paths=(None,) * 60,
        )
        labels = np.repeat(snapshot.source_categories[:30], 2)
        CountingPipeline.fits.clear()

        FusedPipeline(PipelineSettings(), PLAN).fit(twins, labels, ignore_progress)

        *inner, final = [set(ids) for ids in CountingPipeline.fits]
        assert len(inner) == 5
        assert all(
            (f"p{row}" in met) == (f"p{row + 1}" in met) for met in inner for row in range(0, 60, 2)
        )
        assert final == ids_of(range(60))

    def test_of_the_plain_mean_takes_one_fit_a_branch_and_calibrates_nothing(self):
        snapshot = make_snapshot(60, with_image=1)

        pipeline = fit(snapshot, Plan("fusion_mean", BOTH[:1], n_folds=0))

        assert len(CountingPipeline.fits) == 2
        text, image = (branch.pipeline for branch in pipeline.branches_)
        mean = (text.predict_proba(snapshot.batch) + image.predict_proba(snapshot.batch)) / 2
        assert np.allclose(pipeline.predict_proba(snapshot.batch), mean)

    def test_fits_on_everything_only_the_branches_that_were_chosen(self):
        snapshot = make_snapshot(90)
        recipes = (Recipe((), ("fake_image",)), Recipe(("fake_text",), ()))

        pipeline = fit(snapshot, Plan("fusion_chosen", recipes, n_folds=3))

        assert [branch.name for branch in pipeline.branches_] == ["fake_text"]
        assert len(CountingPipeline.fits) == 3 + 3 + 1
        assert pipeline.reason_.startswith("fake_text alone: out-of-fold log loss")

    def test_without_images_goes_by_the_text_and_says_so(self):
        pipeline = fit(make_snapshot(60, with_image=0))

        assert [branch.name for branch in pipeline.branches_] == ["fake_text"]
        assert pipeline.reason_ == (
            "fake_text alone; without fake_image: no product to learn from has an image"
        )

    def test_without_anything_to_go_by_is_refused(self):
        with pytest.raises(NotEnoughDataError, match="No branch can learn: without fake_text: no"):
            fit(make_snapshot(60, with_text=0, with_image=0))

    def test_progress_only_grows_and_ends_full(self):
        seen = []

        fit(make_snapshot(60), on_progress=lambda done, total: seen.append((done, total)))

        assert seen == sorted(set(seen))
        assert seen[0][0] > 0
        assert seen[-1][0] == seen[-1][1]


class TestPredict:
    def test_of_products_that_lack_a_modality_uses_the_other(self):
        pipeline = fit(make_snapshot(120))
        words, photos, nothing = (
            make_snapshot(30, with_text=text, with_image=image).batch
            for text, image in ((1, 0), (0, 1), (0, 0))
        )

        text, image = pipeline.branches_
        categories = pipeline.categories
        assert np.array_equal(pipeline.predict_proba(words), text.predict(words, categories))
        assert np.array_equal(pipeline.predict_proba(photos), image.predict(photos, categories))
        assert pipeline.predict_proba(nothing) == pytest.approx(
            np.tile(pipeline.weighted_.prior, (30, 1))
        )

    def test_shows_the_branches_side_by_side(self):
        pipeline = fit(make_snapshot(120, with_image=0.5))
        batch = make_snapshot(20, with_image=0).batch

        shown = pipeline.embed(batch)

        assert shown.shape == (20, 6)
        assert shown[:, 3:] == pytest.approx(np.tile(pipeline.weighted_.prior, (20, 1)))
        assert np.array_equal(shown[:, :3], pipeline.predict_proba(batch))


def test_a_saved_fusion_holds_each_branch_as_a_pipeline_of_its_own(tmp_path):
    pipeline = fit(make_snapshot(120))

    pipeline.save(tmp_path / "model")

    loaded = load(tmp_path / "model", PipelineSettings())
    branch = load(tmp_path / "model" / "fake_text", PipelineSettings())
    batch = make_snapshot(40, seed=1, with_text=0.7, with_image=0.7).batch
    assert np.array_equal(loaded.predict_proba(batch), pipeline.predict_proba(batch))
    assert loaded.reason_ == pipeline.reason_
    assert branch.count_parameters().trained < pipeline.count_parameters().trained


@pytest.mark.parametrize("plan", [OF_STUDY, DEFAULT, OF_THREE, CHOSEN], ids=lambda plan: plan.name)
def test_every_fusion_joins_rows_of_the_table(plan):
    modalities = {
        (part, PIPELINES[name].modality)
        for recipe in plan.recipes
        for part, names in (("text", recipe.text), ("image", recipe.image))
        for name in names
    }

    assert PIPELINES[plan.name].modality == "both"
    assert modalities == {("text", "text"), ("image", "image")}
    assert build(plan.name, PipelineSettings()).plan is plan


def test_the_default_fusion_is_what_a_round_trains_by_default():
    settings = RoundSettings()

    assert DEFAULT.n_folds == settings.n_folds
    assert {recipe.text for recipe in DEFAULT.recipes} == {(settings.text_pipeline,)}
    assert {recipe.image for recipe in DEFAULT.recipes} == {(settings.image_pipeline,)}
