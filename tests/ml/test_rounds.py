import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.errors import MlError, NotEnoughDataError
from ml.metrics import accuracy
from ml.rounds import NO_CATEGORY, RoundSettings, run_round
from tests.fakes import CountingPipeline, use_fakes
from tests.ml.catalogues import CATEGORIES, make_snapshot

SETTINGS = RoundSettings(text_pipeline="fake_text", image_pipeline="fake_image", n_resamples=50)
METRICS = {"ari", "accuracy", "macro_f1", "log_loss", "ece", "text_accuracy", "image_accuracy"}


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fakes(monkeypatch)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "models" / "1"


def run(snapshot, directory, settings=SETTINGS, on_stage=lambda stage, done, total: None):
    return run_round(snapshot, settings, directory, on_stage)


class TestOutcome:
    def test_predicts_every_product_in_the_order_of_the_snapshot(self, directory):
        snapshot = make_snapshot(120)

        outcome = run(snapshot, directory)

        assert outcome.fused.shape == outcome.text.shape == outcome.image.shape == (120, 3)
        assert outcome.fused.sum(axis=1) == pytest.approx(np.ones(120))
        assert np.isnan(outcome.image[:, 0]).tolist() == (~snapshot.batch.has_image()).tolist()
        truth = snapshot.columns_of(snapshot.source_categories)
        assert accuracy(truth, outcome.fused.argmax(axis=1)) > 0.8

    def test_scores_the_final_model_on_the_evaluation_set_alone(self, directory):
        snapshot = make_snapshot(200)

        outcome = run(snapshot, directory)

        rows = np.flatnonzero(snapshot.is_evaluation)
        truth = snapshot.columns_of(snapshot.source_categories)[rows]
        assert set(outcome.metrics) == METRICS
        assert outcome.metrics["accuracy"]["n"] == len(rows) == outcome.n_evaluation
        assert outcome.metrics["accuracy"]["value"] == accuracy(
            truth, outcome.fused[rows].argmax(axis=1)
        )
        assert outcome.metrics["image_accuracy"]["n"] == snapshot.batch.has_image()[rows].sum()
        assert np.sum(outcome.confusion) == len(rows)
        assert np.trace(outcome.confusion) / len(rows) == outcome.metrics["accuracy"]["value"]

    def test_survives_json(self, directory):
        outcome = run(make_snapshot(60), directory)

        stored = json.loads(json.dumps([outcome.metrics, outcome.confusion, outcome.manifest]))

        assert stored == [outcome.metrics, outcome.confusion, outcome.manifest]

    def test_counts_labels_and_source_categories_apart(self, directory):
        snapshot = make_snapshot(80)
        labels = np.where(np.arange(80) < 20, snapshot.source_categories, NO_CATEGORY)
        sources = np.where(np.arange(80) >= 70, NO_CATEGORY, snapshot.source_categories)

        outcome = run(replace(snapshot, labels=labels, source_categories=sources), directory)

        trains = ~snapshot.is_evaluation
        assert outcome.n_labels == trains[:20].sum()
        assert outcome.n_source_categories == trains[20:70].sum()
        assert outcome.n_evaluation_labels == snapshot.is_evaluation[:20].sum()

    def test_the_same_seed_gives_the_same_bytes(self, tmp_path):
        one, other = (run(make_snapshot(90), tmp_path / name) for name in ("a", "b"))

        assert one.fused.tobytes() == other.fused.tobytes()
        assert one.manifest == other.manifest


class TestSourceCategories:
    def mislead(self, snapshot, n=24):
        """File products of the training side under another category than they look like."""
        rows = np.flatnonzero(~snapshot.is_evaluation)[:n]
        sources = snapshot.source_categories.copy()
        shifted = {40: 7, 7: 19, 19: 40}
        sources[rows] = [shifted[int(name)] for name in sources[rows]]
        return replace(snapshot, source_categories=sources), rows

    def test_that_look_wrong_count_less_in_learning(self, directory):
        wrong, _ = self.mislead(make_snapshot(300, group_size=1))

        outcome = run(wrong, directory)

        record = outcome.manifest["sources"]
        assert record["are_weighed"]
        assert record["n_doubted"] >= 12
        assert record["doubt"] > 0.02

    def test_labels_are_learned_from_as_they_are(self, directory):
        wrong, rows = self.mislead(make_snapshot(300, group_size=1))
        labels = np.full(300, NO_CATEGORY)
        labels[~wrong.is_evaluation] = wrong.source_categories[~wrong.is_evaluation]

        outcome = run(replace(wrong, labels=labels), directory)

        assert outcome.manifest["sources"] == {
            "doubt": 0.0,
            "are_weighed": False,
            "n_doubted": 0,
        }
        assert len(rows) == 24

    def test_of_the_evaluation_set_change_no_model(self, tmp_path):
        wrong, _ = self.mislead(make_snapshot(300, group_size=1))
        sources = wrong.source_categories.copy()
        sources[wrong.is_evaluation] = 7
        other = replace(wrong, source_categories=sources)

        one, two = run(wrong, tmp_path / "a"), run(other, tmp_path / "b")

        assert one.manifest["sources"]["are_weighed"]
        assert one.fused.tobytes() == two.fused.tobytes()


class TestOutOfFold:
    def test_no_model_meets_an_evaluation_product_or_its_near_duplicate(self, directory):
        snapshot = make_snapshot(80, group_size=4)
        mixed = snapshot.is_evaluation.copy()
        mixed[np.flatnonzero(~mixed)[0]] = True

        run(replace(snapshot, is_evaluation=mixed), directory)

        group_of = dict(zip(snapshot.batch.ids, snapshot.groups.tolist(), strict=True))
        met = {group_of[product_id] for ids in CountingPipeline.fits for product_id in ids}
        assert met
        assert not met & set(snapshot.groups[mixed].tolist())

    def test_a_wrong_source_category_is_not_repeated_by_a_model_that_learned_it(self, directory):
        snapshot = make_snapshot(40, group_size=1, with_image=0, evaluation=0)
        names = list(snapshot.batch.names)
        names[3] = "zebra zebra zebra"  # only ever seen with this one wrong category
        wrong = replace(snapshot, batch=replace(snapshot.batch, names=tuple(names)))

        outcome = run(wrong, directory)

        column = snapshot.columns_of(snapshot.source_categories)[3]
        assert outcome.fused[3, column] < 0.6


class TestEvaluation:
    def test_without_labels_is_provisional(self, directory):
        outcome = run(make_snapshot(120), directory)

        assert outcome.is_provisional

    def test_with_enough_labels_uses_those_and_no_source_category(self, directory):
        snapshot = make_snapshot(200, evaluation=0.5)
        shifted = {40: 7, 7: 19, 19: 40}  # labels that contradict every source category
        labels = np.full(200, NO_CATEGORY)
        rows = np.flatnonzero(snapshot.is_evaluation)[:40]
        labels[rows] = [shifted[int(name)] for name in snapshot.source_categories[rows]]

        outcome = run(replace(snapshot, labels=labels), directory)

        assert not outcome.is_provisional
        assert outcome.metrics["accuracy"]["n"] == 40
        assert outcome.metrics["accuracy"]["value"] < 0.3

    def test_without_an_evaluation_set_has_no_figures(self, directory):
        outcome = run(make_snapshot(40, evaluation=0), directory)

        nothing = {"value": None, "low": None, "high": None, "n": 0}
        assert outcome.metrics == dict.fromkeys(METRICS, nothing)
        assert outcome.n_evaluation == 0


class TestMissingModality:
    def test_without_any_image_text_runs_alone_and_says_why(self, directory):
        outcome = run(make_snapshot(60, with_image=0), directory)

        assert outcome.image_pipeline is None
        assert outcome.text_pipeline == "fake_text"
        assert outcome.fusion.reason == "text alone: no product to learn from has an image"
        assert np.isnan(outcome.image).all()
        assert outcome.fused.tolist() == outcome.text.tolist()

    def test_without_any_text_the_image_runs_alone(self, directory):
        outcome = run(make_snapshot(60, with_text=0, with_image=1), directory)

        assert outcome.text_pipeline is None
        assert outcome.fusion.name == "image_alone"
        assert outcome.metrics["text_accuracy"]["n"] == 0

    def test_products_without_either_get_the_shares_of_the_categories(self, directory):
        snapshot = make_snapshot(120, with_text=0.6, with_image=0.6)

        outcome = run(snapshot, directory)

        neither = ~snapshot.batch.has_text() & ~snapshot.batch.has_image()
        assert neither.sum() > 3
        assert len(np.unique(outcome.fused[neither], axis=0)) == 1

    def test_without_text_and_images_nothing_can_be_learned(self, directory):
        with pytest.raises(NotEnoughDataError, match="Neither branch can learn"):
            run(make_snapshot(60, with_text=0, with_image=0), directory)


class TestFallback:
    @pytest.mark.parametrize("name", ["backbone", "backbone_flatten", "backbone_average"])
    def test_without_weights_the_cnn_takes_the_place_and_the_round_says_so(self, directory, name):
        settings = replace(
            SETTINGS,
            image_pipeline=name,
            pipeline=PipelineSettings(weights=Path("nowhere.h5")),
        )

        outcome = run(make_snapshot(90), directory, settings)

        assert outcome.image_pipeline == "cnn"
        assert "nowhere.h5" in outcome.fallback
        assert outcome.manifest["fallback"] == outcome.fallback
        assert outcome.manifest["n_folds"] == {"text": 5, "image": 3}

    def test_is_not_mentioned_where_no_product_has_an_image(self, directory):
        settings = replace(
            SETTINGS,
            image_pipeline="backbone",
            pipeline=PipelineSettings(weights=Path("nowhere.h5")),
        )

        assert run(make_snapshot(60, with_image=0), directory, settings).fallback is None


class TestBranches:
    @pytest.mark.parametrize(
        ("branches", "words"),
        [
            ({"text_pipeline": "fusion_default"}, "'fusion_default' cannot be the text branch"),
            ({"image_pipeline": "fake_text"}, "'fake_text' cannot be the image branch"),
            ({"text_pipeline": "bert"}, "there are: embedding_net, .*fake_text"),
        ],
    )
    def test_of_another_kind_are_refused_before_any_fit(self, directory, branches, words):
        with pytest.raises(MlError, match=words):
            run(make_snapshot(60), directory, replace(SETTINGS, **branches))

        assert CountingPipeline.fits == []


class TestSmallCatalogues:
    def test_of_few_products_are_refused_in_plain_words(self, directory):
        with pytest.raises(NotEnoughDataError, match="needs at least 10"):
            run(make_snapshot(8, evaluation=0), directory)

    def test_of_one_category_are_refused_in_plain_words(self, directory):
        snapshot = make_snapshot(40)
        same = np.full(40, CATEGORIES[0])

        with pytest.raises(NotEnoughDataError, match="one category"):
            run(replace(snapshot, source_categories=same), directory)

    def test_categories_with_a_single_product_do_not_stop_a_round(self, directory):
        snapshot = make_snapshot(40, group_size=1, evaluation=0)
        rare = snapshot.source_categories.copy()
        rare[rare == CATEGORIES[2]] = CATEGORIES[0]
        rare[11] = CATEGORIES[2]

        outcome = run(replace(snapshot, source_categories=rare), directory)

        assert np.isfinite(outcome.fused).all()

    def test_a_category_without_products_keeps_its_column(self, directory):
        snapshot = replace(make_snapshot(60), categories=(5, *CATEGORIES))

        outcome = run(snapshot, directory)

        assert outcome.fused.shape == (60, 4)
        assert (outcome.fused[:, 0] < 1e-4).all()
        assert len(outcome.confusion) == 4


class TestStages:
    def test_come_in_order_and_each_ends_full(self, directory):
        seen = []

        run(make_snapshot(60), directory, on_stage=lambda *report: seen.append(report))

        stages = ["features", "text", "image", "calibrate", "predict", "evaluate", "save"]
        assert list(dict.fromkeys(stage for stage, _, _ in seen)) == stages
        for name in stages:
            *_, (_, done, total) = [report for report in seen if report[0] == name]
            assert done == total > 0

    def test_prepare_the_images_of_all_products_before_any_fit(self, directory, monkeypatch):
        prepared = []

        def prepare(self, batch, on_progress):
            prepared.append((batch.ids, len(CountingPipeline.fits)))

        monkeypatch.setattr(CountingPipeline, "prepare", prepare, raising=False)
        snapshot = make_snapshot(60)

        run(snapshot, directory)

        assert prepared == [(snapshot.batch.ids, 0)]

    def test_are_clocked(self, directory):
        outcome = run(make_snapshot(60), directory)

        assert list(outcome.seconds)[:3] == ["features", "text", "image"]
        assert all(seconds >= 0 for seconds in outcome.seconds.values())

    @pytest.mark.parametrize("cancel_at", ["features", "text", "image", "predict", "save"])
    def test_a_cancelled_round_leaves_nothing(self, directory, cancel_at):
        def on_stage(stage, done, total):
            if stage == cancel_at:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            run(make_snapshot(60), directory, on_stage=on_stage)

        assert not directory.parent.exists() or not list(directory.parent.iterdir())

    def test_a_second_try_replaces_the_first(self, directory):
        run(make_snapshot(60), directory)
        (directory / "left-over").write_text("from the first try")

        outcome = run(make_snapshot(60), directory)

        assert not (directory / "left-over").exists()
        assert json.loads((directory / "manifest.json").read_text()) == outcome.manifest
        assert [path.name for path in directory.parent.iterdir()] == ["1"]
