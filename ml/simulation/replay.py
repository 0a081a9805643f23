"""A learning curve: a labelled catalogue asked in a sampler's order, scored on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.contract import FloatArray, IntArray, OnProgress
from ml.metrics import accuracy, ari_of_predictions
from ml.sampling.pool import UNKNOWN, Pool, Sampler, array_of
from ml.simulation.beliefs import by_model, of_modality
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
    pool = _pool(catalogue, known)
    while len(order) < len(catalogue.asked):
        rows = sampler(pool, batch, rng)
        _check(rows, catalogue, known)
        known[rows] = catalogue.labels[rows]
        order.extend(rows.tolist())
        pool = _pool(catalogue, known)
        points.append(_score(catalogue, array_of(pool, "probabilities"), len(order)))
        on_progress(len(order), len(catalogue.asked))
    return tuple(points), _picks_to_all(catalogue.labels[order])


def _pool(catalogue: Replayed, known: IntArray) -> Pool:
    """Return what is known after some answers, and what the cheap model makes of it."""
    is_open = np.zeros(len(known), dtype=np.bool_)
    is_open[catalogue.asked] = known[catalogue.asked] == UNKNOWN
    pool = Pool(
        is_open=is_open,
        n_categories=catalogue.n_categories,
        labels=known.copy(),
        sources=np.full(len(known), UNKNOWN, dtype=np.int64),
        groups=catalogue.groups,
        features=catalogue.features,
    )
    return replace(
        pool,
        probabilities=by_model(pool),
        text=of_modality(pool, catalogue.text, by_model),
        image=of_modality(pool, catalogue.image, by_model),
    )


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
