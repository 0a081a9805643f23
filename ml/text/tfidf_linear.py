"""TF-IDF of words, of the name's letters and of specification keys, and a logistic regression."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.random_projection import SparseRandomProjection

from ml.artifacts import Manifest, Writer, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.errors import NotEnoughDataError
from ml.sklearn_files import load_estimator, save_estimator
from ml.text.chunks import in_chunks
from ml.text.cleaning import fold_accents, stems
from ml.text.tfidf import NO_WORDS, TermSpace, learn_space
from ml.training import columns_of

# Kinds of terms, their weights, the smallest count and the penalty were chosen on inner folds of
# the study's sample by log loss; see docs/pipelines.md.
SMALLEST_COUNT = 2
INVERSE_PENALTY = 40.0
TURNS = 1_000  # the sample needs 60
AT_MOST_TERMS = 50_000  # of a kind
AT_MOST_WEIGHTS = 5_000_000  # of all terms in all categories; the solver keeps 20 copies: 0.8 GB
PIECE_LENGTHS = (3, 4, 5)
N_DIMENSIONS = 200  # of an embedding: distances of unit vectors are off by about 5 %
CLASSIFIER = "classifier.skops"


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of terms: how to read them, and how much a match counts beside the other kinds."""

    name: str
    read: Callable[[ProductBatch], Iterator[list[str]]]
    weight: float


class TfidfLinear:
    """Logistic regression over the terms of all fields.

    Parameters
    ----------
    settings
        None is read: the solver leaves nothing to chance.
    """

    takes_weights = True

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        self.categories: tuple[int, ...] = ()

    def fit(
        self,
        batch: ProductBatch,
        labels: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None = None,
    ) -> Self:
        """Learn the terms of each kind, then what each says for each category.

        Raises
        ------
        NotEnoughDataError
            If all labels are the same, or no product has a term.
        """
        self.categories, targets = columns_of(labels)
        n_steps = len(READINGS) + 1
        share = AT_MOST_WEIGHTS // (len(self.categories) * len(READINGS))
        self.spaces_: dict[str, TermSpace] = {}
        for done, reading in enumerate(READINGS, start=1):
            # A catalogue without specifications is no mistake.
            with contextlib.suppress(NotEnoughDataError):
                self.spaces_[reading.name] = learn_space(
                    reading.read(batch),
                    smallest_count=SMALLEST_COUNT,
                    at_most=max(1, min(AT_MOST_TERMS, share)),
                )
            on_progress(done, n_steps)
        if not self.spaces_:
            raise NotEnoughDataError(NO_WORDS)
        self.classifier_ = LogisticRegression(C=INVERSE_PENALTY, max_iter=TURNS)
        self.classifier_.fit(self._weigh(batch), targets, sample_weight=weights)
        on_progress(n_steps, n_steps)
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; one without a known term gets the bias."""
        if not len(batch):
            return np.zeros((0, len(self.categories)))
        return in_chunks(lambda part: self.classifier_.predict_proba(self._weigh(part)), batch)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the weighted terms, brought to fewer columns at random with their distances.

        References
        ----------
        Li, Hastie, Church (2006), Very Sparse Random Projections.
        """
        n_terms = self.classifier_.n_features_in_
        n_dimensions = min(N_DIMENSIONS, n_terms)
        if not len(batch):
            return np.zeros((0, n_dimensions))
        projection = SparseRandomProjection(n_dimensions, random_state=0)
        projection.fit(csr_array((1, n_terms)))
        return in_chunks(lambda part: projection.transform(self._weigh(part)).toarray(), batch)

    def _weigh(self, batch: ProductBatch) -> csr_array:
        return csr_array(
            hstack(
                [
                    reading.weight
                    * self.spaces_[reading.name].weigh(reading.read(batch), is_sublinear=True)
                    for reading in READINGS
                    if reading.name in self.spaces_
                ]
            )
        )

    def count_parameters(self) -> ParameterCount:
        """Count the weights and biases of the regression."""
        return ParameterCount(self.classifier_.coef_.size + self.classifier_.intercept_.size)

    def save(self, directory: Path) -> None:
        """Write the terms of each kind, the regression and the manifest."""
        writers: dict[str, Writer] = {
            _file_of(name): partial(_write_text, text=space.as_json())
            for name, space in self.spaces_.items()
        }
        write_artifact(
            directory,
            pipeline="tfidf_linear",
            settings={},
            categories=self.categories,
            details={"kinds": list(self.spaces_)},
            writers=writers | {CLASSIFIER: partial(save_estimator, estimator=self.classifier_)},
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.spaces_ = {
            name: TermSpace.from_json((directory / _file_of(name)).read_text(encoding="utf-8"))
            for name in manifest.details["kinds"]
        }
        self.classifier_ = load_estimator(directory / CLASSIFIER, LogisticRegression)
        return self


def pieces(text: str) -> list[str]:
    """Return the runs of 3 to 5 signs within the words of a text, a blank at either end.

    They know words that differ by an ending, a hyphen or a model number.

    Examples
    --------
    >>> pieces("A mug")
    [' a ', ' mu', 'mug', 'ug ', ' mug', 'mug ', ' mug ']
    """
    words = [f" {word} " for word in fold_accents(text).split()]
    return [
        word[start : start + length]
        for word in words
        for length in PIECE_LENGTHS
        for start in range(len(word) - length + 1)
    ]


def keys(specifications: str) -> list[str]:
    """Return the keys of ``key: value; key: value`` in lower case.

    A seller fills in what a kind of product has: only watches have a strap material.

    Examples
    --------
    >>> keys("Strap Material: Leather; waterproof; Dial: Round")
    ['strap material', 'dial']
    """
    parts = (part.partition(":") for part in specifications.split(";"))
    return [key.strip().lower() for key, colon, _ in parts if colon]


def _read_words(batch: ProductBatch) -> Iterator[list[str]]:
    return (stems(text) for text in batch.texts())


def _read_pieces_of_names(batch: ProductBatch) -> Iterator[list[str]]:
    return (pieces(name) for name in batch.names)


def _read_keys(batch: ProductBatch) -> Iterator[list[str]]:
    return (keys(specifications) for specifications in batch.specifications)


def _file_of(kind: str) -> str:
    return f"{kind}.json"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


READINGS = (
    Reading("words", _read_words, 2**0.5),
    Reading("name_pieces", _read_pieces_of_names, 1.0),
    Reading("keys", _read_keys, 2**0.5),
)


def build(settings: PipelineSettings) -> TfidfLinear:
    """Make the linear classifier over TF-IDF."""
    return TfidfLinear(settings)
