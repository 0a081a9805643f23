"""The ``PIPELINES`` table: every way from products to probabilities, found by its name.

A builder is a dotted name resolved on use, so that a page can list pipelines without loading a
model library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Literal, Protocol, Self, cast

from ml.artifacts import Manifest, read_artifact
from ml.contract import Pipeline, PipelineSettings
from ml.errors import MlError

__all__ = [
    "PIPELINES",
    "PipelineRow",
    "PipelineSettings",
    "backbone_problem",
    "build",
    "check_branch",
    "fetch_weights",
    "load",
]


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """One pipeline: ``builder`` names a function from ``PipelineSettings`` to an unfitted one."""

    name: str
    title: str
    modality: Literal["text", "image", "both"]
    builder: str


PIPELINES: dict[str, PipelineRow] = {
    row.name: row
    for row in (
        PipelineRow("embedding_net", "Average over words", "text", "ml.text.embedding_net:build"),
        PipelineRow(
            "embedding_net_flatten", "Simple RNN", "text", "ml.text.embedding_net:build_flatten"
        ),
        PipelineRow("bilstm", "Bidirectional RNN", "text", "ml.text.bilstm:build"),
        PipelineRow("field_net", "Field-aware net", "text", "ml.text.field_net:build"),
        PipelineRow("bag_of_words", "Bag of words", "text", "ml.text.bag_of_words:build"),
        PipelineRow("lda", "LDA topics", "text", "ml.text.topics:build_lda"),
        PipelineRow("nmf", "NMF topics", "text", "ml.text.topics:build_nmf"),
        PipelineRow(
            "lda_unsupervised",
            "LDA topics without labels",
            "text",
            "ml.text.topics:build_lda_unsupervised",
        ),
        PipelineRow(
            "nmf_unsupervised",
            "NMF topics without labels",
            "text",
            "ml.text.topics:build_nmf_unsupervised",
        ),
        PipelineRow(
            "tfidf_linear",
            "TF-IDF and logistic regression",
            "text",
            "ml.text.tfidf_linear:build",
        ),
        PipelineRow("text_pair", "Average over words and TF-IDF", "text", "ml.text.pair:build"),
        PipelineRow("backbone", "Frozen backbone", "image", "ml.images.backbone:build"),
        PipelineRow(
            "backbone_flatten", "VGG16 transfer", "image", "ml.images.backbone:build_flatten"
        ),
        PipelineRow(
            "backbone_average",
            "Frozen backbone, pooled",
            "image",
            "ml.images.backbone:build_average",
        ),
        PipelineRow("cnn", "CNN from scratch", "image", "ml.images.cnn:build"),
        PipelineRow("cnn_plain", "CNN", "image", "ml.images.cnn:build_plain"),
        PipelineRow(
            "cnn_augmented", "CNN with augmentation", "image", "ml.images.cnn:build_augmented"
        ),
        PipelineRow(
            "visual_words", "SIFT visual words", "image", "ml.images.visual_word_groups:build"
        ),
        PipelineRow(
            "visual_words_linear",
            "SIFT visual words and a linear classifier",
            "image",
            "ml.images.visual_word_classifier:build",
        ),
        PipelineRow(
            "fusion_mean",
            "Mean of simple RNN and VGG16 transfer",
            "both",
            "ml.fused_plans:build_mean",
        ),
        PipelineRow(
            "fusion_default",
            "Calibrated fusion (the product's default)",
            "both",
            "ml.fused_plans:build_default",
        ),
        PipelineRow("fusion_of_three", "Fusion of three", "both", "ml.fused_plans:build_of_three"),
        PipelineRow(
            "fusion_chosen",
            "Recipe chosen on inner folds",
            "both",
            "ml.fused_plans:build_chosen",
        ),
    )
}


class _Restorable(Pipeline, Protocol):
    def restore(self, directory: Path, manifest: Manifest) -> Self: ...


def build(name: str, settings: PipelineSettings) -> Pipeline:
    """Make an unfitted pipeline.

    Raises
    ------
    MlError
        If no row has that name.
    """
    return _build(name, settings)


def _build(name: str, settings: PipelineSettings) -> _Restorable:
    row = PIPELINES.get(name)
    if row is None:
        raise MlError(f"there is no pipeline {name!r}; there are: {', '.join(PIPELINES)}")
    builder = cast("Callable[[PipelineSettings], _Restorable]", resolve_name(row.builder))
    return builder(settings)


def check_branch(modality: Literal["text", "image"], name: str) -> None:
    """Check that a pipeline can be the text or the image branch of a model.

    Raises
    ------
    MlError
        If it does not exist, or looks at something else; the message lists those that can.
    """
    fitting = [row.name for row in PIPELINES.values() if row.modality == modality]
    if name not in fitting:
        raise MlError(
            f"{name!r} cannot be the {modality} branch of a round; there are: {', '.join(fitting)}"
        )


def load(directory: Path, settings: PipelineSettings) -> Pipeline:
    """Read a fitted pipeline; ``settings`` give the paths, the manifest all that was trained with.

    Raises
    ------
    ArtifactError
        If what lies in ``directory`` is missing, damaged or of another format.
    """
    manifest = read_artifact(directory)
    known = {field.name for field in fields(PipelineSettings)}
    stored = {name: value for name, value in manifest.settings.items() if name in known}
    if stored.get("image_size_px") is not None:
        height, width = stored["image_size_px"]
        stored["image_size_px"] = (int(height), int(width))
    return _build(manifest.pipeline, replace(settings, **stored)).restore(directory, manifest)


def backbone_problem(settings: PipelineSettings) -> str | None:
    """Say in plain words why the backbone can't run, or return None where it can."""
    find = cast(
        "Callable[[PipelineSettings], str | None]", resolve_name("ml.images.weights:problem")
    )
    return find(settings)


def fetch_weights(backbone: str) -> Path:
    """Let Keras download a backbone's ImageNet weights; see ``ml.images.weights``."""
    fetch = cast("Callable[[str], Path]", resolve_name("ml.images.weights:fetch"))
    return fetch(backbone)
