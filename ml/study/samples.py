"""What the report shows of the products themselves: words of each category, key points."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from ml.errors import UnreadableImageError
from ml.images.key_points import draw_key_points
from ml.study.catalogue import StudyProducts
from ml.study.records import CategoryWords
from ml.text.dictionary import count_words

N_FREQUENT = 20
MOST_IMAGES = 8  # about 40 kB each in the report


def category_words(products: StudyProducts) -> tuple[CategoryWords, ...]:
    """Return the dictionary of each category, over all that is written of its products."""
    by_category, _ = count_words(
        products.batch, products.labels, len(products.categories), n_frequent=N_FREQUENT
    )
    return tuple(
        CategoryWords(name, counted.n_words, counted.n_distinct, counted.frequent)
        for name, counted in zip(products.categories, by_category, strict=True)
    )


def key_points(products: StudyProducts) -> tuple[tuple[str, bytes], ...]:
    """Return the first image of each category, of eight at most, with its key points drawn."""
    batch = products.batch
    drawn = []
    for label in range(min(MOST_IMAGES, len(products.categories))):
        of_category = np.flatnonzero(products.labels == label).tolist()
        row = next((row for row in of_category if batch.image_paths[row] is not None), None)
        path = None if row is None else batch.image_paths[row]
        if row is None or path is None:
            continue
        with suppress(UnreadableImageError):  # gone since it was found: the report does without
            drawn.append((batch.names[row] or batch.ids[row], draw_key_points(path)))
    return tuple(drawn)
