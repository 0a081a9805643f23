"""SIFT key points: the descriptors of an image, computed once for each content, and a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.contract import BoolArray, OnProgress, PipelineSettings, ProductBatch
from ml.errors import UnreadableImageError
from ml.images.feature_store import FeatureStore, Image, images_of, rows_of
from ml.images.loading import Pixels, load_inside

PREPROCESSING = 1  # raised when decoding, scaling or SIFT's settings change the descriptors
AT_MOST = 500  # key points of an image, the study's
N_DIMENSIONS = 128  # of a SIFT descriptor, whole numbers from 0 to 255
ROW = AT_MOST * N_DIMENSIONS  # 64 kB
# The study saw up to 640 px. Over 5 grouped folds and 3 seeds a linear classifier is right in
# 0.47 of the products at 400 px and in 0.48 at 512 px, for 16 and 27 ms an image.
IMAGE_SIZE_PX = (400, 400)
BATCH = 32  # images between two reports
DECODERS = 2
DRAWING_SIZE_PX = (480, 480)
DRAWING_QUALITY = 80
DRAWING_COLOUR = (200, 0, 200)  # blue, green, red: seldom seen on products

Descriptors = NDArray[np.uint8]


class KeyPointDescriptors:
    """The SIFT descriptors of images, at most 500 each.

    Parameters
    ----------
    settings
        ``image_size_px`` (images are scaled to just fit into it) and ``feature_dir`` are read.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self.image_size_px = settings.image_size_px or IMAGE_SIZE_PX
        height, width = self.image_size_px
        folder = f"sift-{AT_MOST}-{height}x{width}-{PREPROCESSING}"
        self._store = (
            None
            if settings.feature_dir is None
            else FeatureStore(settings.feature_dir / folder, ROW, np.uint8)
        )

    def of(self, batch: ProductBatch, on_progress: OnProgress) -> tuple[Descriptors, BoolArray]:
        """Return the descriptors of each product's image, and whether it can be read.

        Returns
        -------
        descriptors : ndarray of shape (n_products, 500, 128)
            64 kB a product. Rows of zeros, which no key point has, fill up what is missing.
        found : ndarray of shape (n_products,)
        """
        if self._store is None:
            rows, found = rows_of(
                batch, dict(self._computed(images_of(batch), on_progress)), ROW, np.uint8
            )
        else:
            self.compute(batch, on_progress)
            rows, found = self._store.rows(batch.image_hashes)
        return rows.reshape(-1, AT_MOST, N_DIMENSIONS), found

    def compute(self, batch: ProductBatch, on_progress: OnProgress) -> None:
        """Bring the store up to date with the batch; without a store there is nothing to do."""
        if self._store is not None:
            self._store.fill(images_of(batch), self._computed, on_progress)

    def _computed(
        self, images: Sequence[Image], on_progress: OnProgress
    ) -> Iterator[tuple[str, NDArray[Any]]]:
        describe = partial(_describe, size_px=self.image_size_px)
        with ThreadPoolExecutor(DECODERS) as decoders:
            for start in range(0, len(images), BATCH):
                part = images[start : start + BATCH]
                for (digest, _), row in zip(
                    part, decoders.map(describe, [path for _, path in part]), strict=True
                ):
                    if row is not None:
                        yield digest, row
                on_progress(start + len(part), len(images))


def describe_pixels(pixels: Pixels) -> Descriptors:
    """Return the SIFT descriptors of an image, RGB, shape ``(n_key_points, 128)``.

    Descriptors are whole numbers already: OpenCV rounds them, and only hands them out as floats.
    """
    _, found = _sift().detectAndCompute(_grey(pixels), None)
    if found is None:  # a plain image
        return np.zeros((0, N_DIMENSIONS), dtype=np.uint8)
    return np.asarray(found[:AT_MOST], dtype=np.uint8)  # several of equal strength may be over


def draw_key_points(path: Path) -> bytes:
    """Draw the key points of an image on it, each with its size and direction, as a JPEG.

    Raises
    ------
    UnreadableImageError
        If the file is missing, damaged or over the limits; the message names it.
    """
    pixels = load_inside(path, *DRAWING_SIZE_PX)
    points = _sift().detect(_grey(pixels), None)
    drawn = cv2.drawKeypoints(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR),
        points,
        None,
        color=DRAWING_COLOUR,  # left out, OpenCV draws colours by lot
        flags=cv2.DRAW_MATCHES_FLAGS_DRAW_RICH_KEYPOINTS,
    )
    _, content = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, DRAWING_QUALITY])
    return bytes(content)


def _describe(path: Path, size_px: tuple[int, int]) -> Descriptors | None:
    try:
        descriptors = describe_pixels(load_inside(path, *size_px))
    except UnreadableImageError:
        return None
    row = np.zeros((AT_MOST, N_DIMENSIONS), dtype=np.uint8)
    row[: len(descriptors)] = descriptors
    return row.reshape(-1)


def _sift() -> Any:
    return cv2.SIFT_create(nfeatures=AT_MOST)  # type: ignore[attr-defined]  # OpenCV's stubs lack it


def _grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
