"""The study's simple network: Embedding, an average or Flatten, and Dense with a softmax."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.text.cleaning import stems
from ml.text.vocabulary import Vocabulary, learn_vocabulary, sequences, weighted_terms
from ml.training import (
    columns_of,
    epochs_for,
    forward,
    load_network,
    parameters_of,
    predict,
    save_network,
    train,
    trunk_of,
)

N_DIMENSIONS = 80  # the study's
AT_MOST_TERMS = 50_000  # 16 MB of embedding; the study's sample has 10,000 in two texts or more
BATCH = 32  # Keras's own
CHUNK = 2_000  # products encoded at a time, so that memory does not grow with the catalogue
NETWORK, TERMS = "network.keras", "terms.json"

Texts = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the two variants do differently."""

    name: str
    read: Callable[[ProductBatch], list[list[str]]]
    encode: Callable[[Texts, Vocabulary, int], list[NDArray[Any]]]
    build: Callable[[int, int, int], keras.Model]
    """``(n_ids, length, n_categories)`` to an untrained network."""
    smallest_count: int
    """A term has to be in so many texts."""
    longest: int
    """So many terms of a text are read."""
    epochs: int
    learning_rate: float
    label_smoothing: float


class EmbeddingNet:
    """A network over the words of name, description and specifications.

    Parameters
    ----------
    settings
        ``seed`` and ``epochs`` are read.
    layout
        ``AVERAGE`` or ``FLATTEN``.
    """

    def __init__(self, settings: PipelineSettings, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self.categories: tuple[int, ...] = ()

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Learn the dictionary, then the network."""
        self.categories, targets = columns_of(labels)
        texts = self.layout.read(batch)
        self.vocabulary_ = learn_vocabulary(
            texts, smallest_count=self.layout.smallest_count, at_most=AT_MOST_TERMS
        )
        self.length_ = max(1, min(self.layout.longest, max(len(text) for text in texts)))
        trained = train(
            partial(self.layout.build, self.vocabulary_.n_ids, self.length_, len(self.categories)),
            self.layout.encode(texts, self.vocabulary_, self.length_),
            targets,
            learning_rate=self.layout.learning_rate,
            label_smoothing=self.layout.label_smoothing,
            epochs=self.settings.epochs or epochs_for(len(batch), BATCH, self.layout.epochs),
            batch_size=BATCH,
            seed=self.settings.seed,
            on_progress=on_progress,
        )
        self.network_, self.curve_ = trained.network, trained.curve
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; one without a known word gets the average."""
        return self._in_chunks(partial(predict, self.network_), batch)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return what the softmax layer sees of each product."""
        return self._in_chunks(partial(forward, trunk_of(self.network_)), batch)

    def _in_chunks(
        self, answer: Callable[[list[NDArray[Any]]], FloatArray], batch: ProductBatch
    ) -> FloatArray:
        parts = []
        for start in range(0, max(1, len(batch)), CHUNK):
            texts = self.layout.read(batch.take(range(start, min(start + CHUNK, len(batch)))))
            parts.append(answer(self.layout.encode(texts, self.vocabulary_, self.length_)))
        return np.concatenate(parts)

    def count_parameters(self) -> ParameterCount:
        """Count the weights of the network."""
        return parameters_of(self.network_)

    def save(self, directory: Path) -> None:
        """Write the network, the dictionary and the manifest."""
        dictionary = json.dumps(
            {
                "terms": self.vocabulary_.terms,
                "rarity": self.vocabulary_.rarity.tolist(),
            }
        )
        write_artifact(
            directory,
            pipeline=self.layout.name,
            settings={"seed": self.settings.seed, "epochs": self.settings.epochs},
            categories=self.categories,
            details={"length": self.length_},
            writers={
                NETWORK: partial(save_network, self.network_),
                TERMS: lambda path: path.write_text(dictionary, encoding="utf-8"),
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        dictionary = json.loads((directory / TERMS).read_text(encoding="utf-8"))
        self.vocabulary_ = Vocabulary(
            tuple(dictionary["terms"]), np.array(dictionary["rarity"], dtype=np.float32)
        )
        self.length_ = int(manifest.details["length"])
        self.categories = manifest.categories
        self.network_ = load_network(directory / NETWORK)
        return self


def _words(batch: ProductBatch) -> list[list[str]]:
    return [stems(text) for text in batch.texts()]


def _words_and_pairs(batch: ProductBatch) -> list[list[str]]:
    """Return words, pairs of neighbours, and the name's words once more as terms of their own.

    A word of the name says what the product is; the same word in a description may only say what
    it goes with ("suitable for laptops").
    """
    texts = []
    for words, name in zip(_words(batch), batch.names, strict=True):
        pairs = [f"{first} {second}" for first, second in pairwise(words)]
        texts.append([*words, *pairs, *(f"name:{word}" for word in stems(name))])
    return texts


def _encode_weighted(texts: Texts, vocabulary: Vocabulary, length: int) -> list[NDArray[Any]]:
    return list(weighted_terms(texts, vocabulary, length))


def _encode_sequences(texts: Texts, vocabulary: Vocabulary, length: int) -> list[NDArray[Any]]:
    return [sequences(texts, vocabulary, length)]


def _build_average(n_ids: int, length: int, n_categories: int) -> keras.Model:
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
    read=_words_and_pairs,
    encode=_encode_weighted,
    build=_build_average,
    smallest_count=2,
    longest=400,  # 99 % of the sample's texts have fewer distinct terms
    epochs=10,
    learning_rate=1e-2,
    label_smoothing=0.05,
)
FLATTEN = Layout(
    name="embedding_net_flatten",
    read=_words,
    encode=_encode_sequences,
    build=_build_flatten,
    smallest_count=1,
    longest=600,  # the sample's longest text has 591 stems
    epochs=10,
    learning_rate=1e-3,
    label_smoothing=0.0,
)


def build(settings: PipelineSettings) -> EmbeddingNet:
    """Make the default text branch: the average over words."""
    return EmbeddingNet(settings, AVERAGE)


def build_flatten(settings: PipelineSettings) -> EmbeddingNet:
    """Make the study's simple RNN, which holds no recurrence: it keeps the study's name."""
    return EmbeddingNet(settings, FLATTEN)
