"""Drawings of devices."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import gleam
from webapp.demo.drawings.palette import (
    INK,
    STEEL,
    WHITE,
    Colour,
    accent,
    darker,
    lighter,
)
from webapp.demo.drawings.shapes import box, circle, ellipse, points


def headphones(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint headphones from the front."""
    high = float(rng.uniform(28, 34))
    canvas.line(ellipse(50, 54, 29, high, start=180, end=360), darker(colour, 0.15), 6)
    canvas.line(ellipse(50, 54, 29, high, start=215, end=325), lighter(colour, 0.35), 3)
    for side in (-1, 1):
        x = 50 + side * 27
        canvas.fill(box(x - 4 - side * 4, 50, x + 4 - side * 4, 80, 4), INK)
        canvas.fill(box(x - 6.5 + side * 3, 47, x + 6.5 + side * 3, 82, 6.5), colour, shine=0.3)
        canvas.fill(ellipse(x + side * 4, 64.5, 2.2, 7), accent(colour), light="top")


def laptop(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint an open laptop with something on its screen."""
    canvas.fill(box(20, 22, 80, 66, 3.4), darker(STEEL, 0.5), light="top")
    screen = box(23, 25, 77, 63, 1.2)
    canvas.fill(screen, colour, light="top", shine=0.3)
    choice = rng.integers(3)
    if choice == 0:
        for at, paint in ((34, lighter(colour, 0.3)), (62, darker(colour, 0.2)), (48, WHITE)):
            canvas.fill(circle(at, 70, 20), paint, light="top", opacity=0.7, inside=screen)
    elif choice == 1:
        canvas.fill(box(31, 32, 69, 63, 1.5), WHITE, light="none")
        for y in (38.0, 44.0, 50.0, 56.0):
            end = float(rng.uniform(46, 66))
            canvas.line(points((35, y), (end, y)), darker(colour, 0.2), 1.8)
    else:
        for x in np.arange(32, 72, 9.0):
            top = float(rng.uniform(36, 54))
            canvas.fill(box(x, top, x + 6, 59, 1), accent(colour), light="top")
    canvas.fill(points((13, 74), (20, 66), (80, 66), (87, 74)), STEEL, light="top")
    for y, wide in ((68.3, 27), (70.4, 28.6)):
        canvas.line(points((50 - wide, y), (50 + wide, y)), darker(STEEL, 0.45), 1.1)
    canvas.fill(box(12.5, 73.5, 87.5, 77.5, 2), lighter(STEEL, 0.2), light="top")
    canvas.fill(box(43, 73.5, 57, 75, 0.8), darker(STEEL, 0.2), light="none")


def smartwatch(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a watch on its strap, square or round, with rings or hands."""
    round_case = rng.random() < 0.5
    canvas.fill(box(38, 8, 62, 92, 6), colour, shine=0.18)
    for y in (14, 18, 82, 86):
        canvas.fill(circle(50, y, 1.1), darker(colour, 0.4), light="none")
    metal = (STEEL, INK, (222, 190, 170))[rng.integers(3)]
    canvas.fill(box(74, 44, 79, 53, 1.6), darker(metal, 0.1))
    canvas.fill(circle(50, 50, 26) if round_case else box(26, 25, 74, 75, 11), metal)
    canvas.fill(circle(50, 50, 22.5) if round_case else box(30, 29, 70, 71, 8), (34, 36, 46))
    if rng.random() < 0.6:
        for radius, paint in ((15, (238, 96, 110)), (11, (140, 220, 120)), (7, (96, 196, 236))):
            end = -90 + float(rng.uniform(140, 340))
            canvas.line(ellipse(50, 50, radius, radius, start=-90, end=end), paint, 3)
    else:
        for angle in np.arange(12) * np.pi / 6:
            canvas.line(50 + np.outer((17, 19), (np.sin(angle), -np.cos(angle))), WHITE, 1.0)
        for length, width in ((10, 2.2), (15, 1.5)):
            angle = rng.uniform(0, 2 * np.pi)
            canvas.line(50 + np.outer((0, length), (np.sin(angle), -np.cos(angle))), WHITE, width)


def speaker(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a portable speaker: a lying roll or an upright box."""
    if rng.random() < 0.5:
        body = box(14, 36, 86, 68, 15)
        canvas.fill(body, colour, light="top", shine=0.4)
        for y in np.arange(40, 66, 4.0):
            for x in np.arange(26, 76, 4.0):
                canvas.fill(circle(x, y, 0.9), darker(colour, 0.35), light="none")
        for x in (20, 80):
            canvas.fill(ellipse(x, 52, 4.4, 10), darker(colour, 0.45), light="top")
        canvas.line(ellipse(50, 36, 22, 12, start=180, end=360), INK, 2)
    else:
        canvas.fill(box(29, 16, 71, 84, 6), colour, shine=0.14)
        for y, radius in ((33, 9), (60, 15.5)):
            canvas.fill(circle(50, y, radius + 2), darker(colour, 0.3), light="top")
            canvas.fill(circle(50, y, radius), INK, light="top", shine=0.5)
            canvas.fill(circle(50, y, radius * 0.45), lighter(INK, 0.25), light="top")
        gleam(canvas, 33, 24, 40, 1.6)
