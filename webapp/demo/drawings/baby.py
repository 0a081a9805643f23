"""Drawings of what babies need."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import emblem, gleam, pattern
from webapp.demo.drawings.palette import INK, WHITE, Colour, accent, darker, lighter
from webapp.demo.drawings.shapes import box, circle, ellipse, heart, points, smooth, turned
from webapp.demo.drawings.textiles import folded


def baby_bottle(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a feeding bottle with milk, marks and a teat."""
    wide, top = float(rng.uniform(13, 17)), 40.0
    teat = turned([(17, 2.5), (22, 3), (26, 8), (33, 9)])
    canvas.fill(teat, (240, 208, 170))
    body = turned([(top, wide * 0.85), (top + 8, wide), (58, wide * 0.92), (80, wide)])
    canvas.fill(body, lighter(colour, 0.72), opacity=0.9)
    level = float(rng.uniform(48, 62))
    canvas.fill(box(20, level, 80, 90), WHITE, inside=body, shine=0.1)
    for y in np.arange(52, 78, 5.0):
        canvas.line(points((50 + wide * 0.3, y), (50 + wide * 0.75, y)), darker(colour), 1.1)
    canvas.fill(box(50 - wide * 0.95, 32, 50 + wide * 0.95, 41, 2.4), colour)
    emblem(canvas, 50 - wide * 0.3, 66, 4.4, colour, rng)
    gleam(canvas, 50 - wide * 0.7, 47, 58)


def blanket(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a folded blanket with a patterned flap, or a stack of them."""
    soft = lighter(colour, 0.25)
    layers = folded(canvas, soft, rng, n_layers=int(rng.integers(2, 4)), wide=32)
    if rng.random() < 0.75:
        flap = box(30, 29, 64, layers[0][1] - 5, 3)
        canvas.fill(flap, lighter(soft, 0.2), light="top")
        pattern(canvas, flap, accent(soft), rng, lines=False)
        canvas.line(flap, accent(soft), 1.0, closed=True)


def bodysuit(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a bodysuit laid flat, with snaps."""
    long_sleeves = rng.random() < 0.5
    hand = ((15, 62), (25, 66)) if long_sleeves else ((16, 42), (27, 49))
    left = points((40, 22), (28, 27), *hand, (33, 45), (33, 66), (37, 74), (44, 84))
    right = np.column_stack((100 - left[:, 0], left[:, 1]))[::-1]
    outline = smooth(np.vstack((left, right)), times=2)
    canvas.fill(outline, colour, light="top", shine=0.14)
    pattern(canvas, outline, accent(colour), rng)
    canvas.fill(ellipse(50, 23, 9.4, 4.4), darker(colour, 0.25), light="top")
    canvas.line(ellipse(50, 23, 9.4, 4.4, start=0, end=180), accent(colour), 2)
    for x in (45.5, 50, 54.5):
        canvas.fill(circle(x, 81, 1.3), WHITE, light="none")
    if rng.random() < 0.5:
        canvas.fill(heart(50, 48, 8), lighter(colour, 0.75), light="none")


def soft_toy(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a sitting teddy, or a bunny."""
    fur, muzzle = colour, lighter(colour, 0.55)
    bunny = rng.random() < 0.4
    for side in (-1, 1):
        if bunny:
            canvas.fill(ellipse(50 + side * 9, 17, 5.4, 14), fur)
            canvas.fill(ellipse(50 + side * 9, 18, 2.6, 10), (240, 184, 190))
        else:
            canvas.fill(circle(50 + side * 16, 22, 7.5), fur)
            canvas.fill(circle(50 + side * 16, 22, 4), muzzle)
        canvas.fill(ellipse(50 + side * 20, 60, 7, 11), darker(fur, 0.06))
        canvas.fill(ellipse(50 + side * 15, 80, 10, 8), darker(fur, 0.06))
        canvas.fill(circle(50 + side * 16, 81, 4.6), muzzle, light="top")
    canvas.fill(ellipse(50, 65, 19, 20), fur)
    canvas.fill(ellipse(50, 67, 12, 13), muzzle)
    canvas.fill(ellipse(50, 35, 21, 18), fur)
    canvas.fill(ellipse(50, 41, 9.5, 7.5), muzzle, light="top")
    canvas.fill(ellipse(50, 38.5, 3.2, 2.2), INK, light="none")
    canvas.line(ellipse(50, 41, 3.6, 3, start=20, end=160), INK, 1.0)
    for side in (-1, 1):
        canvas.fill(circle(50 + side * 9, 32, 2.3), INK, light="none")
        canvas.fill(circle(50 + side * 9 - 0.7, 31.2, 0.8), WHITE, light="none")
        bow = points((50, 53), (50 + side * 9, 49), (50 + side * 9, 57))
        canvas.fill(smooth(bow, times=2), accent(fur), light="top")
