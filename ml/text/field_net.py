"""The field-aware net: the average over words, told in which field of the product a term stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contract import PipelineSettings, ProductBatch
from ml.text.cleaning import stems
from ml.text.embedding_net import AVERAGE
from ml.text.network import Layout, TextNetwork, Texts, encode_weighted, words
from ml.text.tfidf import words_and_pairs
from ml.text.tfidf_linear import keys, pieces
from ml.text.vocabulary import Vocabulary

PIECES_OF = 200  # so many characters of the name are cut into pieces
# Factors on TF-IDF: there are ten pieces to a word, and few keys beside the words of a text.
FACTORS = {"piece:": 0.3, "key:": 8.0}


def read_fields(batch: ProductBatch) -> list[list[str]]:
    """Return words and pairs of all text, and by field: name, keys of specifications, pieces.

    The pieces of the name, 3 to 5 characters of a word, know it in another form, or within
    another word ("wallclock").
    """
    return [
        [
            *words_and_pairs(found),
            *_marked("name", words_and_pairs(stems(name))),
            *_marked("key", keys(specifications)),
            *_marked("piece", pieces(name[:PIECES_OF])),
        ]
        for found, name, specifications in zip(
            words(batch), batch.names, batch.specifications, strict=True
        )
    ]


def _marked(field: str, terms: list[str]) -> list[str]:
    return [f"{field}:{term}" for term in terms]


def encode_fields(texts: Texts, vocabulary: Vocabulary, length: int) -> list[NDArray[Any]]:
    """Return terms and weights, each field's TF-IDF times its factor."""
    marks = ("".join(term.partition(":")[:2]) for term in vocabulary.terms)
    factors = np.array([FACTORS.get(mark, 1.0) for mark in marks], dtype=np.float32)
    return encode_weighted(texts, Vocabulary(vocabulary.terms, vocabulary.rarity * factors), length)


# Factors, rate and epochs were chosen on inner folds of the study's sample by log loss after
# temperature; AVERAGE's rate and epochs won over 0.003 and 6.
FIELDS: Layout = replace(
    AVERAGE,
    name="field_net",
    read=read_fields,
    encode=encode_fields,
    ignores_padding=True,
    n_seeds=3,
)


def build(settings: PipelineSettings) -> TextNetwork:
    """Make the field-aware net."""
    return TextNetwork(settings, FIELDS)
