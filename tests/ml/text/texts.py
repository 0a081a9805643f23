"""Products of words alone, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.contract import IntArray, ProductBatch

WORDS_OF = (
    "mug cup kettle spoon plate bowl",
    "towel curtain pillow blanket sheet quilt",
    "lamp candle frame vase clock mirror",
    "laptop router mouse keyboard cable charger",
)


def batch_of_texts(
    descriptions: Sequence[str],
    names: Sequence[str] | None = None,
    specifications: Sequence[str] | None = None,
) -> ProductBatch:
    """Make a product without an image of each text."""
    empty = ("",) * len(descriptions)
    return ProductBatch(
        ids=tuple(f"p{row}" for row in range(len(descriptions))),
        names=tuple(names or empty),
        descriptions=tuple(descriptions),
        specifications=tuple(specifications or empty),
        image_paths=(None,) * len(descriptions),
        image_hashes=(None,) * len(descriptions),
    )


def easy_catalogue(n_categories: int = 4, n_each: int = 15) -> tuple[ProductBatch, IntArray]:
    """Draw products whose words are all of their category; categories are not numbered from 0."""
    rng = np.random.default_rng(0)
    columns = np.tile(np.arange(n_categories), n_each)
    texts = []
    for column in columns.tolist():
        words = (
            WORDS_OF[column].split()
            if column < len(WORDS_OF)
            else [f"word{column}x{number}" for number in range(6)]
        )
        texts.append(" ".join(rng.choice(words, 8)))
    return batch_of_texts(texts), columns * 10 + 5
