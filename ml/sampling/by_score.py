"""Samplers that look at one product at a time, and the one that looks at none."""

from __future__ import annotations

import numpy as np

from ml.contract import FloatArray, IntArray
from ml.sampling import scores
from ml.sampling.choice import best, score_open
from ml.sampling.pool import Pool, array_of


def random(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask any product: the only picks that are a fair sample of the catalogue's groups."""
    return best(rng.random(len(pool)), pool, n, rng)


def least_confidence(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where the likeliest category is the least likely."""
    found = score_open(pool, scores.least_confidence_score, _fused(pool))
    return best(found, pool, n, rng)


def margin(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where the two likeliest categories are close."""
    return best(score_open(pool, scores.margin_score, _fused(pool)), pool, n, rng)


def entropy(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where probability is spread over many categories."""
    return best(score_open(pool, scores.entropy_score, _fused(pool)), pool, n, rng)


def disagreement(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where text and image say different things."""
    found = score_open(
        pool, scores.disagreement_score, array_of(pool, "text"), array_of(pool, "image")
    )
    return best(found, pool, n, rng)


def suspect(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where the source category looks wrong; products without one come last."""
    found = score_open(pool, scores.suspicion_score, _fused(pool), pool.sources)
    return best(found, pool, n, rng)


def _fused(pool: Pool) -> FloatArray:
    return array_of(pool, "probabilities")
