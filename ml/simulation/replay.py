"""A learning curve: a labelled catalogue asked in a sampler's order, scored on the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.choosing.model import fit_predict
from ml.contract import FloatArray, IntArray, OnProgress
from ml.metrics import accuracy, ari_of_predictions
from ml.sampling.pool import UNKNOWN, Pool, Sampler
from ml.simulation.records import CurvePoint


@dataclass(frozen=True, slots=True)
class Replayed:
    """A catalogue whose true categories are known, and a part of it held out.

    Parameters
    ----------
    labels, groups : ndarray of shape (n_products,)
        The true columns; near-duplicates share a number.
    features : ndarray of shape (n_products, n_features)
        As the strategy sees them, of held-out products too: labels are held out, not looks.
    asked, held_out : ndarray
        Rows that may be asked, and rows that are scored.
    text, image : ndarray of shape (n_products, n_features), optional
        Features of one modality, a row of zeros where a product lacks it; for samplers that
        compare the two.
    """

    labels: IntArray
    groups: IntArray
    n_categories: int
    features: FloatArray
    asked: IntArray
    held_out: IntArray
    text: FloatArray | None = None
    image: FloatArray | None = None


def replay(
    catalogue: Replayed,
    sampler: Sampler,
    batch: int,
    rng: np.random.Generator,
    on_progress: OnProgress,
) -> tuple[tuple[CurvePoint, ...], int]:
    """Ask everything that may be asked, ``batch`` products at a time, and score after each batch.

    No label is given at the start.

    Returns
    -------
    points
        One after each batch.
    picks_to_all_categories
        Labels until every category among those that may be asked was seen.

    Raises
    ------
    MlError
        If the sampler needs what the catalogue has not.
    ValueError
        If the sampler answers a product that may not be asked, or one twice.
    """
    known = np.full(len(catalogue.labels), UNKNOWN, dtype=np.int64)
    order: list[int] = []
    points: list[CurvePoint] = []
    probabilities = _fit(catalogue, catalogue.features, known)
    while len(order) < len(catalogue.asked):
        rows = sampler(_pool(catalogue, known, probabilities), batch, rng)
        _check(rows, catalogue, known)
        known[rows] = catalogue.labels[rows]
        order.extend(rows.tolist())
        probabilities = _fit(catalogue, catalogue.features, known)
        points.append(_score(catalogue, probabilities, len(order)))
        on_progress(len(order), len(catalogue.asked))
    return tuple(points), _picks_to_all(catalogue.labels[order])


def _pool(catalogue: Replayed, known: IntArray, probabilities: FloatArray) -> Pool:
    is_open = np.zeros(len(known), dtype=np.bool_)
    is_open[catalogue.asked] = known[catalogue.asked] == UNKNOWN
    return Pool(
        is_open=is_open,
        n_categories=catalogue.n_categories,
        labels=known.copy(),
        sources=np.full(len(known), UNKNOWN, dtype=np.int64),
        groups=catalogue.groups,
        features=catalogue.features,
        probabilities=probabilities,
        text=_fit_modality(catalogue, catalogue.text, known),
        image=_fit_modality(catalogue, catalogue.image, known),
    )


def _fit(catalogue: Replayed, features: FloatArray, known: IntArray) -> FloatArray:
    rows = np.flatnonzero(known != UNKNOWN)
    return fit_predict(features, rows, known[rows], catalogue.n_categories)


def _fit_modality(
    catalogue: Replayed, features: FloatArray | None, known: IntArray
) -> FloatArray | None:
    """Return what one modality says, NaN where a product lacks it."""
    if features is None:
        return None
    has_any = np.asarray(features.any(axis=1))
    answer = _fit(catalogue, features, np.where(has_any, known, UNKNOWN))
    return np.where(has_any[:, None], answer, np.nan)


def _check(rows: IntArray, catalogue: Replayed, known: IntArray) -> None:
    is_askable = np.isin(rows, catalogue.asked) & (known[rows] == UNKNOWN)
    if not len(rows) or not is_askable.all() or len(np.unique(rows)) < len(rows):
        raise ValueError("a sampler answered no product, one twice, or one that may not be asked")


def _score(catalogue: Replayed, probabilities: FloatArray, n_labels: int) -> CurvePoint:
    true = catalogue.labels[catalogue.held_out]
    predicted = probabilities[catalogue.held_out].argmax(axis=1)
    return CurvePoint(
        n_labels, ari_of_predictions(true, predicted) or 0.0, accuracy(true, predicted) or 0.0
    )


def _picks_to_all(columns: IntArray) -> int:
    """Return where the last category to appear appears first, from 1.

    Examples
    --------
    >>> _picks_to_all(np.array([2, 2, 0, 2, 1, 0]))
    5
    """
    _, first = np.unique(columns, return_index=True)
    return int(first.max()) + 1
