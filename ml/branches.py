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


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a branch learns from.

    Parameters
    ----------
    batch, labels
        The training products and their category ids.
    weights
        How much each product counts, above 0; None: 1 each. A pipeline that is not ``Weighing``
        learns from all alike.
    """

    batch: ProductBatch
    labels: IntArray
    weights: FloatArray | None = None

    def take(self, rows: IntArray) -> Lessons:
        """Return the products at ``rows``."""
        weights = None if self.weights is None else self.weights[rows]
        return Lessons(self.batch.take(rows), self.labels[rows], weights)


def has(modality: Modality | Literal["both"], batch: ProductBatch) -> BoolArray:
    """Return, shape ``(n_products,)``, whether each product has text, an image, or either."""
    if modality == "text":
        return batch.has_text()
    if modality == "image":
        return batch.has_image()
    either: BoolArray = batch.has_text() | batch.has_image()
    return either


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
    lessons: Lessons,
    folds: IntArray,
    categories: tuple[int, ...],
    on_progress: OnProgress,
) -> FittedBranch:
    """Fit one model per fold for honest probabilities, then one on everything.

    Parameters
    ----------
    folds
        Of the training products, near-duplicates in one.
    categories
        The order of the columns; those that no training product has get probability 0.
    """
    n_turns = len(np.unique(folds[has(modality, lessons.batch)])) + 1

    def tell(done: int, total: int) -> None:
        on_progress(done, n_turns * TICKS)

    crossed = cross_fit(modality, name, settings, lessons, folds, categories, tell)
    tell_last = turn_of(on_progress, n_turns - 1, n_turns)
    branch = fit_whole(modality, name, settings, lessons, crossed.temperature, tell_last)
    return FittedBranch(branch, crossed.out_of_fold, crossed.known, crossed.n_folds)


def cross_fit(
    modality: Modality,
    name: str,
    settings: PipelineSettings,
    lessons: Lessons,
    folds: IntArray,
    categories: tuple[int, ...],
    on_progress: OnProgress,
) -> CrossFit:
    """Fit one model per fold, each for the products of its fold, and a temperature for them all.

    ``folds`` and ``categories`` are as of ``fit_branch``.
    """
    rows = np.flatnonzero(has(modality, lessons.batch))
    own, own_folds = lessons.take(rows), folds[rows]
    present = [int(fold) for fold in np.unique(own_folds)]
    raw = np.zeros((len(rows), len(categories)))
    known = np.zeros(len(rows), dtype=np.bool_)
    for turn, fold in enumerate(present):
        inside, outside = np.flatnonzero(own_folds == fold), np.flatnonzero(own_folds != fold)
        met = np.unique(own.labels[outside])
        known[inside] = np.isin(own.labels[inside], met)
        if len(met) == 1:  # nothing to learn: a network wants two categories
            raw[inside, categories.index(int(met[0]))] = 1.0
        elif len(met):
            tell = turn_of(on_progress, turn, len(present))
            tell(0, 1)
            fitted = _fit(name, settings, own.take(outside), tell)
            raw[inside] = aligned(fitted, own.batch.take(inside), categories)
        else:
            raw[inside] = 1 / len(categories)
    column = {category: at for at, category in enumerate(categories)}
    columns = np.array([column[int(label)] for label in own.labels])
    temperature = fit_temperature(
        raw[known], columns[known], None if own.weights is None else own.weights[known]
    )

    n_products = len(lessons.batch)
    out_of_fold = np.full((n_products, len(categories)), np.nan)
    out_of_fold[rows] = apply_temperature(raw, temperature)
    all_known = np.zeros(n_products, dtype=np.bool_)
    all_known[rows] = known
    return CrossFit(out_of_fold, all_known, temperature, len(present))


def fit_whole(
    modality: Modality,
    name: str,
    settings: PipelineSettings,
    lessons: Lessons,
    temperature: float,
    on_progress: OnProgress,
) -> Branch:
    """Fit a branch on all products that have its modality."""
    own = lessons.take(np.flatnonzero(has(modality, lessons.batch)))
    on_progress(0, 1)
    pipeline = _fit(name, settings, own, on_progress)
    return Branch(modality, name, pipeline, temperature)


def _fit(
    name: str, settings: PipelineSettings, lessons: Lessons, on_progress: OnProgress
) -> Pipeline:
    pipeline, weights = build(name, settings), lessons.weights
    if weights is not None and isinstance(pipeline, Weighing):
        return pipeline.fit(lessons.batch, lessons.labels, on_progress, weights / weights.mean())
    return pipeline.fit(lessons.batch, lessons.labels, on_progress)


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
