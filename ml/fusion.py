"""Probabilities of several branches joined into one prediction, above all of text and image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.optimize import minimize

from ml.contract import BoolArray, FloatArray, IntArray
from ml.probabilities import logarithms, losses, normalised

MEAN, POOL, TEXT_ALONE, IMAGE_ALONE = "mean", "logarithmic_pool", "text_alone", "image_alone"
LARGEST_WEIGHT = 10.0
MIN_ROWS = 20  # below, weights of the pool are chance: the mean has none to fit


@dataclass(frozen=True, slots=True)
class Fusion:
    """How two branches are joined.

    Parameters
    ----------
    name
        ``mean``, ``logarithmic_pool``, ``text_alone`` or ``image_alone``.
    text_weight, image_weight
        Shares of the mean, exponents of the pool: ``p ~ text^u image^v``.
    reason
        Why this one, in plain words.
    """

    name: str
    text_weight: float
    image_weight: float
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON keeps it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Read back what ``as_dict`` gave."""
        return cls(
            name=str(record["name"]),
            text_weight=float(record["text_weight"]),
            image_weight=float(record["image_weight"]),
            reason=str(record["reason"]),
        )


def text_alone(reason: str) -> Fusion:
    """Use the text branch alone; ``reason`` says why there is no image branch."""
    return Fusion(TEXT_ALONE, 1.0, 0.0, reason)


def image_alone(reason: str) -> Fusion:
    """Use the image branch alone; ``reason`` says why there is no text branch."""
    return Fusion(IMAGE_ALONE, 0.0, 1.0, reason)


def present(probabilities: FloatArray) -> BoolArray:
    """Return, shape ``(n_products,)``, where a branch has an answer: its row is not NaN."""
    return np.asarray(~np.isnan(probabilities).any(axis=1))


def choose_fusion(
    text: FloatArray,
    image: FloatArray,
    columns: IntArray,
    folds: IntArray,
    weights: FloatArray | None = None,
) -> Fusion:
    """Choose mean or logarithmic pool by the lower out-of-fold log loss.

    Parameters
    ----------
    text, image : ndarray of shape (n_products, n_categories)
        Calibrated out-of-fold probabilities, all rows present.
    columns, folds : ndarray of shape (n_products,)
        The true column and the grouped fold. The pool is scored on each fold with weights
        fitted on the others, as otherwise it would always win against the mean, which fits nothing.
    weights : ndarray of shape (n_products,), optional
        How much each product counts, above 0; None: 1 each.

    References
    ----------
    Genest, Zidek (1986), Combining Probability Distributions: A Critique and an Annotated
    Bibliography.
    """
    n_folds = len(np.unique(folds))
    branches = (text, image)
    if len(columns) < MIN_ROWS or n_folds < 2:
        return Fusion(
            MEAN, 0.5, 0.5, f"mean: only {len(columns)} products have both text and image"
        )
    counts = np.ones(len(columns)) if weights is None else weights
    mean_loss = float(np.average(losses((text + image) / 2, columns), weights=counts))
    held_out = np.empty(len(columns))
    for fold in np.unique(folds):
        inside = folds == fold
        others = [branch[~inside] for branch in branches]
        exponents = fit_pool(others, columns[~inside], counts[~inside])
        pooled = pool([branch[inside] for branch in branches], exponents)
        held_out[inside] = losses(pooled, columns[inside])
    pool_loss = float(np.average(held_out, weights=counts))
    if pool_loss < mean_loss:
        text_weight, image_weight = fit_pool(branches, columns, counts)
        reason = (
            f"logarithmic pool: out-of-fold log loss {pool_loss:.3f} "
            f"against {mean_loss:.3f} of the mean"
        )
        return Fusion(POOL, text_weight, image_weight, reason)
    reason = (
        f"mean: out-of-fold log loss {mean_loss:.3f} "
        f"against {pool_loss:.3f} of the logarithmic pool"
    )
    return Fusion(MEAN, 0.5, 0.5, reason)


def pool(branches: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Return the probabilities proportional to ``p1^w1 p2^w2 ...``.

    Parameters
    ----------
    branches : sequence of ndarray of shape (n_products, n_categories)
        No row of NaN. Returned is the same shape, rows summing to 1.
    weights
        The exponents, one a branch, from 0.
    """
    weighted = [
        weight * logarithms(branch) for weight, branch in zip(weights, branches, strict=True)
    ]
    return normalised(np.sum(weighted, axis=0))


def fit_pool(
    branches: Sequence[FloatArray], columns: IntArray, counts: FloatArray | None = None
) -> tuple[float, ...]:
    """Find the weights ``w >= 0`` of the lowest log loss, a convex problem.

    Parameters
    ----------
    branches : sequence of ndarray of shape (n_products, n_categories)
        Calibrated out-of-fold probabilities, no row of NaN.
    columns : ndarray of shape (n_products,)
        The column of the true category.
    counts : ndarray of shape (n_products,), optional
        How much each product counts, above 0; None: 1 each.

    Returns
    -------
    tuple of float
        A weight for each branch, from 0 to ``LARGEST_WEIGHT``.
    """
    logs = np.stack([logarithms(branch) for branch in branches])
    rows = np.arange(len(columns))
    of_true = logs[:, rows, columns]

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        pooled = normalised(np.tensordot(weights, logs, axes=1))
        value = float(np.average(losses(pooled, columns), weights=counts))
        slopes = np.einsum("nk,mnk->mn", pooled, logs) - of_true
        slope = np.average(slopes, axis=1, weights=counts)
        return value, slope

    found = minimize(
        loss,
        x0=np.ones(len(branches)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, LARGEST_WEIGHT)] * len(branches),
    )
    return tuple(float(weight) for weight in found.x)


def fuse(text: FloatArray, image: FloatArray, fusion: Fusion, prior: FloatArray) -> FloatArray:
    """Join two branches, product by product.

    Parameters
    ----------
    text, image : ndarray of shape (n_products, n_categories)
        Calibrated probabilities; a row of NaN where the branch has nothing to go by.
    prior : ndarray of shape (n_categories,)
        The shares of the categories, for products with neither text nor image.

    Returns
    -------
    ndarray of shape (n_products, n_categories)
        Rows sum to 1. A product with one modality gets that branch's own probabilities.
    """
    has_text, has_image = present(text), present(image)
    fused = np.tile(np.asarray(prior, dtype=np.float64), (len(text), 1))
    fused[has_text] = text[has_text]
    fused[has_image & ~has_text] = image[has_image & ~has_text]
    both = has_text & has_image
    if fusion.name == MEAN:
        fused[both] = fusion.text_weight * text[both] + fusion.image_weight * image[both]
    else:
        weights = (fusion.text_weight, fusion.image_weight)
        fused[both] = pool([text[both], image[both]], weights)
    return fused
