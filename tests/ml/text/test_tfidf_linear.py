"""A linear classifier reads words, names and keys of specifications."""

from __future__ import annotations

import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.errors import NotEnoughDataError
from ml.text.tfidf_linear import TfidfLinear, build, keys, pieces
from tests.ml.text.texts import batch_of_texts, easy_catalogue

settings = PipelineSettings()


@pytest.mark.parametrize("n_categories", [2, 4, 30])
def test_easy_products_are_filed_right(n_categories):
    batch, labels = easy_catalogue(n_categories, n_each=4)

    fitted = build(settings).fit(batch, labels, ignore_progress)

    predicted = np.array(fitted.categories)[fitted.predict_proba(batch).argmax(axis=1)]
    assert predicted.tolist() == labels.tolist()


def alike_but_for(**fields: list[str]) -> TfidfLinear:
    """Fit on eight products, the even ones of category 1, that differ in one field alone."""
    batch = batch_of_texts(["sold online"] * 8, **fields)
    return build(settings).fit(batch, np.array([1, 2] * 4), ignore_progress)


def test_keys_of_specifications_tell_categories_apart():
    fitted = alike_but_for(specifications=["Strap: a", "Wattage: a"] * 4)

    unseen = batch_of_texts(["", ""], specifications=["STRAP: quokka", "wattage: quokka"])

    assert fitted.predict_proba(unseen).argmax(axis=1).tolist() == [0, 1]


def test_word_of_a_name_that_was_never_seen_is_known_by_its_letters():
    fitted = alike_but_for(names=["bluetooth", "cotton"] * 4)

    unseen = batch_of_texts(["", ""], names=["bluetoothed", "cottonwool"])

    assert fitted.predict_proba(unseen).argmax(axis=1).tolist() == [0, 1]


def test_products_of_descriptions_alone_are_learned():
    fitted = alike_but_for()

    assert set(fitted.spaces_) == {"words"}
    assert fitted.predict_proba(batch_of_texts(["sold"])) == pytest.approx(np.full((1, 2), 1 / 2))


def test_product_without_a_known_term_gets_the_bias():
    batch, labels = easy_catalogue()
    fitted = build(settings).fit(batch, labels, ignore_progress)

    answers = fitted.predict_proba(batch_of_texts(["zyzzyva", ""]))

    bias = np.exp(fitted.classifier_.intercept_)
    assert answers == pytest.approx(np.tile(bias / bias.sum(), (2, 1)))


def test_products_without_words_are_refused_in_words():
    with pytest.raises(NotEnoughDataError, match="import names or descriptions"):
        build(settings).fit(batch_of_texts(["", "the"]), np.array([1, 2]), ignore_progress)


def test_embedding_keeps_distances():
    batch, labels = easy_catalogue(30, n_each=8)
    fitted = build(settings).fit(batch, labels, ignore_progress)

    embedding = fitted.embed(batch)

    column = np.argsort(labels, kind="stable").reshape(30, 8)
    within = np.linalg.norm(embedding[column[:, 0]] - embedding[column[:, 1]], axis=1)
    between = np.linalg.norm(embedding[column[:-1, 0]] - embedding[column[1:, 0]], axis=1)
    assert embedding.shape == (240, 180)
    assert within.mean() < 0.8 * between.mean()


def test_many_categories_get_fewer_terms(monkeypatch):
    monkeypatch.setattr("ml.text.tfidf_linear.AT_MOST_WEIGHTS", 4 * 3 * 5)
    batch, labels = easy_catalogue()

    fitted = build(settings).fit(batch, labels, ignore_progress)

    assert len(fitted.spaces_["words"].terms) == 5


def test_pieces_of_a_word_end_at_its_ends():
    assert pieces("É5") == [" e5", "e5 ", " e5 "]
    assert pieces("") == []


def test_keys_are_read_up_to_the_first_colon():
    assert keys("Ratio: 16:9; Colour : red; plain; ") == ["ratio", "colour"]
    assert keys("") == []
