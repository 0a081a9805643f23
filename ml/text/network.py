"""A network over the terms of a text: what its variants share, from dictionary to file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    Epoch,
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.text.chunks import in_chunks
from ml.text.cleaning import stems
from ml.text.vocabulary import Vocabulary, learn_vocabulary, lengths_of, sequences, weighted_terms
from ml.training import (
    Trained,
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

N_DIMENSIONS = 80  # of a term's vector; the study's
AT_MOST_TERMS = 50_000  # 16 MB of embedding; the study's sample has 10,000 in two texts or more
BATCH = 32  # Keras's own
TERMS = "terms.json"

Texts = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the variants do differently."""

    name: str
    read: Callable[[ProductBatch], list[list[str]]]
    encode: Callable[[Texts, Vocabulary, int], list[NDArray[Any]]]
    """Ids first; what else the network takes after them."""
    build: Callable[[int, int, int], keras.Model]
    """``(n_ids, length, n_categories)`` to an untrained network."""
    smallest_count: int
    """A term has to be in so many texts."""
    longest: int
    """So many terms of a text are read."""
    epochs: int
    learning_rate: float
    label_smoothing: float = 0.0
    patience: int | None = None
    """As for ``ml.training.train``."""
    ignores_padding: bool = False
    """Whether batches may be cut to their longest text, as padding changes no answer."""
    n_seeds: int = 1
    """So many networks are trained, from seeds one apart, and their answers averaged."""


class TextNetwork:
    """One or several networks over the terms of a product's text.

    Parameters
    ----------
    settings
        ``seed`` and ``epochs`` are read.
    """

    takes_weights = True

    def __init__(self, settings: PipelineSettings, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self.categories: tuple[int, ...] = ()

    def fit(
        self,
        batch: ProductBatch,
        labels: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None = None,
    ) -> Self:
        """Learn the dictionary, then the networks."""
        self.categories, targets = columns_of(labels)
        texts = self.layout.read(batch)
        self.vocabulary_ = learn_vocabulary(
            texts, smallest_count=self.layout.smallest_count, at_most=AT_MOST_TERMS
        )
        self.length_ = max(1, min(self.layout.longest, max(len(text) for text in texts)))
        inputs = self.layout.encode(texts, self.vocabulary_, self.length_)
        trained = [
            self._train(turn, inputs, targets, on_progress, weights)
            for turn in range(self.layout.n_seeds)
        ]
        self.networks_ = tuple(one.network for one in trained)
        self.curve_ = mean_curve([one.curve for one in trained])
        return self

    def _train(
        self,
        turn: int,
        inputs: list[NDArray[Any]],
        targets: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None,
    ) -> Trained:
        layout = self.layout

        def tick(done: int, total: int) -> None:
            on_progress(turn * total + done, layout.n_seeds * total)

        return train(
            partial(layout.build, self.vocabulary_.n_ids, self.length_, len(self.categories)),
            inputs,
            targets,
            learning_rate=layout.learning_rate,
            label_smoothing=layout.label_smoothing,
            epochs=self.settings.epochs or epochs_for(len(targets), BATCH, layout.epochs),
            batch_size=BATCH,
            seed=self.settings.seed + turn,
            on_progress=tick,
            patience=layout.patience,
            lengths=self._lengths(inputs),
            weights=weights,
        )

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product, also for one without a known word."""
        answers = [self._answers(predict, network, batch) for network in self.networks_]
        return np.asarray(np.mean(answers, axis=0))

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return what the softmax layer sees of each product, network beside network."""
        return np.hstack(
            [self._answers(forward, trunk_of(network), batch) for network in self.networks_]
        )

    def _answers(
        self, answer: Callable[..., FloatArray], network: keras.Model, batch: ProductBatch
    ) -> FloatArray:
        def answer_to(part: ProductBatch) -> FloatArray:
            texts = self.layout.read(part)
            inputs = self.layout.encode(texts, self.vocabulary_, self.length_)
            return answer(network, inputs, self._lengths(inputs))

        return in_chunks(answer_to, batch)

    def _lengths(self, inputs: list[NDArray[Any]]) -> IntArray | None:
        return lengths_of(inputs[0]) if self.layout.ignores_padding else None

    def count_parameters(self) -> ParameterCount:
        """Count the weights of all networks."""
        counts = [parameters_of(network) for network in self.networks_]
        return ParameterCount(
            sum(count.trained for count in counts), sum(count.frozen for count in counts)
        )

    def save(self, directory: Path) -> None:
        """Write the networks, the dictionary and the manifest."""
        dictionary = json.dumps(
            {
                "terms": self.vocabulary_.terms,
                "rarity": self.vocabulary_.rarity.tolist(),
            }
        )
        names = self._file_names()
        write_artifact(
            directory,
            pipeline=self.layout.name,
            settings={"seed": self.settings.seed, "epochs": self.settings.epochs},
            categories=self.categories,
            details={"length": self.length_},
            writers={
                TERMS: lambda path: path.write_text(dictionary, encoding="utf-8"),
                **{
                    name: partial(save_network, network)
                    for name, network in zip(names, self.networks_, strict=True)
                },
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
        self.networks_ = tuple(load_network(directory / name) for name in self._file_names())
        return self

    def _file_names(self) -> list[str]:
        return [
            "network.keras",
            *(f"network{at}.keras" for at in range(2, self.layout.n_seeds + 1)),
        ]


def mean_curve(curves: Sequence[tuple[Epoch, ...]]) -> tuple[Epoch, ...]:
    """Return the mean loss of each epoch over the networks that reached it."""
    means = []
    for at in range(max(len(curve) for curve in curves)):
        reached = [curve[at] for curve in curves if at < len(curve)]
        held_out = [one.held_out_loss for one in reached if one.held_out_loss is not None]
        means.append(
            Epoch(
                float(np.mean([one.loss for one in reached])),
                float(np.mean(held_out)) if held_out else None,
            )
        )
    return tuple(means)


def words(batch: ProductBatch) -> list[list[str]]:
    """Return the stems of name, description and specifications of each product."""
    return [stems(text) for text in batch.texts()]


def encode_weighted(texts: Texts, vocabulary: Vocabulary, length: int) -> list[NDArray[Any]]:
    """Return distinct terms and their TF-IDF weights."""
    return list(weighted_terms(texts, vocabulary, length))


def encode_sequences(texts: Texts, vocabulary: Vocabulary, length: int) -> list[NDArray[Any]]:
    """Return terms in their order."""
    return [sequences(texts, vocabulary, length)]
