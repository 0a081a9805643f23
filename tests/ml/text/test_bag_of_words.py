"""Products are filed by their likeness to one document a category."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.errors import NotEnoughDataError
from ml.text.bag_of_words import build
from tests.ml.text.texts import batch_of_texts, easy_catalogue


@pytest.mark.parametrize("n_categories", [2, 4, 30])
def test_easy_products_are_filed_right(n_categories):
    batch, labels = easy_catalogue(n_categories, n_each=4)

    fitted = build(PipelineSettings()).fit(batch, labels, ignore_progress)

    predicted = np.array(fitted.categories)[fitted.predict_proba(batch).argmax(axis=1)]
    assert predicted.tolist() == labels.tolist()


def test_lens_holds_words_and_pairs_that_not_all_categories_have():
    batch = batch_of_texts(["red mug", "red lamp"])

    fitted = build(PipelineSettings()).fit(batch, np.array([1, 2]), ignore_progress)

    assert fitted.space_.terms == ("lamp", "mug", "red lamp", "red mug")
    assert fitted.count_parameters().trained == 2 * 4


def test_embedding_is_the_cosine_with_each_category():
    batch = batch_of_texts(["mug", "lamp"])
    fitted = build(PipelineSettings()).fit(batch, np.array([1, 2]), ignore_progress)

    cosines = fitted.embed(batch_of_texts(["mug mug", "mug, lamp: mug", "zyzzyva", ""]))

    assert cosines[[0, 2, 3]].tolist() == [[1, 0], [0, 0], [0, 0]]
    assert cosines[1] == pytest.approx([2 / math.sqrt(5), 1 / math.sqrt(5)])


def test_product_without_a_known_word_may_be_anything():
    batch, labels = easy_catalogue()
    fitted = build(PipelineSettings()).fit(batch, labels, ignore_progress)

    answers = fitted.predict_proba(batch_of_texts(["zyzzyva", ""]))

    assert answers == pytest.approx(np.full((2, 4), 1 / 4))


def test_one_word_in_all_categories_tells_nothing_and_survives():
    batch = batch_of_texts(["mug", "mug"])

    fitted = build(PipelineSettings()).fit(batch, np.array([1, 2]), ignore_progress)

    assert fitted.predict_proba(batch) == pytest.approx(np.full((2, 2), 1 / 2))


def test_products_without_words_are_refused_in_words():
    with pytest.raises(NotEnoughDataError, match="import names or descriptions"):
        build(PipelineSettings()).fit(
            batch_of_texts(["", "the of"]), np.array([1, 2]), ignore_progress
        )
