"""Which part of a photo an image branch goes by: what it believes in while that part is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from ml.contract import BoolArray, FloatArray, ProductBatch
from ml.errors import UnreadableImageError
from ml.explaining.odds import Answer, log_odds
from ml.images.loading import Pixels, load_inside

GRID = 7  # cells each way, as many as the last layer of VGG16 and MobileNetV2 has places
N_PAIRS = 31  # with the whole photo 63 predictions, just under two batches of a backbone
PENALTY = 10.0  # of the regression: with fewer photos than cells to weigh, chance would show
LEAST_WEIGHT = 0.1  # nats, a tenth of the odds: below it, no part of the photo decides alone
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
        From the top left: 0 where seeing a cell changes nothing or harms, 1 where it helps most;
        all 0 where no part decides alone.
    """

    column: int
    weights: FloatArray


def find_region(answer: Answer, batch: ProductBatch, *, seed: int = 0) -> Region | None:
    """Cover random halves of a photo, and learn which cells its category gains by being seen.

    A covered cell has the photo's mean colour, with soft edges. The log odds of the category are
    regressed on which cells are seen; each half comes with its complement, so that every cell is
    seen half of the time. Covering one part after the other says little of a branch that is
    certain: what is left suffices. Any image pipeline can be asked: it reads the photos from files.

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
    Petsiuk, Das, Saenko (2018), RISE: Randomized Input Sampling for Explanation of Black-box
    Models. Ribeiro, Singh, Guestrin (2016), "Why Should I Trust You?": the regression.
    """
    path = batch.image_paths[0]
    try:
        pixels = None if path is None else load_inside(path, SIZE_PX, SIZE_PX)
    except UnreadableImageError:
        return None
    if pixels is None:
        return None
    halves = np.random.default_rng(seed).random((N_PAIRS, GRID, GRID)) < 0.5
    seen = np.concatenate([halves, ~halves])
    with TemporaryDirectory(prefix="shelfwise-") as folder:
        photos = [pixels, *(_cover(pixels, cells) for cells in seen)]
        said = answer(_photos_of(batch, photos, Path(folder)))
    likeliest = int(said[0].argmax())
    weights = _weigh(seen, log_odds(said[1:], np.full(len(seen), likeliest)))
    most = float(weights.max())
    return Region(likeliest, weights / most if most >= LEAST_WEIGHT else np.zeros_like(weights))


def _weigh(seen: BoolArray, beliefs: FloatArray) -> FloatArray:
    """Return what seeing each cell adds, by a ridge regression, smoothed over its neighbours."""
    cells = seen.reshape(len(seen), -1) - 0.5
    gains = np.linalg.solve(
        cells.T @ cells + PENALTY * np.eye(cells.shape[1]), cells.T @ (beliefs - beliefs.mean())
    )
    smooth = cv2.GaussianBlur(
        gains.reshape(GRID, GRID), (3, 3), 0.8, borderType=cv2.BORDER_REPLICATE
    )
    return np.maximum(np.asarray(smooth, dtype=np.float64), 0.0)


def _cover(pixels: Pixels, seen: BoolArray) -> Pixels:
    """Return the photo with its mean colour wherever a cell is not seen."""
    height, width = pixels.shape[:2]
    share = cv2.resize(seen.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    share = np.clip(share, 0, 1)[..., None]
    mean = pixels.mean(axis=(0, 1))
    return np.asarray(pixels * share + mean * (1 - share), dtype=np.uint8)


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
