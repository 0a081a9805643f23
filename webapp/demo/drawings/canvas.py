"""A sheet to draw one product on: anti-aliased, shaded shapes, moved and turned as a whole."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from webapp.demo.drawings.palette import Colour
from webapp.demo.drawings.shapes import Points

Light = Literal["side", "top", "none"]
"""From where a shape is lit: round bodies from the side, flat ones from the top."""

UNITS = 100.0  # the side of a drawing; the product takes about 15 to 85 of it
SUBPIXEL_BITS = 4


class Canvas:
    """A transparent square; what is drawn later lies on top.

    Parameters
    ----------
    size_px
        Side of the picture.
    turn_deg
        The product is turned clockwise by this round the centre.
    zoom
        1 draws the 100 units of a drawing over the whole side.
    shift
        Where the centre goes, in units to the right and downwards.
    mirrored
        Left and right are swapped.
    """

    def __init__(
        self,
        size_px: int,
        *,
        turn_deg: float = 0.0,
        zoom: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
        mirrored: bool = False,
    ) -> None:
        self.size_px = size_px
        self._scale = zoom * size_px / UNITS
        angle = np.radians(turn_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        flip = np.diag([-1.0 if mirrored else 1.0, 1.0])
        self._matrix = self._scale * turn @ flip
        self._centre = size_px / UNITS * (UNITS / 2 + np.array(shift))
        # Premultiplied red, green, blue, and alpha from 0 to 1.
        self.layer: NDArray[np.float32] = np.zeros((size_px, size_px, 4), np.float32)

    def fill(
        self,
        outline: Points,
        colour: Colour,
        *,
        light: Light = "side",
        shine: float = 0.16,
        opacity: float = 1.0,
        inside: Points | None = None,
    ) -> None:
        """Paint the area within ``outline``, only where it is within ``inside`` as well."""
        at = self._to_px(outline)
        mask = np.zeros((self.size_px, self.size_px), np.uint8)
        _fill_mask(mask, at)
        self._paint(mask, at, colour, light, shine, opacity, inside)

    def line(
        self,
        path: Points,
        colour: Colour,
        width: float,
        *,
        closed: bool = False,
        opacity: float = 1.0,
        inside: Points | None = None,
    ) -> None:
        """Paint a round-ended line along ``path``, ``width`` units wide."""
        at = self._to_px(path)
        mask = np.zeros((self.size_px, self.size_px), np.uint8)
        thickness = max(1, round(width * self._scale))
        cv2.polylines(mask, [_fixed(at)], closed, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
        margin = np.array([[-thickness, -thickness], [thickness, thickness]])
        reach = np.vstack((at.min(axis=0) + margin[0], at.max(axis=0) + margin[1]))
        self._paint(mask, reach, colour, "none", 0.0, opacity, inside)

    def over(self, background: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the drawing laid on ``background``, shape ``(size_px, size_px, 3)``."""
        return self.layer[..., :3] + background * (1 - self.layer[..., 3:])

    def _to_px(self, outline: Points) -> Points:
        moved: Points = (outline - UNITS / 2) @ self._matrix.T + self._centre
        return moved

    def _paint(
        self,
        mask: NDArray[np.uint8],
        reach: Points,
        colour: Colour,
        light: Light,
        shine: float,
        opacity: float,
        inside: Points | None,
    ) -> None:
        left, top = np.clip(np.floor(reach.min(axis=0)) - 1, 0, self.size_px).astype(int)
        right, bottom = np.clip(np.ceil(reach.max(axis=0)) + 2, 0, self.size_px).astype(int)
        if left >= right or top >= bottom:
            return
        if inside is not None:
            allowed = np.zeros_like(mask)
            _fill_mask(allowed, self._to_px(inside))
            mask = np.minimum(mask, allowed)
        window = (slice(top, bottom), slice(left, right))
        alpha = mask[window].astype(np.float32)[..., None] * np.float32(opacity / 255)
        paint = np.asarray(colour, np.float32) * _shade(bottom - top, right - left, light, shine)
        painted = np.concatenate((np.clip(paint, 0, 255) * alpha, alpha), axis=2)
        self.layer[window] = painted + self.layer[window] * (1 - alpha)


def _fixed(at: Points) -> NDArray[np.int32]:
    """Return pixel coordinates as OpenCV's fixed-point integers."""
    fixed: NDArray[np.int32] = np.round(at * 2**SUBPIXEL_BITS).astype(np.int32)
    return fixed


def _fill_mask(mask: NDArray[np.uint8], at: Points) -> None:
    cv2.fillPoly(mask, [_fixed(at)], 255, cv2.LINE_AA, SUBPIXEL_BITS)


def _shade(height: int, width: int, light: Light, shine: float) -> NDArray[np.float32]:
    """Return a factor around 1 a pixel, shape broadcasting to ``(height, width, 1)``."""
    if light == "side":  # a cylinder lit from the left: brightest at a third, dark to the right
        across = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
        factor: NDArray[np.float32] = 1 + np.float32(shine) * (np.cos((across - 0.3) * 4.2) - 0.35)
        return factor
    if light == "top":
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        return 1 + np.float32(shine) * (0.5 - down)
    return np.ones((1, 1, 1), np.float32)
