"""Baselines: other pipelines that learn from a round's products and are scored on the same ones."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ml.bootstrap import Interval, cluster_ari_interval, intervals
from ml.branches import Preparable, aligned, has, why_unusable
from ml.contract import (
    Grouping,
    IntArray,
    OnProgress,
    Pipeline,
    ProductBatch,
)
from ml.errors import NotEnoughDataError
from ml.pipelines import PIPELINES, build
from ml.round_records import RoundSettings
from ml.snapshots import Snapshot
from ml.training_set import TrainingSet

METRICS = ("ari", "accuracy", "macro_f1")


@dataclass(frozen=True, slots=True)
class BaselineScore:
    """What a pipeline reached on the evaluation products of a round.

    Parameters
    ----------
    metrics
        ``ari``, ``accuracy`` and ``macro_f1``.
    ari_of
        ``clusters`` where the pipeline finds groups by itself: its ARI then compares these with the
        categories, among the products that have what it looks at. Else ``predictions``.
    n_train
        Products that it learned from.
    n_without
        Evaluation products that lack what it looks at; each was predicted the commonest category.
    seconds
        Wall time of fitting and predicting, features of images left out where they were kept.
    """

    metrics: dict[str, Interval]
    ari_of: Literal["predictions", "clusters"]
    n_train: int
    n_without: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as they are stored."""
        return {
            **{name: self.metrics[name].as_dict() for name in METRICS},
            "ari_of": self.ari_of,
            "n_train": self.n_train,
            "n_without": self.n_without,
            "seconds": self.seconds,
        }


def score_baseline(
    name: str, snapshot: Snapshot, settings: RoundSettings, on_progress: OnProgress
) -> BaselineScore:
    """Fit a row of ``PIPELINES`` on a round's training products and score it as the round was.

    It is fitted once and not calibrated, which changes neither of the metrics: they look at the
    likeliest category alone.

    Raises
    ------
    MlError
        If there is no such row, its weights are missing, or it has too little to learn from.
    """
    pipeline = build(name, replace(settings.pipeline, seed=settings.seed))
    training = TrainingSet.of(snapshot)
    modality = PIPELINES[name].modality
    learned = np.flatnonzero(has(modality, training.batch))
    _check(modality, training)
    rows, _ = snapshot.evaluation_rows(settings.min_evaluation_labels)
    scored = snapshot.batch.take(rows)
    usable = np.flatnonzero(has(modality, scored))

    if isinstance(pipeline, Preparable):
        pipeline.prepare(snapshot.batch, on_progress)
    start = time.perf_counter()
    pipeline.fit(training.batch.take(learned), training.labels[learned], on_progress)
    counts = np.bincount(training.columns, minlength=len(snapshot.categories))
    probabilities = np.tile(counts / counts.sum(), (len(rows), 1))
    probabilities[usable] = aligned(pipeline, scored.take(usable), snapshot.categories)
    columns, groups = snapshot.columns_of(snapshot.targets()[rows]), snapshot.groups[rows]
    found = _groups(pipeline, scored.take(usable))
    seconds = time.perf_counter() - start

    metrics = intervals(
        columns, probabilities, groups, n_resamples=settings.n_resamples, seed=settings.seed
    )
    if found is not None:
        metrics["ari"] = cluster_ari_interval(
            [(columns[usable], found, groups[usable])],
            n_resamples=settings.n_resamples,
            seed=settings.seed,
        )
    return BaselineScore(
        metrics={metric: metrics[metric] for metric in METRICS},
        ari_of="predictions" if found is None else "clusters",
        n_train=len(learned),
        n_without=len(rows) - len(usable),
        seconds=round(seconds, 3),
    )


def _check(modality: Literal["text", "image", "both"], training: TrainingSet) -> None:
    if modality == "both":  # says itself what its branches lack
        return
    reason = why_unusable(modality, training.batch, training.labels, training.groups)
    if reason is not None:
        raise NotEnoughDataError(f"It cannot learn: {reason}.")


def _groups(pipeline: Pipeline, batch: ProductBatch) -> IntArray | None:
    return pipeline.clusters(batch) if isinstance(pipeline, Grouping) else None
