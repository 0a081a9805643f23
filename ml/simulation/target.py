"""The target of a split: what the study's fusion reaches with every label there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.branches import Preparable, aligned
from ml.contract import OnProgress, PipelineSettings
from ml.errors import NotEnoughDataError
from ml.metrics import accuracy, ari_of_predictions
from ml.pipelines import build
from ml.simulation.records import Target
from ml.study.catalogue import StudyProducts
from ml.study.protocols import Split

PIPELINE = "fusion_mean"


def measure_target(
    products: StudyProducts,
    split: Split,
    settings: PipelineSettings,
    *,
    repeat: int,
    on_progress: OnProgress,
) -> Target:
    """Fit the plain mean of text and image network on one side, and score it on the other.

    Raises
    ------
    NotEnoughDataError
        If one side has no two categories to tell apart, or the target is no better than chance.
    WeightsUnavailableError
        If the backbone has no weights.
    """
    batch = products.batch
    usable = np.asarray(batch.has_text() | batch.has_image())
    train, test = split.train[usable[split.train]], split.test[usable[split.test]]
    pipeline = build(PIPELINE, replace(settings, seed=settings.seed + repeat))
    if isinstance(pipeline, Preparable):
        pipeline.prepare(batch, on_progress)
    pipeline.fit(batch.take(train), products.labels[train], on_progress)
    columns = tuple(range(len(products.categories)))
    predicted = aligned(pipeline, batch.take(test), columns).argmax(axis=1)
    true = products.labels[test]
    ari = ari_of_predictions(true, predicted)
    if ari is None or ari <= 0:
        raise NotEnoughDataError(
            f"with all {len(train)} labels the model that sets the target tells the categories of "
            f"{len(test)} products no better apart than chance: there is nothing to reach"
        )
    return Target(repeat, ari, accuracy(true, predicted) or 0.0, len(train), len(test))
