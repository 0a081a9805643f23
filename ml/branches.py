"""One branch of a model: a pipeline of text or images, its temperature, its missing products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from ml.calibration import apply_temperature, fit_temperature
from ml.contract import (
    BoolArray,
    FloatArray,
    IntArray,
    OnProgress,
    Pipeline,
    ProductBatch,
    Weighing,
)
from ml.pipelines import PipelineSettings, build
from ml.training_set import MIN_ROWS

Modality = Literal["text", "image"]

TICKS = 100  # one fit's share of the progress of a branch
# Fits that take minutes each: fewer of them, and the manifest says how many there were.
FOLDS_OF_SLOW_PIPELINES = dict.fromkeys(("bilstm", "cnn", "cnn_plain", "cnn_augmented"), 3)


@runtime_checkable
class Preparable(Protocol):
    """A pipeline with work that is the same for every fold, such as features of images."""

    def prepare(self, batch: ProductBatch, on_progress: OnProgress) -> None:
        """Do that work for all products, whether they will train or not."""
        ...


@dataclass(frozen=True, slots=True)
class Branch:
    """A fitted pipeline whose probabilities are calibrated.

    Parameters
    ----------
    modality
        What it looks at; a product without it gets no answer.
    name
        The pipeline's name in ``PIPELINES``.
    temperature
        Divides the logarithms of its probabilities.
    """

    modality: Modality
    name: str
    pipeline: Pipeline
    temperature: float

    def predict(self, batch: ProductBatch, categories: tuple[int, ...]) -> FloatArray:
        """Return calibrated probabilities in the order of ``categories``.

        Shape ``(n_products, n_categories)``, a row of NaN where the product lacks the modality.
        """
        answer = np.full((len(batch), len(categories)), np.nan)
        rows = np.flatnonzero(has(self.modality, batch))
        if len(rows):
            raw = aligned(self.pipeline, batch.take(rows), categories)
            answer[rows] = apply_temperature(raw, self.temperature)
        return answer


@dataclass(frozen=True, slots=True)
class CrossFit:
    """What a pipeline says of the very products that it learns from, when it has not met them.

    Parameters
    ----------
    out_of_fold
        Shape ``(n_training, n_categories)``: calibrated, each row from a model that has seen
        nothing of the row's group; NaN where the product lacks the modality.
    known
        Shape ``(n_training,)``: whether that model had met the row's true category at all. Where
        not, no temperature or weight can mend the row, and fits leave it out.
    temperature
        Of the lowest log loss on these rows.
    n_folds
        How many models that took.
    """

    out_of_fold: FloatArray
    known: BoolArray
    temperature: float
    n_folds: int


@dataclass(frozen=True, slots=True)
class FittedBranch:
    """A branch, and what ``CrossFit`` keeps of the products that it has learned from."""

    branch: Branch
    out_of_fold: FloatArray
    known: BoolArray
    n_folds: int


def has(modality: Modality, batch: ProductBatch) -> BoolArray:
    """Return, shape ``(n_products,)``, whether each product has text, or an image."""
    return batch.has_text() if modality == "text" else batch.has_image()


def why_unusable(
    modality: Modality, batch: ProductBatch, labels: IntArray, groups: IntArray
) -> str | None:
    """Say in plain words why a branch cannot learn from these products, or None if it can."""
    rows = has(modality, batch)
    noun = "any text" if modality == "text" else "an image"
    if not rows.any():
        return f"no product to learn from has {noun}"
    if rows.sum() < MIN_ROWS:
        return f"only {rows.sum()} products to learn from have {noun}"
    if len(np.unique(labels[rows])) < 2:
        return f"all products to learn from that have {noun} are in one category"
    if len(np.unique(groups[rows])) < 2:
        return f"all products to learn from that have {noun} are near-duplicates of one another"
    return None


def prepare(
    name: str, settings: PipelineSettings, batch: ProductBatch, on_progress: OnProgress
) -> None:
    """Do once what a pipeline would do in each fold, where there is such work."""
    pipeline = build(name, settings)
    if isinstance(pipeline, Preparable):
        pipeline.prepare(batch, on_progress)


def fit_branch(
    modality: Modality,
    name: str,
    settings: PipelineSettings,
    batch: ProductBatch,
    labels: IntArray,
    folds: IntArray,
    categories: tuple[int, ...],
    on_progress: OnProgress,
    weights: FloatArray | None = None,
) -> FittedBranch:
    """Fit one model per fold for honest probabilities, then one on everything.

    Parameters
    ----------
    batch, labels, folds
        The training products, their category ids and their grouped folds.
    categories
        The order of the columns; those that no training product has get probability 0.
    weights
        How much each training product counts, above 0; None: 1 each. A pipeline that is not
        ``Weighing`` learns from all alike.
    """
    n_turns = len(np.unique(folds[has(modality, batch)])) + 1
    crossed = cross_fit(
        modality,
        name,
        settings,
        batch,
        labels,
        folds,
        categories,
        lambda done, total: on_progress(done, n_turns * TICKS),
        weights,
    )
    branch = fit_whole(
        modality,
        name,
        settings,
        batch,
        labels,
        crossed.temperature,
        turn_of(on_progress, n_turns - 1, n_turns),
        weights,
    )
    return FittedBranch(branch, crossed.out_of_fold, crossed.known, crossed.n_folds)


def cross_fit(
    modality: Modality,
    name: str,
    settings: PipelineSettings,
    batch: ProductBatch,
    labels: IntArray,
    folds: IntArray,
    categories: tuple[int, ...],
    on_progress: OnProgress,
    weights: FloatArray | None = None,
) -> CrossFit:
    """Fit one model per fold, each for the products of its fold, and a temperature for them all.

    Parameters
    ----------
    batch, labels, folds, categories, weights
        As of ``fit_branch``.
    """
    rows = np.flatnonzero(has(modality, batch))
    own, own_labels, own_folds = batch.take(rows), labels[rows], folds[rows]
    own_weights = None if weights is None else weights[rows]
    present = [int(fold) for fold in np.unique(own_folds)]
    raw = np.zeros((len(rows), len(categories)))
    known = np.zeros(len(rows), dtype=np.bool_)
    for turn, fold in enumerate(present):
        inside, outside = np.flatnonzero(own_folds == fold), np.flatnonzero(own_folds != fold)
        met = np.unique(own_labels[outside])
        known[inside] = np.isin(own_labels[inside], met)
        if len(met) == 1:  # nothing to learn: a network wants two categories
            raw[inside, categories.index(int(met[0]))] = 1.0
        elif len(met):
            tell = turn_of(on_progress, turn, len(present))
            tell(0, 1)
            of_outside = None if own_weights is None else own_weights[outside]
            fitted = _fit(name, settings, own.take(outside), own_labels[outside], tell, of_outside)
            raw[inside] = aligned(fitted, own.take(inside), categories)
        else:
            raw[inside] = 1 / len(categories)
    column = {category: at for at, category in enumerate(categories)}
    columns = np.array([column[int(label)] for label in own_labels])
    temperature = fit_temperature(
        raw[known], columns[known], None if own_weights is None else own_weights[known]
    )

    out_of_fold = np.full((len(batch), len(categories)), np.nan)
    out_of_fold[rows] = apply_temperature(raw, temperature)
    all_known = np.zeros(len(batch), dtype=np.bool_)
    all_known[rows] = known
    return CrossFit(out_of_fold, all_known, temperature, len(present))


def fit_whole(
    modality: Modality,
    name: str,
    settings: PipelineSettings,
    batch: ProductBatch,
    labels: IntArray,
    temperature: float,
    on_progress: OnProgress,
    weights: FloatArray | None = None,
) -> Branch:
    """Fit a branch on all products that have its modality."""
    rows = np.flatnonzero(has(modality, batch))
    on_progress(0, 1)
    own_weights = None if weights is None else weights[rows]
    pipeline = _fit(name, settings, batch.take(rows), labels[rows], on_progress, own_weights)
    return Branch(modality, name, pipeline, temperature)


def _fit(
    name: str,
    settings: PipelineSettings,
    batch: ProductBatch,
    labels: IntArray,
    on_progress: OnProgress,
    weights: FloatArray | None,
) -> Pipeline:
    pipeline = build(name, settings)
    if weights is not None and isinstance(pipeline, Weighing):
        return pipeline.fit(batch, labels, on_progress, weights / weights.mean())
    return pipeline.fit(batch, labels, on_progress)


def turn_of(on_progress: OnProgress, turn: int, n_turns: int) -> OnProgress:
    """Return what tells the progress of one fit, the ``turn``-th of ``n_turns``, as a part."""

    def tell(done: int, total: int) -> None:
        on_progress(turn * TICKS + TICKS * done // max(total, 1), n_turns * TICKS)

    return tell


def aligned(pipeline: Pipeline, batch: ProductBatch, categories: tuple[int, ...]) -> FloatArray:
    """Return a pipeline's probabilities in the order of ``categories``, 0 for those it lacks."""
    probabilities = np.zeros((len(batch), len(categories)))
    columns = [categories.index(category) for category in pipeline.categories]
    probabilities[:, columns] = pipeline.predict_proba(batch)
    return probabilities
