"""The study's simple network: Embedding, an average or Flatten, and Dense with a softmax."""

from __future__ import annotations

import keras

from ml.contract import PipelineSettings, ProductBatch
from ml.text.cleaning import stems
from ml.text.network import (
    N_DIMENSIONS,
    Layout,
    TextNetwork,
    encode_sequences,
    encode_weighted,
    words,
)
from ml.text.tfidf import words_and_pairs


def read_terms(batch: ProductBatch) -> list[list[str]]:
    """Return words, pairs of neighbours, and the name's words once more as terms of their own.

    A word of the name says what the product is; the same word in a description may only say what
    it goes with ("suitable for laptops").
    """
    return [
        [*words_and_pairs(found), *(f"name:{word}" for word in stems(name))]
        for found, name in zip(words(batch), batch.names, strict=True)
    ]


def build_average(n_ids: int, length: int, n_categories: int) -> keras.Model:
    """Embedding, average by TF-IDF weight, Dense; whole words are dropped out while training."""
    ids = keras.Input((None,), dtype="int32")
    weights = keras.Input((None,))
    vectors = keras.layers.Embedding(n_ids, N_DIMENSIONS)(ids)
    average = keras.layers.Dot(axes=1)([keras.layers.Dropout(0.2)(weights), vectors])
    average = keras.layers.Dropout(0.3)(average)
    return keras.Model(
        [ids, weights], keras.layers.Dense(n_categories, activation="softmax")(average)
    )


def _build_flatten(n_ids: int, length: int, n_categories: int) -> keras.Model:
    """Embedding, Flatten, Dense, as the study has it."""
    return keras.Sequential(
        [
            keras.Input((length,), dtype="int32"),
            keras.layers.Embedding(n_ids, N_DIMENSIONS),
            keras.layers.Flatten(),
            keras.layers.Dense(n_categories, activation="softmax"),
        ]
    )


# Epochs, rate, smoothing and dropout were chosen on inner folds of the study's sample by log
# loss after temperature; accuracy is flat around them.
AVERAGE = Layout(
    name="embedding_net",
    read=read_terms,
    encode=encode_weighted,
    build=build_average,
    smallest_count=2,
    longest=400,  # 99 % of the sample's texts have fewer distinct terms
    epochs=10,
    learning_rate=1e-2,
    label_smoothing=0.05,
)
FLATTEN = Layout(
    name="embedding_net_flatten",
    read=words,
    encode=encode_sequences,
    build=_build_flatten,
    smallest_count=1,
    longest=600,  # the sample's longest text has 591 stems
    epochs=10,
    learning_rate=1e-3,
)


def build(settings: PipelineSettings) -> TextNetwork:
    """Make the default text branch: the average over words."""
    return TextNetwork(settings, AVERAGE)


def build_flatten(settings: PipelineSettings) -> TextNetwork:
    """Make the study's simple RNN, which holds no recurrence: it keeps the study's name."""
    return TextNetwork(settings, FLATTEN)
