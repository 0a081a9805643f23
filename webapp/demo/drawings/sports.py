"""Drawings of what is taken outdoors and to the gym."""

from __future__ import annotations

import numpy as np

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.motifs import emblem, gleam
from webapp.demo.drawings.palette import (
    INK,
    STEEL,
    WHITE,
    Colour,
    accent,
    darker,
    lighter,
)
from webapp.demo.drawings.shapes import Points, box, circle, ellipse, points, smooth, star, turned


def water_bottle(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a drinking bottle with a loop or a spout."""
    wide, top = float(rng.uniform(12, 16)), float(rng.uniform(30, 36))
    cap = (INK, STEEL, darker(colour, 0.3), WHITE)[rng.integers(4)]
    if rng.random() < 0.5:
        canvas.line(ellipse(50, top - 9, 7, 7, start=180, end=360), cap, 2.6)
    else:
        canvas.fill(box(46.5, top - 17, 53.5, top - 6, 2), lighter(cap, 0.3))
    canvas.fill(box(50 - wide * 0.7, top - 9, 50 + wide * 0.7, top + 1, 2), cap)
    profile = [(top, wide * 0.66), (top + 7, wide), (62, wide * 0.92), (82, wide)]
    body = turned([*profile, (84, wide * 0.9)], flat=0.1)
    canvas.fill(body, colour, shine=0.24)
    if rng.random() < 0.5:
        for y in (56, 60):
            canvas.line(points((20, y), (80, y)), accent(colour), 1.8, inside=body)
    else:
        emblem(canvas, 50, 60, 6, accent(colour), rng)
    gleam(canvas, 50 - wide * 0.65, top + 12, 76)


def yoga_mat(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a rolled mat, partly unrolled or tied with straps."""
    if rng.random() < 0.5:
        canvas.fill(
            points((36, 68), (88, 58), (92, 66), (38, 80)), lighter(colour, 0.12), light="top"
        )
        canvas.line(points((38, 80), (92, 66)), darker(colour, 0.25), 1.3)
    body = box(14, 40, 84, 70, 14)
    canvas.fill(body, colour, light="top", shine=0.4)
    canvas.fill(ellipse(26, 55, 11, 15), lighter(colour, 0.2), light="top")
    turn = np.linspace(0, 6 * np.pi, 90)
    coil = np.column_stack(
        (26 + turn / 19 * 9.6 * np.cos(turn), 55 + turn / 19 * 13.4 * np.sin(turn))
    )
    canvas.line(coil, darker(colour, 0.3), 1.2)
    for x in (50, 72) if rng.random() < 0.6 else ():
        canvas.line(points((x, 40), (x, 70)), accent(colour), 3.4, inside=body)


def dumbbell(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a dumbbell with round or six-sided ends."""
    canvas.line(points((28, 52), (72, 52)), STEEL, 6)
    if rng.random() < 0.5:
        for side in (-1, 1):
            for at, high in ((16, 13), (23, 20), (31, 24)):
                x = 50 + side * at
                canvas.fill(
                    box(x - 4.2, 52 - high, x + 4.2, 52 + high, 3), colour, light="top", shine=0.4
                )
    else:
        for x in (26, 74):
            end = star(x, 52, 20, n_rays=3, inner=1.0)
            canvas.fill(end, colour, light="top", shine=0.4)
            canvas.fill(star(x, 52, 14, n_rays=3, inner=1.0), darker(colour, 0.14), light="top")
            canvas.fill(circle(x, 52, 5), accent(colour), light="top")


def football(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a football, turned any way."""
    whole = circle(50, 52, 31)
    canvas.fill(whole, WHITE, shine=0.12)
    centre, first = np.array([50.0, 52.0]), rng.uniform(0, 2 * np.pi)
    for angle in first + np.arange(5) * 2 * np.pi / 5:
        toward = np.array([np.sin(angle), -np.cos(angle)])
        canvas.line(centre + np.outer((8, 21), toward), INK, 1.3)
        x, y = centre + 29 * toward
        canvas.fill(_panel(x, y, angle + np.pi), colour, inside=whole)
    canvas.fill(_panel(50, 52, first), colour, light="top")
    canvas.fill(ellipse(39, 36, 7, 4.5), (255, 255, 255), light="none", opacity=0.4)


def _panel(x: float, y: float, angle: float) -> Points:
    """Return the five-sided panel of a football, a corner towards ``angle``."""
    corners = angle + np.arange(5) * 2 * np.pi / 5
    return np.column_stack((x + 11 * np.sin(corners), y - 11 * np.cos(corners)))


def beach_ball(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint an inflatable ball with stripes."""
    canvas.fill(circle(50, 52, 31), WHITE, shine=0.12)
    outer, inner = rng.uniform(19, 23), rng.uniform(8, 11)
    for wide, paint in ((31.0, colour), (float(outer), WHITE), (float(inner), accent(colour))):
        canvas.fill(ellipse(50, 52, wide, 31), paint, shine=0.12)
    canvas.fill(circle(50, 23, 3.6), WHITE, light="none")
    canvas.fill(ellipse(39, 36, 7, 4.5), (255, 255, 255), light="none", opacity=0.4)


def backpack(canvas: Canvas, colour: Colour, rng: np.random.Generator) -> None:
    """Paint a rucksack with a pocket and straps."""
    canvas.line(ellipse(50, 22, 8, 9, start=180, end=360), darker(colour, 0.35), 3)
    for side in (-1, 1):
        x = 50 + side * 28
        canvas.fill(box(x - 6, 50, x + 6, 78, 5), darker(colour, 0.18), light="top")
    body = smooth(points((26, 40), (33, 18), (67, 18), (74, 40), (76, 86), (24, 86)), times=3)
    canvas.fill(body, colour, shine=0.14)
    canvas.line(ellipse(50, 44, 21, 20, start=185, end=355), darker(colour, 0.3), 1.6)
    pocket = box(31, 54, 69, 80, 5)
    canvas.fill(pocket, lighter(colour, 0.18), light="top")
    canvas.line(points((33, 60), (67, 60)), darker(colour, 0.35), 1.6)
    canvas.fill(box(60, 59, 63, 65, 1.2), accent(colour), light="none")
    for x in (36, 64) if rng.random() < 0.5 else ():
        canvas.line(points((x, 36), (x, 56)), darker(colour, 0.35), 3)
    emblem(canvas, 50, 42, 5, accent(colour), rng)
