"""The softmax layer on a frozen backbone, and the features it stands on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ml.contract import ParameterCount, PipelineSettings, ignore_progress
from ml.errors import WeightsUnavailableError
from ml.images.backbone import (
    FrozenBackbone,
    build,
    build_average,
    build_flatten,
    build_head,
    unit_length,
)
from ml.images.features import BATCH
from ml.pipelines import load
from tests.ml.images.pictures import batch_of, encoded, picture

LABELS = np.array([1, 2, 1, 2])


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.weights.h5"
    keras.applications.MobileNetV3Small(
        include_top=False, weights=None, input_shape=(32, 32, 3)
    ).save_weights(path)
    return path


@pytest.fixture
def settings(weights: Path, tmp_path: Path) -> PipelineSettings:
    return PipelineSettings(
        backbone="MobileNetV3Small",
        weights=weights,
        feature_dir=tmp_path / "features",
        image_size_px=(32, 32),
        epochs=1,
    )


@pytest.fixture
def batch(tmp_path: Path):
    return batch_of([encoded(picture(20 + n, 30)) for n in range(4)], tmp_path / "images")


def test_study_sizes_are_kept() -> None:
    assert build_head(25_088, 7).count_params() == 175_623


@pytest.mark.slow
def test_vgg16_transfer_trains_175_623_parameters_on_14_714_688_frozen(tmp_path) -> None:
    weights = tmp_path / "vgg16.weights.h5"
    keras.applications.VGG16(
        include_top=False, weights=None, input_shape=(224, 224, 3)
    ).save_weights(weights)
    batch = batch_of([encoded(picture(30 + n, 30)) for n in range(7)], tmp_path / "images")

    fitted = build_flatten(PipelineSettings(weights=weights, epochs=1, pooling="avg")).fit(
        batch, np.arange(7), ignore_progress
    )

    assert fitted.count_parameters() == ParameterCount(trained=175_623, frozen=14_714_688)


def test_pooling_of_a_row_wins_over_the_settings(settings, batch) -> None:
    flat = build_flatten(replace(settings, pooling="max")).fit(batch, LABELS, ignore_progress)
    averaged = build_average(replace(settings, pooling="flatten")).fit(
        batch, LABELS, ignore_progress
    )

    assert flat.features_.recipe.pooling == "flatten"
    assert averaged.features_.recipe.pooling == "avg"


@pytest.mark.parametrize(
    ("build_row", "name"),
    [(build_flatten, "backbone_flatten"), (build_average, "backbone_average")],
)
def test_saved_model_is_loaded_as_the_row_that_wrote_it(
    build_row, name, settings, batch, tmp_path
) -> None:
    build_row(settings).fit(batch, LABELS, ignore_progress).save(tmp_path / "model")

    loaded = load(tmp_path / "model", settings)

    assert isinstance(loaded, FrozenBackbone)
    assert loaded.name == name


def test_rows_have_length_one_and_zeros_stay() -> None:
    scaled = unit_length(np.array([[3, 4], [0, 0]], dtype=np.float16))

    assert np.linalg.norm(scaled, axis=1) == pytest.approx([1, 0])


def test_features_are_computed_once(settings, batch) -> None:
    build(settings).prepare(batch, ignore_progress)
    reports: list[tuple[int, int]] = []

    build(settings).prepare(batch, lambda done, total: reports.append((done, total)))

    assert reports == []


def test_same_content_under_two_names_is_computed_once(settings, tmp_path) -> None:
    content = encoded(picture(20, 30))
    batch = batch_of([content, content, content], tmp_path / "twins")
    reports: list[tuple[int, int]] = []

    build(settings).prepare(batch, lambda done, total: reports.append((done, total)))

    assert reports == [(1, 1)]


def test_what_is_done_before_a_stop_is_kept(settings, tmp_path) -> None:
    many = batch_of([encoded(picture(20 + n, 30)) for n in range(BATCH + 1)], tmp_path / "many")

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        build(settings).prepare(many, stop)
    reports: list[tuple[int, int]] = []
    build(settings).prepare(many, lambda done, total: reports.append((done, total)))

    assert reports == [(1, 1)]


def test_features_without_a_folder_are_the_same(settings, batch) -> None:
    kept = build(settings).fit(batch, LABELS, ignore_progress)
    computed = build(replace(settings, feature_dir=None)).fit(batch, LABELS, ignore_progress)

    assert np.array_equal(kept.embed(batch), computed.embed(batch))


def test_each_way_to_compute_has_a_folder_of_its_own(settings, batch) -> None:
    for changes in ({}, {"pooling": "max"}, {"pooling": "flatten"}, {"image_size_px": (40, 32)}):
        build(replace(settings, **changes)).prepare(batch, ignore_progress)

    assert settings.feature_dir is not None
    assert len(list(settings.feature_dir.iterdir())) == 4


def test_fitted_model_reads_kept_features_without_weights(settings, batch, tmp_path) -> None:
    fitted = build(settings).fit(batch, LABELS, ignore_progress)
    fitted.save(tmp_path / "model")

    loaded = load(
        tmp_path / "model",
        PipelineSettings(weights=tmp_path / "gone.h5", feature_dir=settings.feature_dir),
    )

    assert np.array_equal(loaded.predict_proba(batch), fitted.predict_proba(batch))


def test_fitted_model_refuses_other_weights(settings, batch, tmp_path) -> None:
    build(settings).fit(batch, LABELS, ignore_progress).save(tmp_path / "model")
    other = tmp_path / "other.weights.h5"
    other.write_bytes(b"other")
    loaded = load(tmp_path / "model", PipelineSettings(weights=other))

    with pytest.raises(WeightsUnavailableError, match="trained with other weights"):
        loaded.predict_proba(batch)
