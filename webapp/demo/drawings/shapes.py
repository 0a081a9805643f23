"""Outlines of simple shapes, in the units of a drawing: a square of 100 x 100, y downwards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape ``(n_points, 2)``: x and y."""


def points(*pairs: tuple[float, float]) -> Points:
    """Return the corners given."""
    return np.array(pairs, dtype=np.float64)


def ellipse(
    x: float, y: float, width: float, height: float, *, start: float = 0.0, end: float = 360.0
) -> Points:
    """Return an ellipse round ``(x, y)``, or its arc between two angles in degrees.

    Parameters
    ----------
    width, height
        Half axes.
    start, end
        0 is to the right, 90 below: clockwise, as y grows downwards.
    """
    angle = np.radians(np.linspace(start, end, 49))
    return np.column_stack((x + width * np.cos(angle), y + height * np.sin(angle)))


def circle(x: float, y: float, radius: float) -> Points:
    """Return a circle round ``(x, y)``."""
    return ellipse(x, y, radius, radius)


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Points:
    """Return a rectangle whose corners are rounded by ``radius``."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    if radius <= 0:
        return points((left, top), (right, top), (right, bottom), (left, bottom))
    corners = (
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
        (right - radius, top + radius, 270),
    )
    return np.vstack(
        [ellipse(x, y, radius, radius, start=at, end=at + 90)[::4] for x, y, at in corners]
    )


def smooth(outline: Points, *, closed: bool = True, times: int = 3) -> Points:
    """Return ``outline`` with its corners cut ``times`` times (Chaikin's algorithm)."""
    for _ in range(times):
        after = np.roll(outline, -1, axis=0) if closed else outline[1:]
        before = outline if closed else outline[:-1]
        cut = np.stack((0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after), axis=1)
        cut = cut.reshape(-1, 2)
        outline = cut if closed else np.vstack((outline[:1], cut, outline[-1:]))
    return outline


def turned(
    profile: Sequence[tuple[float, float]], *, x: float = 50.0, flat: float = 0.14
) -> Points:
    """Return the outline of a body of rotation, as a potter turns it.

    Parameters
    ----------
    profile
        ``(y, half width)`` from top to bottom.
    flat
        How far the round foot bulges down, as a share of its half width.
    """
    side = smooth(np.array([(width, y) for y, width in profile]), closed=False)
    right = np.column_stack((x + side[:, 0], side[:, 1]))
    left = np.column_stack((x - side[:, 0], side[:, 1]))[::-1]
    y_foot, foot = profile[-1]
    return np.vstack((right, ellipse(x, y_foot, foot, foot * flat, start=0, end=180), left))


def heart(x: float, y: float, size: float) -> Points:
    """Return a heart round ``(x, y)``, ``2 * size`` wide."""
    t = np.linspace(0, 2 * np.pi, 41)
    across = np.sin(t) ** 3
    up = (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    return np.column_stack((x + size * across, y - size * up))


def star(x: float, y: float, size: float, *, n_rays: int = 5, inner: float = 0.5) -> Points:
    """Return a star round ``(x, y)`` with one ray straight up."""
    angle = np.pi * np.arange(2 * n_rays) / n_rays - np.pi / 2
    radius = np.where(np.arange(2 * n_rays) % 2 == 0, size, size * inner)
    return np.column_stack((x + radius * np.cos(angle), y + radius * np.sin(angle)))
