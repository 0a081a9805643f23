"""Every row of the table keeps the contract, on tiny images and a few epochs.

Fitting costs nearly all the time: each row is fitted once, and tests that only read share it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ml.contract import Pipeline, PipelineSettings, ProductBatch, Weighing, ignore_progress
from ml.errors import MlError, NotEnoughDataError
from ml.fused_pipeline import FusedPipeline
from ml.pipelines import PIPELINES, backbone_problem, build, load
from tests.ml.images.pictures import batch_of, encoded, picture

SIZE_PX = 32
COLOURS = {3: (220, 30, 30), 8: (30, 30, 220), 11: (30, 200, 30)}
WORDS = {3: "red ceramic mug", 8: "blue cotton towel", 11: "green desk lamp"}
LABELS = np.array([8, 3, 11] * 8)
BACKBONE = "MobileNetV3Small"  # the lightest of keras.applications


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV3Small(
        include_top=False, weights=None, input_shape=(SIZE_PX, SIZE_PX, 3)
    )
    path = tmp_path_factory.mktemp("weights") / "random.weights.h5"
    network.save_weights(path)
    return path


@pytest.fixture(scope="session")
def settings(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> PipelineSettings:
    return PipelineSettings(
        seed=5,
        backbone=BACKBONE,
        weights=weights,
        feature_dir=tmp_path_factory.mktemp("features"),
        image_size_px=(SIZE_PX, SIZE_PX),
        epochs=3,
    )


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> ProductBatch:
    contents: list[bytes | None] = [
        encoded(picture(20 + number, 30, COLOURS[int(label)]))
        for number, label in enumerate(LABELS)
    ]
    contents[0] = None
    texts = [f"{WORDS[int(label)]} number{number}" for number, label in enumerate(LABELS)]
    return batch_of(contents, tmp_path_factory.mktemp("training"), texts)


@pytest.fixture(scope="session")
def strange(tmp_path_factory: pytest.TempPathFactory) -> ProductBatch:
    """Words never seen, no words, a broken image, no image, nothing at all."""
    good = encoded(picture(30, 30))
    return batch_of(
        [good, good, good[: len(good) // 2], None, None],
        tmp_path_factory.mktemp("strange"),
        ["zyzzyva quokka", "", "the of and", "mug " * 900, ""],
    )


@pytest.fixture(scope="session")
def fitted(settings: PipelineSettings, training: ProductBatch) -> Callable[[str], Pipeline]:
    """Return a function that gives a fitted pipeline, to be read and not changed."""
    pipelines: dict[str, Pipeline] = {}

    def fit_once(name: str) -> Pipeline:
        if name not in pipelines:
            pipelines[name] = build_light(name, settings).fit(training, LABELS, ignore_progress)
        return pipelines[name]

    return fit_once


def build_light(name: str, settings: PipelineSettings) -> Pipeline:
    """Build a pipeline; a fusion with the fewest inner folds, as each takes a fit a branch."""
    pipeline = build(name, settings)
    if isinstance(pipeline, FusedPipeline):
        pipeline.plan = replace(pipeline.plan, n_folds=min(2, pipeline.plan.n_folds))
    return pipeline


every_pipeline = pytest.mark.parametrize("name", sorted(PIPELINES))


@every_pipeline
def test_rows_sum_to_one_in_the_order_of_the_categories(name, fitted, training):
    answers = fitted(name).predict_proba(training)

    assert fitted(name).categories == (3, 8, 11)
    assert answers.shape == (len(training), 3)
    assert answers.sum(axis=1) == pytest.approx(np.ones(len(training)))
    assert answers.min() >= 0


@every_pipeline
def test_same_seed_same_answer(name, fitted, settings, training):
    again = build_light(name, settings).fit(training, LABELS, ignore_progress)

    assert np.array_equal(again.predict_proba(training), fitted(name).predict_proba(training))


@every_pipeline
def test_same_answer_after_save_and_load(name, fitted, settings, training, tmp_path):
    pipeline = fitted(name)
    pipeline.save(tmp_path / "model")

    paths = PipelineSettings(weights=settings.weights, feature_dir=settings.feature_dir)
    loaded = load(tmp_path / "model", paths)

    assert loaded.categories == pipeline.categories
    assert loaded.count_parameters() == pipeline.count_parameters()
    assert np.array_equal(loaded.predict_proba(training), pipeline.predict_proba(training))
    assert np.array_equal(loaded.embed(training), pipeline.embed(training))


@pytest.mark.parametrize(
    "name",
    [
        "backbone",
        "backbone_average",
        "backbone_flatten",
        "bilstm",
        "embedding_net",
        "embedding_net_flatten",
        "field_net",
        "text_pair",
        "tfidf_linear",
    ],
)
def test_what_weighs_more_is_believed(name, settings, training):
    twice = training.take([*range(len(training)), *range(len(training))])
    claimed = np.concatenate([LABELS, np.roll(LABELS, 1)])  # each product under two categories
    columns = np.searchsorted([3, 8, 11], LABELS)

    def mean_of_first_claim(weights):
        pipeline = build(name, settings)
        assert isinstance(pipeline, Weighing)
        answers = pipeline.fit(twice, claimed, ignore_progress, weights).predict_proba(training)
        return answers[np.arange(len(training)), columns].mean()

    first, second = (np.repeat(pair, len(training)) for pair in ([1.9, 0.1], [0.1, 1.9]))
    assert mean_of_first_claim(first) > mean_of_first_claim(None) > mean_of_first_claim(second)


@every_pipeline
def test_unseen_words_and_unreadable_images_survive(name, fitted, strange):
    answers = fitted(name).predict_proba(strange)

    assert np.isfinite(answers).all()
    assert answers.sum(axis=1) == pytest.approx(np.ones(5))
    if PIPELINES[name].modality == "image":
        assert answers[2:] == pytest.approx(np.full((3, 3), 1 / 3))
    if PIPELINES[name].modality == "both":  # neither text nor image: the shares of the categories
        assert answers[4] == pytest.approx(np.full(3, 1 / 3))
    assert np.isfinite(fitted(name).embed(strange)).all()


@every_pipeline
def test_parameters_are_counted(name, fitted):
    assert fitted(name).count_parameters().trained > 0


@every_pipeline
def test_nothing_is_predicted_of_no_products(name, fitted, training):
    assert fitted(name).predict_proba(training.take([])).shape == (0, 3)
    assert len(fitted(name).embed(training.take([]))) == 0


@every_pipeline
def test_one_category_is_refused_in_words(name, settings, training):
    with pytest.raises(NotEnoughDataError, match="at least two categories"):
        build(name, settings).fit(training, np.full(len(training), 3), ignore_progress)


@every_pipeline
def test_progress_can_stop_the_work(name, settings, training):
    def stop(done: int, total: int) -> None:
        assert 0 < done <= total
        raise InterruptedError

    with pytest.raises(InterruptedError):
        build(name, settings).fit(training, LABELS, stop)


@pytest.mark.parametrize("name", ["embedding_net", "cnn"])
def test_what_tells_categories_apart_is_learned(name, settings, training):
    longer = PipelineSettings(image_size_px=settings.image_size_px, epochs=15)

    pipeline = build(name, longer).fit(training, LABELS, ignore_progress)

    answers = pipeline.predict_proba(training)[1:].argmax(axis=1)
    wanted = np.searchsorted(pipeline.categories, LABELS[1:])
    assert (answers == wanted).mean() > 0.9


def test_images_of_one_category_alone_are_refused(settings, training):
    without = batch_without_images(training, keep=LABELS == 3)

    with pytest.raises(NotEnoughDataError, match="8 of 24 labelled products have an image"):
        build("cnn", settings).fit(without, LABELS, ignore_progress)


def batch_without_images(batch: ProductBatch, keep: np.ndarray) -> ProductBatch:
    return ProductBatch(
        ids=batch.ids,
        names=batch.names,
        descriptions=batch.descriptions,
        specifications=batch.specifications,
        image_paths=tuple(
            path if kept else None for path, kept in zip(batch.image_paths, keep, strict=True)
        ),
        image_hashes=tuple(
            digest if kept else None for digest, kept in zip(batch.image_hashes, keep, strict=True)
        ),
    )


def test_unknown_name_lists_the_known():
    with pytest.raises(MlError, match=r"no pipeline 'bert'; there are: embedding_net, .*cnn"):
        build("bert", PipelineSettings())


def test_settings_of_the_manifest_win_over_those_given(settings, training, tmp_path):
    build("backbone", settings).fit(training, LABELS, ignore_progress).save(tmp_path / "model")

    loaded = load(tmp_path / "model", PipelineSettings(backbone="VGG16", weights=settings.weights))

    assert loaded.settings.backbone == BACKBONE
    assert loaded.settings.image_size_px == (SIZE_PX, SIZE_PX)


def test_a_backbone_with_its_file_has_no_problem(settings):
    assert backbone_problem(settings) is None


def test_listing_pipelines_loads_no_model_library():
    code = (
        "import sys, ml.pipelines;"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'cv2', 'nltk'} & set(sys.modules)))"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"
