"""The words of categories are counted."""

from __future__ import annotations

import numpy as np

from ml.text.dictionary import WordCounts, count_words
from tests.ml.text.texts import batch_of_texts


def test_words_are_counted_by_category_and_in_all() -> None:
    batch = batch_of_texts(["Red mugs, a red mug", "The blue lamp", "mug"])

    (mugs, lamps), overall = count_words(batch, np.array([0, 1, 0]), 2, n_frequent=2)

    assert mugs == WordCounts(5, 2, (("mug", 3), ("red", 2)))
    assert lamps == WordCounts(2, 2, (("blue", 1), ("lamp", 1)))
    assert overall == WordCounts(7, 4, (("mug", 3), ("red", 2)))


def test_category_without_words_and_product_without_category() -> None:
    batch = batch_of_texts(["", "mug"])

    (empty,), overall = count_words(batch, np.array([0, -1]), 1)

    assert empty == WordCounts(0, 0, ())
    assert overall == WordCounts(1, 1, (("mug", 1),))
