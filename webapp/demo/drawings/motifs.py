"""Small ornaments that many products wear: a heart on a mug, dots on a towel."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.palette import GOLD, LEAF, Colour, darker, lighter
from webapp.demo.drawings.shapes import Points, circle, ellipse, heart, points, smooth, star


def emblem(
    canvas: Canvas, x: float, y: float, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Paint one of a heart, a star, a dot, a leaf or nothing at ``(x, y)``."""
    choice = rng.integers(5)
    if choice == 0:
        canvas.fill(heart(x, y, size), colour, light="none")
    elif choice == 1:
        canvas.fill(smooth(star(x, y, size * 1.15, inner=0.55), times=2), colour, light="none")
    elif choice == 2:
        canvas.fill(circle(x, y, size * 0.8), colour, light="none")
    elif choice == 3:
        leaf(canvas, x, y + size, 0, size * 2, colour)


def leaf(
    canvas: Canvas, x: float, y: float, lean_deg: float, length: float, colour: Colour = LEAF
) -> None:
    """Paint a pointed leaf that grows from ``(x, y)``, upwards where ``lean_deg`` is 0."""
    half = smooth(points((0, 0), (0.3, -0.35), (0.2, -0.75), (0, -1)), closed=False)
    outline = np.vstack((half, half[::-1] * (-1, 1))) * length
    angle = np.radians(lean_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    canvas.fill(outline @ turn.T + (x, y), colour, light="top", shine=0.3)


def pattern(
    canvas: Canvas, within: Points, colour: Colour, rng: np.random.Generator, *, lines: bool = True
) -> None:
    """Paint stripes, dots, stars or hearts over an outline, or leave it plain."""
    choice = rng.integers(0 if lines else 2, 6)
    (left, top), (right, bottom) = within.min(axis=0), within.max(axis=0)
    if choice == 0:
        for y in np.arange(top + 4, bottom, 8.0):
            canvas.line(points((left, y), (right, y)), colour, 2.6, inside=within)
    elif choice == 1:
        for x in np.arange(left + 4, right, 8.0):
            canvas.line(points((x, top), (x, bottom)), colour, 2.2, inside=within)
    elif choice < 5:
        step = float(rng.uniform(10, 13))
        for row, y in enumerate(np.arange(top + step / 2, bottom + step / 2, step)):
            for x in np.arange(left + step / 2 * (1 + row % 2), right + step / 2, step):
                shape = (circle(x, y, 2), smooth(star(x, y, 3.2), times=2), heart(x, y, 2.6))
                canvas.fill(shape[choice - 2], colour, light="none", inside=within)


def flower(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """Paint a blossom of six petals round ``(x, y)``."""
    for angle in np.arange(0, 2 * np.pi, np.pi / 3):
        at = (x + size * 0.62 * np.cos(angle), y + size * 0.62 * np.sin(angle))
        canvas.fill(circle(*at, size * 0.48), colour, light="top", shine=0.2)
    canvas.fill(circle(x, y, size * 0.36), GOLD, light="top")


def gleam(canvas: Canvas, x: float, top: float, bottom: float, width: float = 2.4) -> None:
    """Paint the reflection of a window on something glossy."""
    canvas.line(points((x, top), (x, bottom)), (255, 255, 255), width, opacity=0.5)


def label(canvas: Canvas, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """Paint a paper label with two lines of writing too small to read."""
    paper = np.vstack(
        (
            ellipse(x, y + height, width, 1.2, start=0, end=180),
            ellipse(x, y - height, width, 1.2, start=180, end=0),
        )
    )
    canvas.fill(paper, lighter(colour, 0.75), shine=0.08)
    canvas.line(points((x - width * 0.55, y - 1), (x + width * 0.55, y - 1)), darker(colour), 1.7)
    canvas.line(points((x - width * 0.35, y + 3), (x + width * 0.35, y + 3)), darker(colour), 1.0)
