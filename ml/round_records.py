"""What a round is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ml.contract import FloatArray
from ml.fusion import Fusion
from ml.pipelines import PipelineSettings


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """What a round is run with; the same snapshot and settings give the same model.

    Parameters
    ----------
    text_pipeline, image_pipeline
        Names in ``PIPELINES``.
    pipeline
        Settings of both; its seed gives way to ``seed``.
    n_folds
        For out-of-fold probabilities; very slow pipelines take fewer.
    n_resamples
        Of the bootstrap.
    min_evaluation_labels
        Labels in the evaluation set from which the metrics need no source categories.
    """

    text_pipeline: str = "text_pair"
    image_pipeline: str = "backbone"
    pipeline: PipelineSettings = field(default_factory=PipelineSettings)
    seed: int = 0
    n_folds: int = 5
    n_resamples: int = 1000
    min_evaluation_labels: int = 30

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any], here: PipelineSettings) -> Self:
        """Return the settings of an earlier round, with the paths of this installation."""
        stored = dict(manifest["settings"])
        pipeline = dict(stored.pop("pipeline"))
        if pipeline["image_size_px"] is not None:
            height, width = pipeline["image_size_px"]
            pipeline["image_size_px"] = (int(height), int(width))
        return cls(**stored, pipeline=replace(here, **pipeline))


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """What a round found. Arrays have shape ``(n_products, n_categories)``, as in the snapshot.

    Products that were trained on carry their out-of-fold probabilities (a model repeats what it
    has learned by heart, so a wrong source category would look right), the others the final
    model's. ``text`` and ``image`` are NaN where the modality is missing.

    Parameters
    ----------
    metrics
        ``{"value", "low", "high", "n"}`` by name: of the final model, on evaluation products alone.
        The first three are None where nothing can be said.
    confusion
        Counts on the same products: true categories in rows, predicted ones in columns.
    is_provisional
        Whether source categories stood in for missing labels in the metrics.
    n_labels, n_source_categories
        Training products of each kind.
    n_evaluation, n_evaluation_labels
        All products of the evaluation set, and those of them that have a label.
    text_pipeline, image_pipeline
        What was trained; None where the other branch runs alone.
    fallback
        Why another pipeline than the chosen one took the image branch, or None.
    seconds
        Wall time of each stage.
    manifest
        As written to ``manifest.json``.
    """

    fused: FloatArray
    text: FloatArray
    image: FloatArray
    metrics: dict[str, dict[str, float | int | None]]
    confusion: list[list[int]]
    is_provisional: bool
    n_labels: int
    n_source_categories: int
    n_evaluation: int
    n_evaluation_labels: int
    text_pipeline: str | None
    image_pipeline: str | None
    fusion: Fusion
    fallback: str | None
    seconds: dict[str, float]
    manifest: dict[str, Any]
