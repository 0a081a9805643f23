from dataclasses import replace

import numpy as np
import pytest

from ml.baselines import score_baseline
from ml.contract import PipelineSettings, ignore_progress
from ml.errors import MlError, NotEnoughDataError
from ml.metrics import ari_of_clusters, ari_of_predictions
from ml.pipelines import build
from ml.rounds import RoundSettings
from tests.fakes import CountingPipeline, use_fakes
from tests.ml.catalogues import make_snapshot

SETTINGS = RoundSettings(n_resamples=50)


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fakes(monkeypatch)


def test_nothing_of_the_evaluation_set_is_learned_from():
    snapshot = make_snapshot(120)

    score = score_baseline("fake_text", snapshot, SETTINGS, ignore_progress)

    (fitted,) = CountingPipeline.fits
    evaluating = {snapshot.batch.ids[row] for row in np.flatnonzero(snapshot.is_evaluation)}
    assert not evaluating & set(fitted)
    assert score.n_train == len(fitted) == len(snapshot.training_rows())


def test_figures_are_those_of_the_predictions_with_intervals():
    snapshot = make_snapshot(120)
    score = score_baseline("fake_text", snapshot, SETTINGS, ignore_progress)

    rows, train = np.flatnonzero(snapshot.is_evaluation), snapshot.training_rows()
    truth = snapshot.source_categories
    pipeline = build("fake_text", PipelineSettings())
    pipeline.fit(snapshot.batch.take(train), truth[train], ignore_progress)
    answers = pipeline.predict_proba(snapshot.batch.take(rows)).argmax(axis=1)
    predicted = np.array(pipeline.categories)[answers]
    assert score.metrics["accuracy"].value == pytest.approx((predicted == truth[rows]).mean())
    assert score.metrics["ari"].value == pytest.approx(ari_of_predictions(truth[rows], predicted))
    assert score.metrics["ari"].low < score.metrics["ari"].value <= score.metrics["ari"].high
    assert score.metrics["ari"].n == len(rows)
    assert score.ari_of == "predictions"


def test_a_product_without_what_it_looks_at_counts_as_the_commonest_category():
    snapshot = make_snapshot(120, with_image=0.5)

    score = score_baseline("fake_image", snapshot, SETTINGS, ignore_progress)

    rows, _ = snapshot.evaluation_rows(30)
    assert score.n_without == int((~snapshot.batch.take(rows).has_image()).sum()) > 0
    assert score.metrics["accuracy"].n == len(rows)


@pytest.mark.parametrize("name", ["nmf_unsupervised", "lda"])
def test_groups_found_without_labels_are_scored_as_groups(name):
    snapshot = make_snapshot(120)

    score = score_baseline(name, snapshot, SETTINGS, ignore_progress)

    rows, train = np.flatnonzero(snapshot.is_evaluation), snapshot.training_rows()
    pipeline = build(name, PipelineSettings())
    pipeline.fit(snapshot.batch.take(train), snapshot.source_categories[train], ignore_progress)
    clusters = pipeline.clusters(snapshot.batch.take(rows))
    expected = ari_of_clusters(snapshot.source_categories[rows], clusters)
    assert score.ari_of == "clusters"
    assert score.metrics["ari"].value == pytest.approx(expected)


def test_one_that_has_nothing_to_look_at_says_so():
    blind = make_snapshot(120, with_image=0.0)

    with pytest.raises(NotEnoughDataError, match=r"It cannot learn: no product .* has an image"):
        score_baseline("fake_image", blind, SETTINGS, ignore_progress)


def test_one_that_does_not_exist_is_named():
    with pytest.raises(MlError, match="nonesuch"):
        score_baseline("nonesuch", make_snapshot(60), SETTINGS, ignore_progress)


def test_the_seed_of_the_round_makes_it_repeatable():
    snapshot = make_snapshot(120)

    first, second = (
        score_baseline("nmf_unsupervised", snapshot, replace(SETTINGS, seed=3), ignore_progress)
        for _ in range(2)
    )

    assert first.metrics == second.metrics
