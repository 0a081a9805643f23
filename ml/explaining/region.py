"""Which part of a photo an image branch goes by: the part without which it changes its mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from ml.contract import FloatArray, ProductBatch
from ml.errors import UnreadableImageError
from ml.explaining.odds import Answer, log_odds
from ml.images.loading import Pixels, load_inside

GRID = 7  # cells each way, as many as the last layer of VGG16 and MobileNetV2 has places
PATCH = 2 / GRID  # of a side; wider than a cell, or what lies across a border would go unnoticed
GREY = 128
LEAST_FALL = 0.1  # nats, a tenth of the odds: below it, no part of the photo decides alone
# More than any pipeline looks at but the visual words, for which it is enough.
SIZE_PX = 448


@dataclass(frozen=True, slots=True)
class Region:
    """Where on a photo the reasons for a category lie.

    Parameters
    ----------
    column
        The likeliest category of the whole photo, among the columns of the answer.
    weights : ndarray of shape (GRID, GRID)
        From the top left: 0 where covering changes nothing or helps, 1 where it harms most; all 0
        where no part decides alone.
    """

    column: int
    weights: FloatArray


def find_region(answer: Answer, batch: ProductBatch) -> Region | None:
    """Cover one part of a photo after the other, and see how much less is believed in its category.

    Grey squares, two cells wide and a cell apart, are laid over the photo; a cell's weight is the
    fall of the category's log odds under the square around it. Any image pipeline can be asked: it
    reads the covered photos from files.

    Parameters
    ----------
    answer
        What the image branch says. Let its pipeline keep no features: these photos never return.
    batch
        One product.

    Returns
    -------
    Region or None
        None where the product has no image that can be read.

    References
    ----------
    Zeiler, Fergus (2014), Visualizing and Understanding Convolutional Networks, section 4.2.
    """
    path = batch.image_paths[0]
    try:
        pixels = None if path is None else load_inside(path, SIZE_PX, SIZE_PX)
    except UnreadableImageError:
        return None
    if pixels is None:
        return None
    covered = [_cover(pixels, row, column) for row in range(GRID) for column in range(GRID)]
    with TemporaryDirectory(prefix="shelfwise-") as folder:
        said = answer(_photos_of(batch, [pixels, *covered], Path(folder)))
    likeliest = int(said[0].argmax())
    beliefs = log_odds(said, np.full(len(said), likeliest))
    falls = np.maximum(beliefs[0] - beliefs[1:], 0.0).reshape(GRID, GRID)
    most = float(falls.max())
    return Region(likeliest, falls / most if most >= LEAST_FALL else np.zeros_like(falls))


def _cover(pixels: Pixels, row: int, column: int) -> Pixels:
    covered = pixels.copy()
    (top, bottom), (left, right) = (
        (round(max(0.0, centre - PATCH / 2) * side), round(min(1.0, centre + PATCH / 2) * side))
        for centre, side in zip(
            ((row + 0.5) / GRID, (column + 0.5) / GRID), pixels.shape[:2], strict=True
        )
    )
    covered[top : max(bottom, top + 1), left : max(right, left + 1)] = GREY
    return covered


def _photos_of(batch: ProductBatch, photos: Sequence[Pixels], folder: Path) -> ProductBatch:
    """Write photos without loss and return the product once for each."""
    paths = tuple(folder / f"{at}.png" for at in range(len(photos)))
    for path, photo in zip(paths, photos, strict=True):
        path.write_bytes(cv2.imencode(".png", photo[:, :, ::-1])[1].tobytes())
    return replace(
        batch.take([0] * len(photos)),
        image_paths=paths,
        image_hashes=tuple(f"{batch.image_hashes[0]}-{at}" for at in range(len(photos))),
    )
