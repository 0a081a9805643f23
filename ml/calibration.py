"""Temperature: one number that makes the probabilities of a branch mean what they say."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize_scalar

from ml.contract import FloatArray, IntArray
from ml.probabilities import logarithms, losses, normalised

BOUNDS = (0.05, 20.0)  # beyond these it answers a defect of the model, not its confidence


def fit_temperature(
    probabilities: FloatArray, columns: IntArray, weights: FloatArray | None = None
) -> float:
    """Find the temperature of the lowest log loss.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Out-of-fold: on rows that a model has learned by heart it looks surer than it is.
    columns : ndarray of shape (n_products,)
        The column of the true category.
    weights : ndarray of shape (n_products,), optional
        How much each counts, above 0; None: 1 each.

    Returns
    -------
    float
        Above 1 the branch was too sure, below 1 too timid; 1 without products.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks.
    """
    if not len(columns):
        return 1.0

    def loss(log_temperature: float) -> float:
        tempered = apply_temperature(probabilities, math.exp(log_temperature))
        return float(np.average(losses(tempered, columns), weights=weights))

    low, high = (math.log(bound) for bound in BOUNDS)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    # A search in an interval never tries the temperature that changes nothing.
    return math.exp(float(found.x)) if found.fun < loss(0.0) else 1.0


def apply_temperature(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Return ``p ** (1 / temperature)`` with rows summing to 1; rows of NaN stay so.

    A category with probability 0 (the model does not know it) keeps it.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Returned in the same shape.
    temperature
        Above 0, no unit; 1 changes nothing, above 1 makes every row less sure.
    """
    tempered = normalised(logarithms(probabilities) / temperature)
    tempered[probabilities == 0] = 0.0
    total: FloatArray = tempered.sum(axis=1, keepdims=True)
    return np.asarray(tempered / total)
