import numpy as np
import pytest

from webapp.demo.drawings import DRAWINGS
from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.palette import COLOURS
from webapp.demo.drawings.scene import draw_product


@pytest.mark.parametrize("kind", DRAWINGS)
def test_every_drawing_fills_a_good_part_of_its_sheet(kind):
    for seed in range(4):
        canvas = Canvas(120)

        DRAWINGS[kind](canvas, COLOURS["Teal"], np.random.default_rng(seed))

        covered = float((canvas.layer[..., 3] > 0.5).mean())
        assert 0.06 < covered < 0.7


def test_a_picture_is_as_large_as_a_photo_of_a_shop():
    picture = draw_product("mug", COLOURS["Coral"], np.random.default_rng(0))

    assert picture.dtype == np.uint8
    assert 320 <= picture.shape[0] == picture.shape[1] <= 480
    assert picture.std() > 10


def test_the_colour_asked_for_is_in_the_picture():
    red, green, blue = (
        draw_product("cushion", COLOURS[name], np.random.default_rng(2))[..., ::-1].mean(
            axis=(0, 1)
        )
        for name in ("Coral", "Forest Green", "Navy")
    )

    assert red[0] > green[0]
    assert green[1] > red[1] - 40
    assert blue[2] > blue[0]


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError, match="unicorn"):
        draw_product("unicorn", COLOURS["Coral"], np.random.default_rng(0))
