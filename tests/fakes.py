"""Pipelines that need no training to speak of, for tests of what is built on pipelines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.pipelines import PIPELINES, PipelineRow

SHARPNESS = 6.0
CENTROIDS = "centroids.json"


class CountingPipeline:
    """Nearest category by counts of tokens: words of the text, or of the image's file name."""

    fits: list[tuple[str, ...]] = []  # noqa: RUF012 - ids met in each fit, cleared by use_fakes

    def __init__(self, name: str) -> None:
        self.name = name
        self.categories: tuple[int, ...] = ()
        self.centroids_: list[dict[str, float]] = []

    def _tokens(self, batch: ProductBatch) -> list[list[str]]:
        if PIPELINES[self.name].modality == "text":
            assert batch.has_text().all(), "a text branch met a product without text"
            return [text.split() for text in batch.texts()]
        assert batch.has_image().all(), "an image branch met a product without image"
        return [path.stem.split("-")[:2] for path in batch.image_paths if path is not None]

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        CountingPipeline.fits.append(batch.ids)
        self.categories = tuple(int(label) for label in np.unique(labels))
        tokens = self._tokens(batch)
        for category in self.categories:
            counts = Counter(
                token for row in np.flatnonzero(labels == category) for token in tokens[row]
            )
            self.centroids_.append({token: n / counts.total() for token, n in counts.items()})
        on_progress(1, 1)
        return self

    def embed(self, batch: ProductBatch) -> FloatArray:
        return np.array(
            [
                [sum(centroid.get(token, 0.0) for token in tokens) for centroid in self.centroids_]
                for tokens in self._tokens(batch)
            ]
        )

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        scores = np.exp(SHARPNESS * self.embed(batch))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def count_parameters(self) -> ParameterCount:
        return ParameterCount(sum(len(centroid) for centroid in self.centroids_))

    def save(self, directory: Path) -> None:
        text = json.dumps(self.centroids_)
        write_artifact(
            directory,
            pipeline=self.name,
            settings={},
            categories=self.categories,
            details={},
            writers={CENTROIDS: lambda path: path.write_text(text, encoding="utf-8") and None},
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        self.categories = manifest.categories
        self.centroids_ = json.loads((directory / CENTROIDS).read_text(encoding="utf-8"))
        return self


def build_text(settings: PipelineSettings) -> CountingPipeline:
    return CountingPipeline("fake_text")


def build_image(settings: PipelineSettings) -> CountingPipeline:
    return CountingPipeline("fake_image")


def build_cnn(settings: PipelineSettings) -> CountingPipeline:
    return CountingPipeline("cnn")


def use_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ``fake_text`` and ``fake_image`` into the table, and a fake in the place of ``cnn``."""
    monkeypatch.setattr(CountingPipeline, "fits", [])
    for row in (
        PipelineRow("fake_text", "Words counted", "text", "tests.fakes:build_text"),
        PipelineRow("fake_image", "File names counted", "image", "tests.fakes:build_image"),
        PipelineRow("cnn", "File names counted", "image", "tests.fakes:build_cnn"),
    ):
        monkeypatch.setitem(PIPELINES, row.name, row)
