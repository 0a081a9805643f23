"""Source categories made wrong on purpose, in a way that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ml.contract import FloatArray, IntArray
from ml.errors import MlError
from ml.metrics import confusion_matrix
from ml.sampling.pool import UNKNOWN

NoiseKind = Literal["uniform", "confusable", "none"]
_KINDS: tuple[NoiseKind, ...] = ("uniform", "confusable")
NONE: Literal["none"] = "none"


@dataclass(frozen=True, slots=True)
class Noise:
    """How many source categories are wrong, and how.

    Parameters
    ----------
    kind
        ``uniform``: any other category. ``confusable``: the one that the true one is most often
        mistaken for. ``none``: there are no source categories at all.
    share
        The part of the products that is wrong, from 0 to 1.
    """

    kind: NoiseKind
    share: float = 0.0

    @property
    def name(self) -> str:
        """As it is asked for."""
        return NONE if self.kind == NONE else f"{self.kind}:{self.share:g}"


def parse_noise(text: str) -> Noise:
    """Read ``none``, ``uniform:0.1`` or ``confusable:0.1``.

    Raises
    ------
    MlError
        If it is neither.
    """
    kind, _, share = text.partition(":")
    known = next((each for each in _KINDS if each == kind), None)
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if text == NONE:
        return Noise(NONE)
    if known is None or not 0 <= value < 1:
        raise MlError(
            f"there is no noise {text!r}; there are: uniform:SHARE, confusable:SHARE with a share "
            "from 0 to below 1, such as uniform:0.1, and none"
        )
    return Noise(known, value)


def corrupt(
    labels: IntArray, noise: Noise, mistakes: IntArray, rng: np.random.Generator
) -> IntArray:
    """Return source categories of which a share is wrong; ``UNKNOWN`` everywhere for ``none``.

    Parameters
    ----------
    labels : ndarray of shape (n_products,)
        The true columns.
    mistakes : ndarray of shape (n_categories,)
        The category that each one is most often mistaken for (``most_confused``).
    """
    if noise.kind == NONE:
        return np.full(len(labels), UNKNOWN, dtype=np.int64)
    sources = labels.astype(np.int64)
    wrong = rng.permutation(len(labels))[: round(noise.share * len(labels))]
    if noise.kind == "confusable":
        sources[wrong] = mistakes[labels[wrong]]
    else:
        n_categories = len(mistakes)
        sources[wrong] = (labels[wrong] + rng.integers(1, n_categories, len(wrong))) % n_categories
    return sources


def most_confused(labels: IntArray, probabilities: FloatArray) -> IntArray:
    """Return, shape ``(n_categories,)``, the wrong category that each one is most often given.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Out of fold. Where a category is never mistaken, the likeliest wrong one on average.
    """
    n_categories = probabilities.shape[1]
    counts = confusion_matrix(labels, probabilities.argmax(axis=1), n_categories).astype(float)
    for column in np.unique(labels).tolist():
        # Means stay below 1, so that they only break ties of counts.
        counts[column] += probabilities[labels == column].mean(axis=0)
    np.fill_diagonal(counts, -1.0)
    likeliest: IntArray = counts.argmax(axis=1)
    return likeliest
