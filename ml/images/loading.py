"""From the bytes of a photo to pixels: limits first, then a reduced decode, then a white letterbox.

Needs OpenCV; ``ml.images.headers`` reads sizes without it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import UnreadableImageError
from ml.images.headers import ImageHeader, read_header

Pixels = NDArray[np.uint8]

MAX_BYTES = 64 * 2**20  # the largest photo of the study's sample has 15 MB
# The largest photo of the study's sample has 93 megapixels. A JPEG of that size decodes at an
# eighth in 0.3 s; the other formats are decoded whole, at 4 bytes a pixel.
MAX_PIXELS_JPEG = 120_000_000
MAX_PIXELS_OTHER = 50_000_000
WHITE = 255
REDUCED_DECODES = (  # libjpeg scales while it decodes, from the coarsest
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


def check_limits(content: bytes) -> ImageHeader:
    """Return the header of an image that may be decoded.

    Raises
    ------
    UnreadableImageError
        If it is too large in bytes or pixels, or ``read_header`` refuses it.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableImageError(
            f"the image file has {len(content) / 2**20:.0f} MiB; "
            f"at most {MAX_BYTES // 2**20} are read"
        )
    header = read_header(content)
    limit = MAX_PIXELS_JPEG if header.format == "JPEG" else MAX_PIXELS_OTHER
    if header.n_pixels > limit:
        raise UnreadableImageError(
            f"the image has {header.width} x {header.height} pixels, {header.n_pixels / 1e6:.0f} "
            f"megapixels; at most {limit / 1e6:.0f} are read from a {header.format}"
        )
    return header


def decode(content: bytes, height: int, width: int) -> Pixels:
    """Decode an image no larger than needed to fit it into ``height`` x ``width``.

    Returns
    -------
    ndarray of shape (rows, columns, 3)
        RGB; of a JPEG between one and two times the size that fits, upright after EXIF.

    Raises
    ------
    UnreadableImageError
        If it is damaged, cut off or over the limits.
    """
    header = check_limits(content)
    flag = cv2.IMREAD_UNCHANGED
    if header.format == "JPEG":
        # EXIF may turn the image, so the reduction has to do for both ways round.
        spare = min(
            max(header.height / height, header.width / width),
            max(header.width / height, header.height / width),
        )
        flag = next((f for factor, f in REDUCED_DECODES if factor <= spare), cv2.IMREAD_COLOR)
    try:
        stored = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flag)
    except cv2.error:
        stored = None
    if stored is None:
        raise UnreadableImageError(f"the {header.format} image is damaged or cut off")
    return _to_rgb(np.asarray(stored))


def _to_rgb(stored: NDArray[np.generic]) -> Pixels:
    """Turn grey, 16-bit and transparent pixels into RGB on white."""
    if stored.dtype == np.uint16:
        stored = (stored // 257).astype(np.uint8)
    if stored.dtype != np.uint8:
        raise UnreadableImageError(f"the image holds {stored.dtype} pixels, which are not read")
    pixels = stored.astype(np.uint8, copy=False)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] in (2, 4):
        # A transparent photo is drawn on white, as the shop's page shows it.
        alpha = pixels[:, :, -1:].astype(np.uint16)
        colours = pixels[:, :, :-1].astype(np.uint16)
        pixels = ((colours * alpha + WHITE * (255 - alpha)) // 255).astype(np.uint8)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, ::-1])


def fit_inside(pixels: Pixels, height: int, width: int) -> Pixels:
    """Scale an image, shape ``(rows, columns, 3)``, to just fit into ``height`` x ``width`` px."""
    rows, columns = pixels.shape[:2]
    scale = min(height / rows, width / columns)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    # Averaging over areas avoids moire when shrinking; it is no good for enlarging.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), dtype=np.uint8)


def letterbox(pixels: Pixels, height: int, width: int) -> Pixels:
    """Put an image of any proportions, whole, in the middle of a white ``height`` x ``width``.

    Takes shape ``(rows, columns, 3)`` and returns ``(height, width, 3)``, RGB from 0 to 255.
    Squashing to a square instead costs 0.7 to 2.6 points of accuracy (measured on the study's
    sample with a frozen MobileNetV2): white is what surrounds most product photos anyway.
    """
    inner = fit_inside(pixels, height, width)
    canvas = np.full((height, width, 3), WHITE, dtype=np.uint8)
    top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
    canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return canvas


def load_letterboxed(path: Path, height: int, width: int) -> Pixels:
    """Read, decode and letterbox the image at ``path``: RGB, shape ``(height, width, 3)``.

    Raises
    ------
    UnreadableImageError
        If the file is missing, damaged or over the limits; the message names it.
    """
    return letterbox(_load(path, height, width), height, width)


def load_inside(path: Path, height: int, width: int) -> Pixels:
    """Read the image at ``path`` and scale it to just fit: RGB, one side as long as allowed.

    Raises
    ------
    UnreadableImageError
        If the file is missing, damaged or over the limits; the message names it.
    """
    return fit_inside(_load(path, height, width), height, width)


def _load(path: Path, height: int, width: int) -> Pixels:
    try:
        if path.stat().st_size > MAX_BYTES:  # before its bytes fill the memory
            raise UnreadableImageError(f"the image file has over {MAX_BYTES // 2**20} MiB")
        return decode(path.read_bytes(), height, width)
    except OSError as error:
        raise UnreadableImageError(f"{path.name}: {error.strerror or error}") from error
    except UnreadableImageError as error:
        raise UnreadableImageError(f"{path.name}: {error}") from error
