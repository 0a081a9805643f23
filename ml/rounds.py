"""One retraining round: from a snapshot to a model version, its metrics and its predictions."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ml.branches import (
    FOLDS_OF_SLOW_PIPELINES,
    FittedBranch,
    Lessons,
    Modality,
    fit_branch,
    prepare,
    why_unusable,
)
from ml.choosing.targets import believe
from ml.contract import FloatArray, OnStage
from ml.errors import NotEnoughDataError
from ml.fused_model import FusedModel, Predictions
from ml.fusion import Fusion, choose_fusion, fuse, image_alone, text_alone
from ml.model_files import load_model, load_predictions, write_round
from ml.pipelines import backbone_problem, check_branch
from ml.round_records import RoundOutcome, RoundSettings
from ml.scoring import score
from ml.snapshots import NO_CATEGORY, Snapshot
from ml.stages import Stages
from ml.training_set import TrainingSet

__all__ = [
    "NO_CATEGORY",
    "FusedModel",
    "Predictions",
    "RoundOutcome",
    "RoundSettings",
    "Snapshot",
    "load_model",
    "load_predictions",
    "run_round",
]


BACKBONES = ("backbone", "backbone_flatten", "backbone_average")  # rows that need weights
FALLBACK = "cnn"


def run_round(
    snapshot: Snapshot, settings: RoundSettings, directory: Path, on_stage: OnStage
) -> RoundOutcome:
    """Train both branches, calibrate, fuse, score, predict every product, write the model.

    Parameters
    ----------
    directory
        Where the model version goes, in place of an earlier try. It appears in one step when all
        else is done: a round that fails or is cancelled leaves nothing.
    on_stage
        Told ``(stage, done, total)``; what it raises ends the round.

    Raises
    ------
    MlError
        If a branch's pipeline does not exist or looks at something else.
    NotEnoughDataError
        If there are fewer than two categories or too few products to learn from.
    """
    check_branch("text", settings.text_pipeline)
    check_branch("image", settings.image_pipeline)
    training = TrainingSet.of(snapshot)
    stages = Stages(on_stage)
    with TemporaryDirectory(prefix="shelfwise-") as scratch:
        # Without a place for features, each fold would compute them again.
        feature_dir = settings.pipeline.feature_dir or Path(scratch)
        pipeline = replace(settings.pipeline, seed=settings.seed, feature_dir=feature_dir)
        return _run(snapshot, training, replace(settings, pipeline=pipeline), directory, stages)


def _run(
    snapshot: Snapshot,
    training: TrainingSet,
    settings: RoundSettings,
    directory: Path,
    stages: Stages,
) -> RoundOutcome:
    with stages.stage("features") as on_progress:
        image_pipeline, fallback = _image_pipeline(settings)
        if _why_unusable("image", training) is None:
            prepare(image_pipeline, settings.pipeline, snapshot.batch, on_progress)
        believed = believe(training, snapshot.categories, settings.pipeline)
        training = believed.training
    text = _fit("text", settings.text_pipeline, training, snapshot, settings, stages)
    image = _fit("image", image_pipeline, training, snapshot, settings, stages)
    with stages.stage("calibrate"):
        fusion = _fuse_branches(text, image, training, settings)
        shares = np.bincount(training.columns, training.weights, minlength=len(snapshot.categories))
        model = FusedModel(
            categories=snapshot.categories,
            text=text.branch if isinstance(text, FittedBranch) else None,
            image=image.branch if isinstance(image, FittedBranch) else None,
            fusion=fusion,
            prior=shares / shares.sum(),
        )
    with stages.stage("predict") as on_progress:
        final = model.predict(snapshot.batch, on_progress)
    with stages.stage("evaluate"):
        scores = score(
            snapshot,
            final,
            min_labels=settings.min_evaluation_labels,
            n_resamples=settings.n_resamples,
            seed=settings.seed,
        )
    predictions = _with_out_of_fold(final, model, training, text, image)

    is_label = snapshot.labels != NO_CATEGORY
    counts = {
        "n_labels": int(is_label[training.rows].sum()),
        "n_source_categories": int((~is_label[training.rows]).sum()),
        "n_evaluation": int(snapshot.is_evaluation.sum()),
        "n_evaluation_labels": int((snapshot.is_evaluation & is_label).sum()),
    }
    metrics = {name: interval.as_dict() for name, interval in scores.metrics.items()}
    if model.image is None:
        fallback = None
    with stages.stage("save"):
        manifest = write_round(
            directory,
            model,
            snapshot,
            predictions,
            {
                "settings": _portable(settings),
                "metrics": metrics,
                "is_provisional": scores.is_provisional,
                "fallback": fallback,
                "n_folds": {
                    fitted.branch.modality: fitted.n_folds
                    for fitted in (text, image)
                    if isinstance(fitted, FittedBranch)
                },
                "sources": believed.as_dict(),
                **counts,
            },
        )
    return RoundOutcome(
        fused=predictions.fused,
        text=predictions.text,
        image=predictions.image,
        metrics=metrics,
        confusion=scores.confusion.tolist(),
        is_provisional=scores.is_provisional,
        text_pipeline=None if model.text is None else model.text.name,
        image_pipeline=None if model.image is None else model.image.name,
        fusion=fusion,
        fallback=fallback,
        seconds=stages.seconds,
        manifest=manifest,
        **counts,
    )


def _portable(settings: RoundSettings) -> dict[str, Any]:
    """Return the settings as JSON, without the paths, which differ between installations."""
    record = asdict(settings)
    del record["pipeline"]["feature_dir"], record["pipeline"]["weights"]
    return record


def _image_pipeline(settings: RoundSettings) -> tuple[str, str | None]:
    """Return the image pipeline that can run here, and why it is not the chosen one."""
    if settings.image_pipeline in BACKBONES:
        problem = backbone_problem(settings.pipeline)
        if problem is not None:
            return FALLBACK, (
                "The image branch is the small CNN, trained from scratch and clearly weaker, "
                f"because {problem}."
            )
    return settings.image_pipeline, None


def _why_unusable(modality: Modality, training: TrainingSet) -> str | None:
    return why_unusable(modality, training.batch, training.labels, training.groups)


def _fit(
    modality: Modality,
    name: str,
    training: TrainingSet,
    snapshot: Snapshot,
    settings: RoundSettings,
    stages: Stages,
) -> FittedBranch | str:
    """Fit a branch, or say why it cannot be."""
    reason = _why_unusable(modality, training)
    if reason is not None:
        return reason
    n_folds = min(settings.n_folds, FOLDS_OF_SLOW_PIPELINES.get(name, settings.n_folds))
    with stages.stage(modality) as on_progress:
        return fit_branch(
            modality,
            name,
            settings.pipeline,
            Lessons(training.batch, training.labels, training.weights),
            training.folds(n_folds, settings.seed),
            snapshot.categories,
            on_progress,
        )


def _fuse_branches(
    text: FittedBranch | str,
    image: FittedBranch | str,
    training: TrainingSet,
    settings: RoundSettings,
) -> Fusion:
    if isinstance(text, str):
        if isinstance(image, str):
            raise NotEnoughDataError(
                f"Neither branch can learn: {text}, and {image}. Import more products."
            )
        return image_alone(f"image alone: {text}")
    if isinstance(image, str):
        return text_alone(f"text alone: {image}")
    both = text.known & image.known
    folds = training.folds(settings.n_folds, settings.seed)
    return choose_fusion(
        text.out_of_fold[both],
        image.out_of_fold[both],
        training.columns[both],
        folds[both],
        None if training.weights is None else training.weights[both],
    )


def _with_out_of_fold(
    final: Predictions,
    model: FusedModel,
    training: TrainingSet,
    text: FittedBranch | str,
    image: FittedBranch | str,
) -> Predictions:
    """Put what models without them say of the training products in place of the final model's."""

    def of_training(fitted: FittedBranch | str) -> FloatArray:
        if isinstance(fitted, FittedBranch):
            return fitted.out_of_fold
        return np.full((len(training.rows), len(model.categories)), np.nan)

    replaced = Predictions(final.fused.copy(), final.text.copy(), final.image.copy())
    replaced.text[training.rows] = of_training(text)
    replaced.image[training.rows] = of_training(image)
    replaced.fused[training.rows] = fuse(
        of_training(text), of_training(image), model.fusion, model.prior
    )
    return replaced
