"""Bags of visual words, the groups among them, and the classifier on them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.contract import Grouping, PipelineSettings, ProductBatch, ignore_progress
from ml.errors import ArtifactError, NotEnoughDataError
from ml.images import visual_word_classifier, visual_word_groups
from ml.images.key_points import KeyPointDescriptors
from ml.images.visual_words import N_WORDS, histograms, learn_words, load_words, save_words
from ml.pipelines import load
from tests.ml.images.pictures import batch_of, encoded

BUILDERS = (visual_word_groups.build, visual_word_classifier.build)
LABELS = np.array([7, 2] * 10)
WHITE = np.full((96, 96, 3), 255, dtype=np.uint8)

every_builder = pytest.mark.parametrize("build", BUILDERS, ids=["groups", "classifier"])


def pattern(number: int) -> np.ndarray:
    """Draw squares of chance, or discs on white."""
    rng = np.random.default_rng(number)
    if number % 2:
        coarse = rng.integers(0, 256, (12, 12, 1), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
        return coarse.repeat(3, axis=2)
    discs = np.full((96, 96, 3), 255, dtype=np.uint8)
    for x, y in rng.integers(10, 86, (8, 2)).tolist():
        cv2.circle(discs, (x, y), 7, (30, 30, 30), -1)
    return discs


@pytest.fixture
def settings(tmp_path: Path) -> PipelineSettings:
    return PipelineSettings(feature_dir=tmp_path / "features", image_size_px=(96, 96))


@pytest.fixture
def batch(tmp_path: Path) -> ProductBatch:
    return batch_of([encoded(pattern(number)) for number in range(20)], tmp_path / "images")


def white(folder: Path) -> ProductBatch:
    return batch_of([encoded(WHITE), encoded(WHITE)], folder)


@pytest.mark.parametrize("is_soft", [False, True])
def test_histograms_have_length_one_and_the_same_part_by_part(settings, batch, is_soft) -> None:
    source = KeyPointDescriptors(settings)
    words = learn_words(source, batch, 0, ignore_progress)

    rows, found = histograms(source, batch, words, is_soft=is_soft)

    assert rows.shape == (20, N_WORDS)
    assert found.all()
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(20))
    alone, _ = histograms(source, batch.take([3]), words, is_soft=is_soft)
    assert alone[0] == pytest.approx(rows[3], abs=1e-6)


def test_hard_assignment_counts_nearest_words(settings, batch) -> None:
    source = KeyPointDescriptors(settings)
    words = learn_words(source, batch, 0, ignore_progress)
    descriptors, _ = source.of(batch.take([1]), ignore_progress)
    points = descriptors[0][descriptors[0].any(axis=1)].astype(float)

    rows, _ = histograms(source, batch.take([1]), words, is_soft=False)

    nearest = ((points[:, None] - words[None]) ** 2).sum(axis=2).argmin(axis=1)
    shares = np.bincount(nearest, minlength=N_WORDS) / len(points)
    assert rows[0] ** 2 == pytest.approx(shares)


def test_same_seed_same_words(settings, batch) -> None:
    source = KeyPointDescriptors(settings)

    first, again, other = (learn_words(source, batch, seed, ignore_progress) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_images_without_a_key_point_have_no_words(settings, tmp_path) -> None:
    source = KeyPointDescriptors(settings)
    plain = white(tmp_path / "white")

    words = learn_words(source, plain, 0, ignore_progress)
    rows, found = histograms(source, plain, words, is_soft=True)

    assert words.shape == (1, 128)
    assert not rows.any()
    assert not found.any()


@every_builder
def test_plain_image_gets_uniform_probabilities(build, settings, batch, tmp_path) -> None:
    fitted = build(settings).fit(batch, LABELS, ignore_progress)

    assert fitted.predict_proba(white(tmp_path / "white")) == pytest.approx(np.full((2, 2), 0.5))
    assert not fitted.embed(white(tmp_path / "white")).any()


@every_builder
def test_plain_images_alone_are_refused(build, settings, tmp_path) -> None:
    with pytest.raises(NotEnoughDataError, match="0 of 2 labelled products"):
        build(settings).fit(white(tmp_path / "white"), np.array([2, 7]), ignore_progress)


@every_builder
def test_what_the_photos_show_is_told_apart(build, settings, batch) -> None:
    fitted = build(settings).fit(batch, LABELS, ignore_progress)

    answers = np.array(fitted.categories)[fitted.predict_proba(batch).argmax(axis=1)]

    assert (answers == LABELS).mean() == 1


@every_builder
def test_second_fold_computes_no_descriptor_again(build, settings, batch) -> None:
    build(settings).fit(batch.take(range(10)), LABELS[:10], ignore_progress)
    KeyPointDescriptors(settings).compute(batch, ignore_progress)
    reports: list[tuple[int, int]] = []

    build(settings).fit(
        batch.take(range(4, 20)), LABELS[4:], lambda done, total: reports.append((done, total))
    )

    assert reports == [(16, 16)]  # histograms alone


def test_groups_are_found_without_labels(settings, batch) -> None:
    first = visual_word_groups.build(settings).fit(batch, LABELS, ignore_progress)
    shuffled = visual_word_groups.build(settings).fit(
        batch, np.random.default_rng(0).permutation(LABELS), ignore_progress
    )

    assert isinstance(first, Grouping)
    assert np.array_equal(first.clusters(batch), shuffled.clusters(batch))
    assert set(first.clusters(batch).tolist()) == {0, 1}


def test_groups_are_the_same_after_save_and_load(settings, batch, tmp_path) -> None:
    fitted = visual_word_groups.build(settings).fit(batch, LABELS, ignore_progress)
    fitted.save(tmp_path / "model")

    loaded = load(tmp_path / "model", PipelineSettings(feature_dir=settings.feature_dir))

    assert isinstance(loaded, Grouping)
    assert np.array_equal(loaded.clusters(batch), fitted.clusters(batch))


def test_one_photo_over_and_over_is_one_group(settings, tmp_path) -> None:
    same = batch_of([encoded(pattern(1))] * 4, tmp_path / "same")

    fitted = visual_word_groups.build(settings).fit(same, np.array([2, 7, 7, 7]), ignore_progress)

    assert fitted.clusters(same).tolist() == [0, 0, 0, 0]
    assert fitted.predict_proba(same)[0] == pytest.approx([0.25, 0.75])


def test_damaged_words_are_refused(tmp_path) -> None:
    save_words(np.zeros((3, 5), dtype=np.float32), tmp_path / "words.npy")
    (tmp_path / "cut.npy").write_bytes(b"no array")

    for name, message in (("words.npy", "holds no visual words"), ("cut.npy", "can't be read")):
        with pytest.raises(ArtifactError, match=message):
            load_words(tmp_path / name)
