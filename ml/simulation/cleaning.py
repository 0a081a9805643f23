"""A clean-up: products decided one by one, until enough of a catalogue is right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.choosing.stopping import advise
from ml.contract import FloatArray, IntArray, OnProgress
from ml.sampling.pool import UNKNOWN, Pool, Sampler
from ml.simulation.beliefs import Belief, of_modality

SHARE_RIGHT = 0.99


@dataclass(frozen=True, slots=True)
class Decisions:
    """How a clean-up went.

    Parameters
    ----------
    right_at_start
        The share of products whose category is right before any decision.
    n_to_enough
        Decisions until ``SHARE_RIGHT`` is right for the first time.
    n_to_advice, right_at_advice
        Decisions before the advice to stop, and the share that is right then; None where
        everything was decided before it came.
    """

    right_at_start: float
    n_to_enough: int
    n_to_advice: int | None
    right_at_advice: float | None


def clean_up(
    labels: IntArray,
    start: Pool,
    sampler: Sampler,
    batch: int,
    believe: Belief,
    rng: np.random.Generator,
    on_progress: OnProgress,
    *,
    text: FloatArray | None = None,
    image: FloatArray | None = None,
) -> Decisions:
    """Decide products in a sampler's order until enough is right and the advice to stop has come.

    The category of a product is its label, or else the likeliest by ``believe``, which is asked
    again after every ``batch`` decisions.

    Parameters
    ----------
    labels : ndarray of shape (n_products,)
        The true columns: what people would answer.
    start
        The catalogue before any decision.
    text, image : ndarray of shape (n_products, n_features), optional
        Features of one modality, a row of zeros where a product lacks it; for samplers that
        compare the two.
    """
    known = np.full(len(labels), UNKNOWN, dtype=np.int64)
    beliefs = believe(start)
    is_right = beliefs.argmax(axis=1) == labels
    right_at_start = float(is_right.mean())
    corrections: list[bool] = []
    n_to_enough = 0 if right_at_start >= SHARE_RIGHT else None
    n_to_advice = right_at_advice = None
    while len(corrections) < len(labels) and (n_to_enough is None or n_to_advice is None):
        pool = replace(start, labels=known.copy(), is_open=known == UNKNOWN, probabilities=beliefs)
        pool = replace(
            pool,
            text=of_modality(pool, text, believe),
            image=of_modality(pool, image, believe),
        )
        for row in sampler(pool, batch, rng).tolist():
            corrections.append(not is_right[row])
            known[row], is_right[row] = labels[row], True
            if n_to_enough is None and is_right.mean() >= SHARE_RIGHT:
                n_to_enough = len(corrections)
        beliefs = believe(replace(start, labels=known, is_open=known == UNKNOWN))
        is_right = (beliefs.argmax(axis=1) == labels) | (known != UNKNOWN)
        if n_to_enough is None and is_right.mean() >= SHARE_RIGHT:
            n_to_enough = len(corrections)
        if n_to_advice is None and advise(corrections).stop:
            n_to_advice, right_at_advice = len(corrections), float(is_right.mean())
        on_progress(len(corrections), len(labels))
    if n_to_enough is None:  # everything is right once everything is decided
        n_to_enough = len(corrections)
    return Decisions(right_at_start, n_to_enough, n_to_advice, right_at_advice)
