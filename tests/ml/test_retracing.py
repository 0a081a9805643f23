from dataclasses import replace

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.retracing import retrace
from ml.round_records import RoundSettings
from ml.rounds import run_round
from ml.snapshot_files import read_snapshot
from tests.fakes import use_fakes
from tests.ml.catalogues import make_snapshot

SETTINGS = RoundSettings(text_pipeline="fake_text", image_pipeline="fake_image", n_resamples=20)


def silent(stage, done, total):
    pass


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """The folder of a round, and the snapshot that it kept."""
    use_fakes(monkeypatch)
    snapshot = make_snapshot(120)
    run_round(snapshot, SETTINGS, tmp_path / "1", silent)
    return tmp_path / "1", read_snapshot(tmp_path / "1").restore(snapshot.batch)


def test_settings_come_back_from_a_manifest_with_the_paths_of_here(tmp_path, monkeypatch):
    use_fakes(monkeypatch)
    pipeline = PipelineSettings(epochs=3, image_size_px=(16, 24), feature_dir=tmp_path / "then")
    settings = replace(SETTINGS, seed=5, n_folds=4, pipeline=replace(pipeline, seed=5))
    outcome = run_round(make_snapshot(60), settings, tmp_path / "1", silent)

    here = PipelineSettings(feature_dir=tmp_path / "now")
    found = RoundSettings.from_manifest(outcome.manifest, here)

    assert found == replace(
        settings, pipeline=replace(settings.pipeline, feature_dir=here.feature_dir)
    )


def test_the_same_products_give_the_same_probabilities_bit_for_bit(trained):
    retraced = retrace(*trained, PipelineSettings(), silent)

    assert retraced.is_equal
    assert (retraced.largest_difference, retraced.n_other_category) == (0, 0)
    assert retraced.n_products == 120
    assert retraced.versions == ()


def test_other_products_are_told_from_the_same(trained):
    directory, snapshot = trained
    batch = snapshot.batch
    renamed = replace(batch, names=("cup steel tea",) * 40 + batch.names[40:])

    retraced = retrace(directory, replace(snapshot, batch=renamed), PipelineSettings(), silent)

    assert not retraced.is_equal
    assert 0 < retraced.largest_difference <= 1
    assert retraced.n_other_category > 0


def test_a_branch_that_is_missing_now_is_the_largest_difference(trained):
    directory, snapshot = trained
    nothing = (None,) * len(snapshot.batch)
    blind = replace(snapshot.batch, image_paths=nothing, image_hashes=nothing)

    retraced = retrace(directory, replace(snapshot, batch=blind), PipelineSettings(), silent)

    assert not retraced.is_equal
    assert retraced.largest_difference == 1


@pytest.mark.slow
def test_the_default_text_and_a_network_of_images_are_trained_again_bit_for_bit(tmp_path):
    import cv2

    snapshot = make_snapshot(60, with_image=1.0)
    rng = np.random.default_rng(0)
    paths = []
    for row in range(60):
        path = tmp_path / f"{row}.png"
        cv2.imwrite(str(path), rng.integers(0, 255, (16, 16, 3), dtype=np.uint8))
        paths.append(path)
    batch = replace(
        snapshot.batch, image_paths=tuple(paths), image_hashes=tuple(path.stem for path in paths)
    )
    snapshot = replace(snapshot, batch=batch)
    here = PipelineSettings(epochs=2, image_size_px=(16, 16))
    settings = RoundSettings(image_pipeline="cnn", pipeline=here, n_folds=2, n_resamples=20)
    run_round(snapshot, settings, tmp_path / "1", silent)

    retraced = retrace(tmp_path / "1", snapshot, PipelineSettings(), silent)

    assert retraced.is_equal, retraced
