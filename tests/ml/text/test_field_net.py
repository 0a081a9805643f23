"""The field-aware net knows in which field of a product a term stands."""

from __future__ import annotations

import numpy as np
import pytest

from ml.text.field_net import FACTORS, encode_fields, read_fields
from ml.text.network import encode_weighted
from ml.text.vocabulary import N_RESERVED, learn_vocabulary
from tests.ml.text.texts import batch_of_texts


def read(name: str = "", description: str = "", specifications: str = "") -> list[str]:
    (terms,) = read_fields(batch_of_texts([description], [name], [specifications]))
    return terms


def test_words_and_pairs_are_read_from_all_fields():
    terms = read("Red mug", "Holds tea", "Colour: Red")

    assert {"mug", "tea", "colour", "red mug", "mug hold", "tea colour"} <= set(terms)


def test_words_and_pairs_of_the_name_are_terms_of_their_own():
    terms = read("Red mug", "Holds tea")

    assert {"name:red", "name:mug", "name:red mug"} <= set(terms)
    assert "name:tea" not in terms


def test_keys_of_specifications_are_terms_of_their_own():
    terms = read(specifications="Capacity (ml): 300; Color: Red; dishwasher safe")

    assert [term for term in terms if term.startswith("key:")] == ["key:capacity (ml)", "key:color"]


def test_pieces_of_the_names_words_are_terms_of_their_own():
    pieces = [term for term in read("Öl", "Tea", "Form: Oval") if term.startswith("piece:")]

    assert pieces == ["piece: ol", "piece:ol ", "piece: ol "]


def test_a_very_long_name_is_cut_into_a_bounded_number_of_pieces():
    assert len([t for t in read("mug " * 5_000) if t.startswith("piece:")]) < 700


def test_a_product_without_text_has_no_terms():
    assert read() == []


@pytest.mark.parametrize("mark", FACTORS)
def test_each_field_weighs_its_factor_of_what_it_would(mark):
    texts = [read("mug", "a tea key", "Form: Oval"), read("tea")]
    vocabulary = learn_vocabulary(texts, at_most=100)
    of_field = np.array([term.startswith(mark) for term in vocabulary.terms])
    of_words = np.array([":" not in term for term in vocabulary.terms])

    (ids, weighted), (plain_ids, plain) = (
        encode(texts[:1], vocabulary, 100) for encode in (encode_fields, encode_weighted)
    )

    def share(ids: np.ndarray, weights: np.ndarray) -> float:
        numbers = ids[0] - N_RESERVED
        return float(weights[0][of_field[numbers]].sum() / weights[0][of_words[numbers]].sum())

    assert share(ids, weighted) == pytest.approx(FACTORS[mark] * share(plain_ids, plain))
