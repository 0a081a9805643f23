"""The study's SIFT system: groups of photos that k-means finds among bags of visual words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline as Steps
from threadpoolctl import threadpool_limits

from ml.artifacts import Manifest, write_artifact
from ml.clustering import N_STARTS, category_shares
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

NAME = "visual_words"
GROUPS, SHARES = "groups.skops", "shares"
VARIANCE = 0.99  # that PCA keeps of the histograms


class VisualWordGroups:
    """Groups found without labels; a product gets its group's shares of the categories.

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
        """Learn words and as many groups as there are categories; only then count labels."""
        self.categories, _ = columns_of(labels)
        self.words_ = learn_words(self.source, batch, self.settings.seed, on_progress)
        rows, found = histograms(
            self.source, batch, self.words_, is_soft=False, on_progress=on_progress
        )
        targets = only_readable(self.categories, labels, found)
        self.groups_ = _find_groups(rows[found], len(self.categories), self.settings.seed)
        memberships = np.eye(self.groups_[-1].n_clusters)[self.groups_.predict(rows[found])]
        self.shares_ = category_shares(memberships, targets, len(self.categories))
        return self

    def clusters(self, batch: ProductBatch) -> IntArray:
        """Return the group of each product; those without a key point share one."""
        return self._groups_of(self.embed(batch))

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return the shares of each product's group; uniform where there is no key point."""
        rows, found = histograms(self.source, batch, self.words_, is_soft=False)
        return with_uniform_rows(self.shares_[self._groups_of(rows[found])], found)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the histograms of visual words; zeros where there is no key point."""
        rows, _ = histograms(self.source, batch, self.words_, is_soft=False)
        return rows

    def _groups_of(self, rows: FloatArray) -> IntArray:
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        return np.asarray(self.groups_.predict(rows), dtype=np.int64)

    def count_parameters(self) -> ParameterCount:
        """Count words, principal components, middles of groups and shares."""
        learned = [self.words_, self.groups_[-1].cluster_centers_, self.shares_]
        if len(self.groups_) > 1:
            learned += [self.groups_[0].components_, self.groups_[0].mean_]
        return ParameterCount(sum(array.size for array in learned))

    def save(self, directory: Path) -> None:
        """Write the words, the groups and the manifest, which holds the shares."""
        write_artifact(
            directory,
            pipeline=NAME,
            settings={
                "seed": self.settings.seed,
                "image_size_px": self.source.image_size_px,
            },
            categories=self.categories,
            details={SHARES: self.shares_.tolist()},
            writers={
                WORDS: partial(save_words, self.words_),
                GROUPS: partial(save_estimator, estimator=self.groups_),
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.words_ = load_words(directory / WORDS)
        self.groups_ = load_estimator(directory / GROUPS, Steps)
        self.shares_ = np.array(manifest.details[SHARES], dtype=np.float64)
        return self


def _find_groups(rows: FloatArray, n_groups: int, seed: int) -> Steps:
    """Fit PCA and k-means, or k-means alone where all rows are one."""
    n_distinct = len(np.unique(rows, axis=0))
    grouping = KMeans(min(n_groups, n_distinct), n_init=N_STARTS, random_state=seed)
    reduced = [("pca", PCA(VARIANCE, random_state=seed))] if n_distinct > 1 else []
    with threadpool_limits(1):  # threads cost more than they save on rows of 140
        return Steps([*reduced, ("k_means", grouping)]).fit(rows)


def build(settings: PipelineSettings) -> VisualWordGroups:
    """Make the study's SIFT bag of visual words."""
    return VisualWordGroups(settings)
