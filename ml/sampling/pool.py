"""What a sampler knows of a catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray
from ml.errors import MlError

UNKNOWN = -1

WHAT_IS_MISSING = {
    "features": "the features of its products: compute them",
    "probabilities": "predictions: train a round",
    "text": "what the text alone says of its products: train a round with a text branch",
    "image": "what the photo alone says of its products: train a round with an image branch",
}


@dataclass(frozen=True, slots=True)
class Pool:
    """A catalogue at one moment, decided products included: they say what is known already.

    Parameters
    ----------
    is_open : ndarray of shape (n_products,)
        Which products may be asked; rows of all others are never answered.
    n_categories
        Categories are the columns 0 to ``n_categories - 1`` of every array of probabilities.
    labels : ndarray of shape (n_products,)
        The column of each label, ``UNKNOWN`` where nobody has decided.
    sources : ndarray of shape (n_products,)
        The column of each source category, a claim; ``UNKNOWN`` where there is none.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number.
    features : ndarray of shape (n_products, n_features), optional
        What products look like, rows of length 1 (``ml.choosing.features``).
    probabilities, text, image : ndarray of shape (n_products, n_categories), optional
        What the live model says: fused, and by branch with NaN where the modality is missing.
        None before the first round.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """

    is_open: BoolArray
    n_categories: int
    labels: IntArray
    sources: IntArray
    groups: IntArray
    features: FloatArray | None = None
    probabilities: FloatArray | None = None
    text: FloatArray | None = None
    image: FloatArray | None = None

    def __post_init__(self) -> None:
        arrays = (
            self.labels,
            self.sources,
            self.groups,
            self.features,
            self.probabilities,
            self.text,
            self.image,
        )
        lengths = {len(array) for array in arrays if array is not None} | {len(self.is_open)}
        if len(lengths) != 1:
            raise ValueError(f"arrays of a pool differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.is_open)

    def open_rows(self) -> IntArray:
        """Return the rows that may be asked, rising."""
        return np.flatnonzero(self.is_open)


def array_of(pool: Pool, name: str) -> FloatArray:
    """Return an array that a pool may lack, by the name of its field.

    Raises
    ------
    MlError
        If the pool lacks it; the message says what to do.
    """
    array: FloatArray | None = getattr(pool, name)
    if array is None:
        raise MlError(
            f"this order needs a catalogue with {WHAT_IS_MISSING[name]}, or take another order "
            "until then, such as random"
        )
    return array


Sampler = Callable[[Pool, int, np.random.Generator], IntArray]
"""``(pool, n, rng)`` to the rows to ask, the first one first: distinct, open, ``min(n, n_open)``.

A batch holds at most one product of each group of near-duplicates, as long as there are others.
"""
