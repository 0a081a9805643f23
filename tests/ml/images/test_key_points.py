"""SIFT descriptors: computed once, from images of all kinds, and drawn."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.errors import UnreadableImageError
from ml.images.key_points import (
    AT_MOST,
    KeyPointDescriptors,
    describe_pixels,
    draw_key_points,
)
from tests.ml.images.pictures import batch_of, encoded, picture

WHITE = np.full((60, 60, 3), 255, dtype=np.uint8)


@pytest.fixture
def settings(tmp_path: Path) -> PipelineSettings:
    return PipelineSettings(feature_dir=tmp_path / "features", image_size_px=(64, 64))


@pytest.fixture
def batch(tmp_path: Path):
    """Two photos, a plain white one, a broken one, none."""
    good = encoded(picture(60, 50))
    contents = [good, encoded(picture(40, 60)), encoded(WHITE), good[: len(good) // 2], None]
    return batch_of(contents, tmp_path / "images")


def test_only_readable_images_have_descriptors(settings, batch) -> None:
    descriptors, found = KeyPointDescriptors(settings).of(batch, ignore_progress)

    assert descriptors.shape == (5, AT_MOST, 128)
    assert found.tolist() == [True, True, True, False, False]
    assert descriptors.any(axis=2).sum(axis=1)[:2].min() > 0
    assert not descriptors[2:].any()


def test_descriptors_are_read_again_by_another_process(settings, batch, tmp_path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from ml.contract import PipelineSettings, ignore_progress;"
        "from ml.images.key_points import KeyPointDescriptors;"
        "from tests.ml.images.pictures import batch_of;"
        "paths = sorted(Path(sys.argv[1]).iterdir());"
        "batch = batch_of([path.read_bytes() for path in paths], Path(sys.argv[3]));"
        "settings = PipelineSettings(feature_dir=Path(sys.argv[2]), image_size_px=(64, 64));"
        "KeyPointDescriptors(settings).of(batch, ignore_progress)"
    )
    folders = [tmp_path / "images", settings.feature_dir, tmp_path / "elsewhere"]
    subprocess.run([sys.executable, "-c", code, *map(str, folders)], check=True)
    reports: list[tuple[int, int]] = []

    KeyPointDescriptors(settings).of(
        batch.take([0, 1, 2]), lambda done, total: reports.append((done, total))
    )

    assert reports == []


def test_descriptors_without_a_folder_are_the_same(settings, batch) -> None:
    kept, _ = KeyPointDescriptors(settings).of(batch, ignore_progress)
    computed, _ = KeyPointDescriptors(PipelineSettings(image_size_px=(64, 64))).of(
        batch, ignore_progress
    )

    assert np.array_equal(kept, computed)


def test_threads_change_no_descriptor() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (4, 120, 120, 3), dtype=np.uint8)
    alone = [describe_pixels(pixels) for pixels in noise]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(describe_pixels, noise))

    assert all(map(np.array_equal, alone, together))


def test_no_image_has_more_than_500_key_points() -> None:
    squares = np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype=np.uint8)

    assert describe_pixels(squares.repeat(8, 0).repeat(8, 1)).shape == (AT_MOST, 128)


def test_drawing_is_a_small_jpeg_with_marks(tmp_path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(picture(600, 900, (255, 255, 255)), ".png"))

    drawn = cv2.imdecode(np.frombuffer(draw_key_points(path), dtype=np.uint8), cv2.IMREAD_COLOR)

    assert drawn is not None
    assert drawn.shape == (320, 480, 3)
    spread = drawn.max(axis=2).astype(int) - drawn.min(axis=2)
    assert spread.max() > 100  # the photo is grey, the marks are not
    assert draw_key_points(path) == draw_key_points(path)


def test_drawing_a_broken_image_is_refused_by_its_name(tmp_path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no image")

    with pytest.raises(UnreadableImageError, match=r"broken\.jpg"):
        draw_key_points(tmp_path / "broken.jpg")
