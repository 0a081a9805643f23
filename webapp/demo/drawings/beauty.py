"""Drawings of care and make-up."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import gleam, label, leaf
from webapp.demo.drawings.palette import (
    GOLD,
    INK,
    LEAF,
    STEEL,
    WHITE,
    Colour,
    darker,
    lighter,
)
from webapp.demo.drawings.shapes import box, circle, ellipse, points, turned


def cream_jar(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a low jar of cream, closed, or open with the lid beside it."""
    wide = float(rng.uniform(23, 29))
    top = float(rng.uniform(46, 54))
    metal = (GOLD, STEEL, WHITE, darker(colour, 0.2))[rng.integers(4)]
    body = turned([(top, wide * 0.94), (top + 4, wide), (76, wide), (79, wide * 0.9)])
    canvas.fill(body, colour)
    if rng.random() < 0.6:
        canvas.fill(turned([(top - 14, wide * 0.97), (top + 1, wide)], flat=0.1), metal)
        canvas.fill(ellipse(50, top - 14, wide * 0.97, 4.2), lighter(metal, 0.4), light="top")
    else:
        canvas.fill(ellipse(50, top, wide * 0.94, 5.4), lighter(colour, 0.4), light="top")
        canvas.fill(ellipse(50, top, wide * 0.8, 4.2), WHITE, light="top")
        swirl = ellipse(50, top - 1, wide * 0.35, 2.4, start=150, end=390)
        canvas.line(swirl, (226, 214, 204), 1.3)
        canvas.fill(ellipse(76, 78, 14, 5), metal)
        canvas.fill(ellipse(76, 76, 14, 5), lighter(metal, 0.4), light="top")
    label(canvas, 50, (top + 79) / 2 + 2, wide * 0.6, 6, colour)


def shampoo(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a bottle with a pump or a flip cap."""
    wide, top = float(rng.uniform(13, 18)), float(rng.uniform(32, 38))
    cap = (WHITE, INK, GOLD, darker(colour, 0.3))[rng.integers(4)]
    body = turned([(top, 6), (top + 5, wide), (60, wide), (82, wide), (84, wide * 0.94)], flat=0.08)
    if rng.random() < 0.6:
        canvas.line(points((50, top), (50, top - 13)), cap, 3)
        canvas.line(points((51, top - 14), (37, top - 14), (35.5, top - 11.5)), cap, 3.6)
        canvas.fill(box(44, top - 5, 56, top + 2, 1.6), cap)
    else:
        canvas.fill(box(43, top - 10, 57, top + 2, 2.2), cap)
    canvas.fill(body, colour)
    label(canvas, 50, 62, wide * 0.72, 12, colour)
    if rng.random() < 0.5:
        leaf(canvas, 50, 58, 25, 8, LEAF)
    gleam(canvas, 50 - wide * 0.78, top + 10, 74, 1.8)


def lipstick(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint an open lipstick, its cap beside it."""
    case = (GOLD, INK, STEEL, darker(colour, 0.35))[rng.integers(4)]
    x = 50.0
    if rng.random() < 0.6:
        x = 40.0
        canvas.fill(turned([(44, 9), (80, 9)], x=66), case, shine=0.3)
        canvas.fill(ellipse(66, 44, 9, 2), lighter(case, 0.35), light="top")
        canvas.line(points((57.5, 72), (74.5, 72)), lighter(case, 0.5), 1.2)
    tip = np.vstack(
        (
            points((x + 7, 48), (x - 7, 48)),
            ellipse(x, 28, 7, 8, start=180, end=250),
            points((x + 7, 18)),
        )
    )
    canvas.fill(tip, colour, shine=0.26)
    canvas.fill(turned([(44, 8), (58, 8)], x=x), lighter(case, 0.4), shine=0.3)
    canvas.fill(turned([(56, 10.5), (80, 10.5)], x=x), case, shine=0.3)


def brush_set(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint make-up brushes standing in a cup."""
    n_brushes = int(rng.integers(3, 6))
    for x, lean in zip(np.linspace(38, 62, n_brushes), np.linspace(-9, 9, n_brushes), strict=True):
        tip = float(rng.uniform(18, 32))
        canvas.line(points((x, 62), (x + lean, tip + 10)), INK, 2.4)
        canvas.line(points((x + lean * 0.86, tip + 15), (x + lean, tip + 10)), GOLD, 3.6)
        tuft = turned([(-10, 1.5), (-5, 4.6), (1, 2.2)], x=0)
        canvas.fill(np.add(tuft, (x + lean, tip + 9)), (204, 150, 128), light="top", shine=0.5)
    canvas.fill(turned([(54, 18), (80, 16)]), colour)
    canvas.fill(circle(50, 68, 6), lighter(colour, 0.5), light="top")
