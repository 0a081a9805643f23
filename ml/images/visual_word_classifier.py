"""A linear classifier on bags of visual words: what they hold once labels are used."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.images.key_points import KeyPointDescriptors
from ml.images.uniform import only_readable, with_uniform_rows
from ml.images.visual_words import WORDS, histograms, learn_words, load_words, save_words
from ml.sklearn_files import load_estimator, save_estimator
from ml.training import columns_of

NAME = "visual_words_linear"
CLASSIFIER = "classifier.skops"
C = 5.0  # of 1 to 100 the best accuracy over 3 seeds and 5 folds of the study's sample
AT_MOST_TURNS = 1_000


class VisualWordClassifier:
    """Logistic regression on histograms of visual words, each key point shared by 4 words.

    Parameters
    ----------
    settings
        ``seed``, and those of ``KeyPointDescriptors``.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        self.source = KeyPointDescriptors(settings)
        self.categories: tuple[int, ...] = ()

    def prepare(self, batch: ProductBatch, on_progress: OnProgress) -> None:
        """Find the key points of all images once, where the settings name a folder for them."""
        self.source.compute(batch, on_progress)

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Learn words, then the classifier from the products with a key point."""
        self.categories, _ = columns_of(labels)
        self.words_ = learn_words(self.source, batch, self.settings.seed, on_progress)
        rows, found = histograms(
            self.source, batch, self.words_, is_soft=True, on_progress=on_progress
        )
        targets = only_readable(self.categories, labels, found)
        with threadpool_limits(1):  # threads cost more than they save on rows of 140
            self.classifier_ = LogisticRegression(C=C, max_iter=AT_MOST_TURNS)
            self.classifier_.fit(rows[found], targets)
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; uniform where there is no key point."""
        rows, found = histograms(self.source, batch, self.words_, is_soft=True)
        answers = np.zeros((len(batch), len(self.categories)))[found]
        if found.any():
            answers[:, self.classifier_.classes_] = self.classifier_.predict_proba(rows[found])
        return with_uniform_rows(answers, found)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the histograms of visual words; zeros where there is no key point."""
        rows, _ = histograms(self.source, batch, self.words_, is_soft=True)
        return rows

    def count_parameters(self) -> ParameterCount:
        """Count words and weights of the classifier."""
        learned = (self.words_, self.classifier_.coef_, self.classifier_.intercept_)
        return ParameterCount(sum(array.size for array in learned))

    def save(self, directory: Path) -> None:
        """Write the words, the classifier and the manifest."""
        write_artifact(
            directory,
            pipeline=NAME,
            settings={
                "seed": self.settings.seed,
                "image_size_px": self.source.image_size_px,
            },
            categories=self.categories,
            details={},
            writers={
                WORDS: partial(save_words, self.words_),
                CLASSIFIER: partial(save_estimator, estimator=self.classifier_),
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.words_ = load_words(directory / WORDS)
        self.classifier_ = load_estimator(directory / CLASSIFIER, LogisticRegression)
        return self


def build(settings: PipelineSettings) -> VisualWordClassifier:
    """Make the linear classifier on visual words."""
    return VisualWordClassifier(settings)
