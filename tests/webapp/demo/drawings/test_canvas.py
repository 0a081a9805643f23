import numpy as np
import pytest

from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.shapes import box, circle, points

RED = (200.0, 0.0, 0.0)


def share_painted(canvas: Canvas) -> float:
    return float(canvas.layer[..., 3].mean())


def test_a_box_covers_its_share_of_the_sheet():
    canvas = Canvas(200)

    canvas.fill(box(25, 25, 75, 75), RED)

    assert share_painted(canvas) == pytest.approx(0.25, abs=0.01)


def test_zoom_makes_the_drawing_smaller():
    canvas = Canvas(200, zoom=0.5)

    canvas.fill(box(25, 25, 75, 75), RED)

    assert share_painted(canvas) == pytest.approx(0.25 / 4, abs=0.01)


def test_a_mirrored_sheet_swaps_left_and_right():
    canvas = Canvas(100, mirrored=True)

    canvas.fill(box(0, 0, 40, 100), RED)

    assert canvas.layer[50, 10, 3] == 0
    assert canvas.layer[50, 90, 3] == 1


def test_a_turned_sheet_turns_clockwise():
    canvas = Canvas(100, turn_deg=90)

    canvas.fill(box(40, 0, 60, 30), RED)

    assert canvas.layer[50, 85, 3] == 1
    assert canvas.layer[15, 50, 3] == 0


def test_nothing_is_painted_outside_the_outline_given():
    canvas = Canvas(100)

    canvas.fill(box(0, 0, 100, 100), RED, inside=box(0, 0, 50, 100))

    assert canvas.layer[50, 20, 3] == 1
    assert canvas.layer[50, 80, 3] == 0


def test_a_shape_beyond_the_edge_is_left_out():
    canvas = Canvas(50)

    canvas.fill(circle(300, 300, 10), RED)
    canvas.line(points((-90, -90), (-80, -80)), RED, 2)

    assert share_painted(canvas) == 0


def test_glass_lets_the_background_through():
    canvas = Canvas(60)
    canvas.fill(box(0, 0, 100, 100), RED, light="none", opacity=0.5)

    seen = canvas.over(np.full((60, 60, 3), 100, np.float32))

    assert seen[30, 30].tolist() == pytest.approx([150, 50, 50], abs=1)
