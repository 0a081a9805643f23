"""Drawings of what stands in a kitchen."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import emblem, gleam, label
from webapp.demo.drawings.palette import (
    INK,
    STEEL,
    WOOD,
    Colour,
    accent,
    darker,
    lighter,
)
from webapp.demo.drawings.shapes import box, circle, ellipse, points, smooth, turned


def saucepan(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a pan from the side, with a long handle, mostly under a lid."""
    height = float(rng.uniform(20, 29))
    top = 48.0
    grip = (INK, WOOD, darker(colour, 0.45))[rng.integers(3)]
    canvas.line(points((66, top + 7), (92, top + 1)), STEEL, 3)
    canvas.line(points((75, top + 5), (93, top + 0.8)), grip, 5.4)
    canvas.fill(turned([(top, 26), (top + height, 26), (top + height + 4, 22)], x=42), colour)
    if rng.random() < 0.75:
        canvas.fill(ellipse(42, top, 27, 12, start=180, end=360), lighter(STEEL, 0.2))
        canvas.fill(box(37.5, top - 18, 46.5, top - 12, 2.6), grip)
    else:
        canvas.fill(ellipse(42, top, 26, 5.5), lighter(STEEL, 0.3), light="top")
        canvas.fill(ellipse(42, top + 1, 23, 4), darker(STEEL, 0.2), light="top")
    canvas.fill(box(14, top - 1, 70, top + 3.4, 2), lighter(colour, 0.35))
    gleam(canvas, 25, top + 10, top + height - 4)


def frying_pan(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a flat pan seen from above, now and then with an egg in it."""
    grip = (INK, WOOD)[rng.integers(2)]
    canvas.line(points((60, 60), (86, 86)), STEEL, 4)
    canvas.line(points((69, 69), (88, 88)), grip, 7)
    canvas.fill(circle(42, 42, 29), colour, shine=0.2)
    canvas.fill(circle(42, 42, 25.5), darker(colour, 0.3), light="top", shine=-0.2)
    canvas.fill(circle(42, 42, 22), darker(colour, 0.4), light="top", shine=0.3)
    if rng.random() < 0.5:
        x, y = 40 + float(rng.uniform(-4, 4)), 42 + float(rng.uniform(-4, 4))
        rim = 13 + rng.uniform(-2.5, 2.5, 10)
        angle = np.linspace(0, 2 * np.pi, 10, endpoint=False)
        white = np.column_stack((x + rim * np.cos(angle), y + rim * np.sin(angle)))
        canvas.fill(smooth(white), (255, 253, 246), light="top", shine=0.08)
        canvas.fill(circle(x, y, 5.6), (250, 190, 70), light="top", shine=0.4)
        canvas.fill(circle(x - 1.8, y - 1.8, 1.3), (255, 240, 200), light="none", opacity=0.9)
    else:
        arc = ellipse(42, 42, 18, 18, start=195, end=255)
        canvas.line(arc, (255, 255, 255), 2, opacity=0.35)


def mug(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a mug with a motif and, when it is full, steam."""
    wide, low = float(rng.uniform(19, 24)), float(rng.uniform(74, 80))
    foot = wide * float(rng.uniform(0.75, 1.0))
    handle = ellipse(46 + wide, 54, 11, 12, start=-100, end=100)
    canvas.line(handle, darker(colour, 0.12), 5.5)
    body = turned([(36, wide), (60, wide), (low, foot)], x=46)
    canvas.fill(body, colour)
    canvas.fill(ellipse(46, 36, wide, 4.6), lighter(colour, 0.35), light="top")
    drink = ((112, 74, 54), (190, 128, 72), (236, 220, 196))[rng.integers(3)]
    canvas.fill(ellipse(46, 36.8, wide - 2.4, 3.2), drink, light="top")
    if rng.random() < 0.6:
        canvas.line(points((46 - wide, 68), (46 + wide, 68)), accent(colour), 2, inside=body)
    emblem(canvas, 46, 56, 6, accent(colour), rng)
    if rng.random() < 0.55:
        for x in (39, 46, 53):
            waft = points((x, 30), (x + 4, 26), (x - 4, 20), (x + 1, 15))
            canvas.line(smooth(waft, closed=False), (255, 255, 255), 1.9, opacity=0.65)


def jar(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a storage jar: glass that shows what is in it, or glazed with a label."""
    wide, top = float(rng.uniform(18, 24)), float(rng.uniform(30, 40))
    body = turned([(top, wide * 0.8), (top + 6, wide), (76, wide), (80, wide * 0.92)])
    if rng.random() < 0.5:
        canvas.fill(body, (222, 236, 238), opacity=0.75)
        level = float(rng.uniform(top + 8, 62))
        food = ((206, 150, 92), (232, 204, 128), (150, 96, 66), (196, 90, 70))[rng.integers(4)]
        canvas.fill(box(20, level, 80, 90), food, inside=body)
        for _ in range(26):
            x, y = rng.uniform(50 - wide, 50 + wide), rng.uniform(level + 2, 80)
            canvas.fill(circle(x, y, 1.7), lighter(food, 0.3), light="none", inside=body)
        label(canvas, 50, 64, wide * 0.55, 6, colour)
    else:
        canvas.fill(body, colour)
        label(canvas, 50, 60, wide * 0.6, 7, colour)
    lid = WOOD if rng.random() < 0.55 else darker(colour, 0.2)
    canvas.fill(box(50 - wide * 0.86, top - 8, 50 + wide * 0.86, top + 1, 2.4), lid)
    if rng.random() < 0.4:
        canvas.fill(circle(50, top - 10, 3.6), lid)
    gleam(canvas, 50 - wide * 0.72, top + 10, 72)
