"""Small images, drawn and encoded for the tests of this folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.contract import ProductBatch


def picture(
    height: int, width: int, colour: tuple[int, int, int] = (200, 30, 30)
) -> NDArray[np.uint8]:
    """Draw a dark disc on one colour (RGB)."""
    pixels = np.full((height, width, 3), colour, dtype=np.uint8)
    return cv2.circle(pixels, (width // 2, height // 2), min(height, width) // 4, (20, 20, 20), -1)


def encoded(pixels: NDArray[np.generic], extension: str = ".jpg") -> bytes:
    """Encode RGB, RGBA or grey pixels."""
    if pixels.ndim == 3:
        pixels = pixels[:, :, [2, 1, 0, *range(3, pixels.shape[2])]]
    _, content = cv2.imencode(extension, np.ascontiguousarray(pixels))
    return bytes(content)


def batch_of(
    contents: list[bytes | None], folder: Path, texts: list[str] | None = None
) -> ProductBatch:
    """Write each image into ``folder`` and make a product of it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path | None] = []
    for number, content in enumerate(contents):
        path = None if content is None else folder / f"{number}.img"
        if path is not None and content is not None:
            path.write_bytes(content)
        paths.append(path)
    names = tuple(texts or ["" for _ in contents])
    empty = ("",) * len(contents)
    return ProductBatch(
        ids=tuple(f"{folder.name}-{number}" for number in range(len(contents))),
        names=names,
        descriptions=empty,
        specifications=empty,
        image_paths=tuple(paths),
        image_hashes=tuple(
            None if content is None else hashlib.sha256(content).hexdigest() for content in contents
        ),
    )
