"""Which part of a photo an image branch goes by: the part without which it changes its mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from ml.contract import BoolArray, FloatArray, ProductBatch
from ml.errors import UnreadableImageError
from ml.explaining.odds import Answer, log_odds
from ml.images.loading import Pixels, load_inside

GRID = 7  # cells each way, as many as the last layer of VGG16 and MobileNetV2 has places
PATCH = 3  # cells each way that are covered at a time; see ADR 0023 for what was tried
LEAST_WEIGHT = 0.2  # nats, a fifth of the odds: below it, no part of the photo decides alone
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

    Squares of the photo's mean colour, three cells wide and a cell apart, are laid over the photo.
    A cell's weight is the fall of the category's log odds, averaged over the nine places of a
    square that covers it. Any image pipeline can be asked: it reads the covered photos from files.

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
    squares = _squares()
    with TemporaryDirectory(prefix="shelfwise-") as folder:
        photos = [pixels, *(_cover(pixels, square) for square in squares)]
        said = answer(_photos_of(batch, photos, Path(folder)))
    likeliest = int(said[0].argmax())
    beliefs = log_odds(said, np.full(len(said), likeliest))
    falls = np.tensordot(beliefs[0] - beliefs[1:], squares, axes=1) / PATCH**2
    weights = np.maximum(falls, 0.0)
    most = float(weights.max())
    return Region(likeliest, weights / most if most >= LEAST_WEIGHT else np.zeros_like(weights))


def _squares() -> BoolArray:
    """Return the cells that each square covers, shape ``(n_squares, GRID, GRID)``.

    Squares begin outside of the photo too, so that cells at its border are covered by several. The
    few that would cover a border alone are left out, and count as if they changed nothing: a
    corner, seen by fewer, would otherwise win by chance.
    """
    starts = range(2 - PATCH, GRID - 1)
    squares = np.zeros((len(starts) ** 2, GRID, GRID), dtype=np.bool_)
    for square, (row, column) in zip(squares, product(starts, starts), strict=True):
        square[max(row, 0) : row + PATCH, max(column, 0) : column + PATCH] = True
    return squares


def _cover(pixels: Pixels, square: BoolArray) -> Pixels:
    """Return the photo with its mean colour in those cells."""
    height, width = pixels.shape[:2]
    rows = np.arange(height) * GRID // height
    columns = np.arange(width) * GRID // width
    covered = pixels.copy()
    covered[square[np.ix_(rows, columns)]] = pixels.mean(axis=(0, 1)).astype(np.uint8)
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
