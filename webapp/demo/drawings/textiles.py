"""Drawings of cloth for the home."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import pattern
from webapp.demo.drawings.palette import GOLD, WOOD, Colour, accent, darker, lighter
from webapp.demo.drawings.shapes import box, circle, points, smooth


def cushion(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a plump square cushion, sometimes with tassels."""
    wide, high = (31, 31) if rng.random() < 0.65 else (35, 23)
    corners = points(
        (-1, -1), (0, -0.82), (1, -1), (0.84, 0), (1, 1), (0, 0.84), (-1, 1), (-0.84, 0)
    )
    outline = smooth(corners * (wide, high) + (50, 52), times=4)
    if rng.random() < 0.4:
        for x, y in corners[::2]:
            canvas.fill(circle(50 + x * wide * 0.86, 52 + y * high * 0.86, 4.4), accent(colour))
    canvas.fill(outline, colour, shine=0.2)
    pattern(canvas, outline, accent(colour), rng)
    canvas.line(outline, darker(colour, 0.15), 1.1, closed=True)


def folded(
    canvas: Canvas, colour: Colour, rng: np.random.Generator, *, n_layers: int, wide: float
) -> list[tuple[float, float]]:
    """Paint cloth folded into layers; return the top and bottom of each."""
    high = 44.0 / n_layers
    layers = []
    for row in reversed(range(n_layers)):
        top = 30 + row * high
        shade = colour if row % 2 == 0 else lighter(colour, 0.28)
        canvas.fill(box(50 - wide, top, 50 + wide, top + high, high * 0.45), shade, shine=0.2)
        canvas.line(
            points((50 - wide + 7, top + high / 2), (50 + wide - 1, top + high / 2)),
            darker(shade, 0.12),
            1.2,
        )
        layers.append((top, top + high))
    return layers


def towel(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a stack of folded towels, or one on a rail."""
    if rng.random() < 0.65:
        for top, bottom in folded(
            canvas, colour, rng, n_layers=int(rng.integers(2, 5)), wide=float(rng.uniform(28, 34))
        ):
            for x in (66, 70):
                canvas.line(points((x, top + 1.5), (x, bottom - 1.5)), accent(colour), 1.7)
    else:
        canvas.line(points((16, 22), (84, 22)), GOLD, 3.2)
        cloth = box(28, 20, 72, 82, 3)
        canvas.fill(cloth, colour, shine=0.14)
        for y in (68, 72, 64):
            canvas.line(points((28, y), (72, y)), accent(colour), 1.7, inside=cloth)
        for fringe in np.arange(30, 72, 3.0):
            canvas.line(points((fringe, 82), (fringe, 85)), lighter(colour, 0.2), 0.9)


def curtain(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a pair of curtains on a pole, open round a window or drawn."""
    canvas.fill(box(27, 20, 73, 76, 1), (206, 228, 240), light="top", shine=0.2)
    for path in (points((50, 20), (50, 76)), points((27, 48), (73, 48))):
        canvas.line(path, (252, 252, 250), 2)
    tied, inner = rng.random() < 0.5, float(rng.uniform(38, 48))
    for side in (-1, 1):
        edge = 24.0 if tied else inner - 3
        hem = points((17, 17), (inner, 17), (edge + 8, 42), (edge, 55), (edge + 4, 84), (17, 84))
        cloth = np.vstack((hem[:1], smooth(hem[1:5], closed=False), hem[5:]))
        if side == 1:
            cloth = np.column_stack((100 - cloth[:, 0], cloth[:, 1]))
        canvas.fill(cloth, colour, shine=0.1)
        for x in np.arange(20, inner, 5.0):
            fold = points((x, 18), (17 + (x - 17) * (edge - 15) / (inner - 17), 55), (x, 84))
            at = fold if side == -1 else np.column_stack((100 - fold[:, 0], fold[:, 1]))
            canvas.line(smooth(at, closed=False), darker(colour, 0.2), 1.1, inside=cloth)
        if tied:
            x = 50 + side * 30
            canvas.line(points((x - 4, 55), (x + 4, 55)), accent(colour), 3)
    canvas.line(points((11, 16), (89, 16)), WOOD, 3)
    for x in (10, 90):
        canvas.fill(circle(x, 16, 3.2), WOOD)


def bed_linen(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a bed from its foot, with two pillows and a duvet."""
    canvas.fill(box(16, 28, 84, 70, 8), WOOD, light="top")
    for x in (33, 67):
        pillow = box(x - 14, 36, x + 14, 54, 6)
        canvas.fill(pillow, lighter(colour, 0.55), light="top")
    duvet = box(14, 49, 86, 80, 6)
    canvas.fill(duvet, colour, light="top", shine=0.24)
    pattern(canvas, box(14, 57, 86, 80, 6), accent(colour), rng)
    canvas.fill(box(14, 49, 86, 57, 4), lighter(colour, 0.35), light="top")
    for x in (20, 80):
        canvas.line(points((x, 80), (x, 85)), darker(WOOD), 3)
