"""One product's picture: its drawing, a soft background, a shadow, the flaws of a camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from webapp.demo.drawings import DRAWINGS
from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.palette import COLOURS, Colour, lighter

SMALLEST_PX, LARGEST_PX = 320, 480
SHARE_OF_POOR_PHOTOS = 0.06


def draw_product(kind: str, colour: Colour, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a square picture, shape ``(size, size, 3)``, blue first as OpenCV wants it.

    Raises
    ------
    KeyError
        If no drawing has that name.
    """
    size_px = int(rng.integers(SMALLEST_PX, LARGEST_PX + 1))
    canvas = Canvas(
        size_px,
        turn_deg=float(np.clip(rng.normal(0, 3), -9, 9)),
        zoom=float(rng.uniform(0.94, 1.08)),
        shift=(float(rng.uniform(-3, 3)), float(rng.uniform(-2, 2))),
        mirrored=bool(rng.random() < 0.4),
    )
    DRAWINGS[kind](canvas, colour, rng)
    picture = canvas.over(_cast_shadow(_background(size_px, rng), canvas.layer[..., 3]))
    return _photograph(picture, rng)


def _background(size_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a shop's white, a soft colour, or a wall and a table, fading downwards."""
    names = list(COLOURS)
    tint = lighter(COLOURS[names[rng.integers(len(names))]], float(rng.uniform(0.72, 0.88)))
    style = rng.integers(5)
    wall = np.array((250, 250, 248) if style == 0 else tint, np.float32)
    down = np.linspace(1.03, 0.94, size_px, dtype=np.float32)[:, None, None]
    background = np.repeat(np.clip(wall * down, 0, 255), size_px, axis=1)
    if style in (1, 2):
        table = np.clip(np.asarray(lighter(tint, 0.4), np.float32) * 0.97, 0, 255)
        background[int(size_px * rng.uniform(0.6, 0.72)) :] = table
    elif style == 3:
        halo = np.zeros((size_px, size_px), np.uint8)
        radius = int(size_px * rng.uniform(0.36, 0.44))
        cv2.circle(halo, (size_px // 2, size_px // 2), radius, 255, -1, cv2.LINE_AA)
        strength = (halo.astype(np.float32) * np.float32(0.45 / 255))[..., None]
        background += (255 - background) * strength
    return background


def _cast_shadow(
    background: NDArray[np.float32], alpha: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return ``background`` darkened softly, below and to the right of what will lie on it."""
    size_px = len(background)
    small = cv2.resize(alpha, (96, 96), interpolation=cv2.INTER_AREA)
    move = np.array([[1, 0, 2.2], [0, 1, 3.4]], np.float32)
    soft = cv2.GaussianBlur(cv2.warpAffine(small, move, (96, 96)), (0, 0), 2.6)
    soft = cv2.resize(soft, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    dark = 1 - np.clip(soft, 0, 1)[..., None] * np.array((0.30, 0.28, 0.22), np.float32)
    shaded: NDArray[np.float32] = background * dark
    return shaded


def _photograph(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return what a seller's camera makes of it: a little noise, at times dim and out of focus."""
    noise = float(rng.uniform(0.5, 3))
    if rng.random() < SHARE_OF_POOR_PHOTOS:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(1, 2.4)))
        picture = picture * np.float32(rng.uniform(0.78, 0.92))
        noise += 4
    grain = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
    exposed = np.clip(picture + grain * np.float32(noise), 0, 255)
    blue_first: NDArray[np.uint8] = np.ascontiguousarray(exposed[..., ::-1].astype(np.uint8))
    return blue_first
