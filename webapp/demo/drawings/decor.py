"""Drawings of what makes a home pretty."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import flower, gleam, label, leaf
from webapp.demo.drawings.palette import (
    COLOURS,
    GOLD,
    INK,
    LEAF,
    WHITE,
    WOOD,
    Colour,
    accent,
    darker,
    lighter,
)
from webapp.demo.drawings.shapes import box, circle, ellipse, points, smooth, turned


def vase(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a turned vase, empty, with flowers or with leaves."""
    belly, neck = float(rng.uniform(13, 23)), float(rng.uniform(6, 11))
    content = rng.integers(4)
    top = 22 if content == 0 else 44
    for lean in (-1, 0, 1) if content else ():
        x, y = 50 + lean * float(rng.uniform(11, 18)), float(rng.uniform(17, 26)) + 5 * abs(lean)
        stem = smooth(points((50, top + 2), (50 + lean * 4, top - 8), (x, y)), closed=False)
        canvas.line(stem, LEAF, 1.5)
        if content == 3:
            leaf(canvas, x, y + 6, 25 * lean, 15)
            leaf(canvas, 50 + lean * 6, top - 6, 55 * lean + 10, 11)
        else:
            petals = list(COLOURS.values())[rng.integers(len(COLOURS))]
            flower(canvas, x, y, 9, petals)
            leaf(canvas, 50 + lean * 3, top - 5, 50 * lean + 8, 9)
    widest = float(rng.uniform(0.3, 0.7)) * (80 - top) + top
    profile = [(top, neck * 1.25), (top + 7, neck), (widest, belly), (widest + 8, belly)]
    body = turned([*profile, (80, belly * 0.55)])
    canvas.fill(body, colour)
    canvas.fill(ellipse(50, top, neck * 1.25, 2.4), darker(colour, 0.35), light="top")
    if rng.random() < 0.5:
        for y in (widest, widest + 6):
            canvas.line(points((20, y), (80, y)), accent(colour), 1.6, inside=body)
    gleam(canvas, 50 - belly * 0.6, widest, widest + 7)


def wall_clock(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a round clock, its hands at any time."""
    canvas.fill(circle(50, 50, 33), colour)
    dial = WHITE if rng.random() < 0.7 else lighter(colour, 0.7)
    canvas.fill(circle(50, 50, 27.5), dial, light="top", shine=0.06)
    every = 1 if rng.random() < 0.6 else 3
    for hour in range(0, 12, every):
        toward = np.array([np.sin(hour * np.pi / 6), -np.cos(hour * np.pi / 6)])
        inner = 21.0 if hour % 3 == 0 else 22.8
        canvas.line(50 + np.outer((inner, 24.5), toward), INK, 1.9 if hour % 3 == 0 else 1.1)
    for length, width, paint in ((13, 2.8, INK), (20, 1.9, INK), (21, 0.8, (220, 90, 80))):
        angle = rng.uniform(0, 2 * np.pi)
        canvas.line(50 + np.outer((0, length), (np.sin(angle), -np.cos(angle))), paint, width)
    canvas.fill(circle(50, 50, 2.4), GOLD, light="none")


def table_lamp(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a lamp with a glowing shade."""
    for radius in (34, 28, 22):
        canvas.fill(circle(50, 36, radius), (255, 232, 160), light="none", opacity=0.13)
    base = (WOOD, GOLD, darker(colour, 0.2), WHITE)[rng.integers(4)]
    if rng.random() < 0.5:
        canvas.fill(turned([(48, 4), (60, 12), (70, 13), (82, 8)]), base)
    else:
        canvas.line(points((50, 50), (50, 80)), base, 3)
        canvas.fill(turned([(79, 14), (83, 15)]), base)
    slope = float(rng.uniform(0.5, 0.95))
    shade = turned([(20, 25 * slope), (50, 25)], flat=0.12)
    canvas.fill(shade, lighter(colour, 0.15), shine=0.22)
    canvas.fill(ellipse(50, 20, 25 * slope, 2.2), (255, 244, 206), light="none")
    canvas.line(points((20, 46), (80, 46)), lighter(colour, 0.5), 1.6, inside=shade)


def candle(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a candle in a glass or tin, alight."""
    wide, top = float(rng.uniform(16, 23)), float(rng.uniform(42, 50))
    for radius in (24, 17, 11):
        canvas.fill(circle(50, top - 12, radius), (255, 226, 140), light="none", opacity=0.16)
    body = turned([(top, wide), (79, wide), (81, wide * 0.95)])
    canvas.fill(body, colour, opacity=0.94)
    canvas.fill(ellipse(50, top, wide, 4.4), lighter(colour, 0.4), light="top")
    canvas.fill(ellipse(50, top + 0.6, wide - 2, 3.2), (250, 240, 216), light="top")
    canvas.line(points((50, top), (50, top - 5)), INK, 1.1)
    for size, paint in ((1.0, (250, 170, 60)), (0.6, (255, 226, 130))):
        flame = turned([(-15, 0.1), (-8, 3.6), (-4.5, 3.8), (-2, 2)], flat=0.6)
        canvas.fill((flame - (50, -4)) * size + (50, top - 5), paint, light="none")
    if rng.random() < 0.8:
        label(canvas, 50, (top + 80) / 2 + 2, wide * 0.62, 8, colour)


def photo_frame(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a frame round a picture of hills."""
    wide, high = (26, 33) if rng.random() < 0.6 else (34, 26)
    canvas.fill(box(50 - wide, 50 - high, 50 + wide, 50 + high, 2), colour, light="top")
    wide, high = wide - 5, high - 5
    canvas.fill(box(50 - wide, 50 - high, 50 + wide, 50 + high), WHITE, light="none")
    scene = box(55 - wide, 55 - high, 45 + wide, 45 + high)
    canvas.fill(scene, (196, 224, 236), light="top", shine=0.2)
    canvas.fill(circle(58, 50 - high / 3, 4.6), (250, 214, 120), light="none")
    for x, paint in ((38, LEAF), (60, darker(LEAF, 0.2)), (48, lighter(LEAF, 0.25))):
        canvas.fill(ellipse(x, 46 + high, 24, high * 0.8), paint, light="top", inside=scene)
