"""Pictures of products: one drawing a kind of product, then a scene round it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from webapp.demo.drawings import baby, beauty, decor, electronics, kitchen, sports, textiles
from webapp.demo.drawings.canvas import Canvas
from webapp.demo.drawings.palette import Colour

Drawing = Callable[[Canvas, Colour, np.random.Generator], None]

DRAWINGS: dict[str, Drawing] = {
    drawing.__name__: drawing
    for drawing in (
        kitchen.saucepan,
        kitchen.frying_pan,
        kitchen.mug,
        kitchen.jar,
        decor.vase,
        decor.wall_clock,
        decor.table_lamp,
        decor.candle,
        decor.photo_frame,
        textiles.cushion,
        textiles.towel,
        textiles.curtain,
        textiles.bed_linen,
        baby.baby_bottle,
        baby.blanket,
        baby.bodysuit,
        baby.soft_toy,
        beauty.cream_jar,
        beauty.shampoo,
        beauty.lipstick,
        beauty.brush_set,
        electronics.headphones,
        electronics.laptop,
        electronics.smartwatch,
        electronics.speaker,
        sports.water_bottle,
        sports.yoga_mat,
        sports.dumbbell,
        sports.football,
        sports.beach_ball,
        sports.backpack,
    )
}
"""By the key of the kind of product."""
