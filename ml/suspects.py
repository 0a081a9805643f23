"""Products whose recorded category looks wrong: confident learning, by cleanlab."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray

NOTHING = -1  # the column of a product for which nobody has recorded a category
_MIN_CATEGORIES = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """A product whose recorded category looks wrong, and the likeliest other one.

    Parameters
    ----------
    row
        Where the product stands in the arrays.
    recorded, proposed
        Columns.
    recorded_probability, proposed_probability
        What models say that have not learned from this product, 0 to 1.
    score
        The normalised margin, 0 to 1: the lower, the more suspect.
    """

    row: int
    recorded: int
    proposed: int
    recorded_probability: float
    proposed_probability: float
    score: float


def margin_scores(probabilities: FloatArray, recorded: IntArray) -> FloatArray:
    """Score how well recorded categories fit: ``(1 + p(recorded) - max p(other)) / 2``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Of models that have not learned from the product: each row sums to 1. At least two
        categories.
    recorded : ndarray of shape (n_products,)
        The column of the recorded category.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (another category is certain) to 1 (the recorded one is), no unit.

    References
    ----------
    Kuan, Mueller (2022), Model-agnostic label quality scoring to detect real-world label errors.

    Examples
    --------
    >>> margin_scores(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0])).round(2).tolist()
    [0.9, 0.2]
    """
    rows = np.arange(len(recorded))
    others = probabilities.copy()
    others[rows, recorded] = -np.inf
    margins: FloatArray = (1 + probabilities[rows, recorded] - others.max(axis=1)) / 2
    return margins


def find_suspects(
    probabilities: FloatArray,
    recorded: IntArray,
    *,
    is_listed: BoolArray | None = None,
    n_most: int | None = None,
) -> list[Suspect]:
    """List the products that are likely to be recorded under a wrong category.

    How many there are of each category is estimated from all products (confident learning, pruned
    by noise rate); which they are, by their margins. What the models would file where it is
    recorded is never listed.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Out of fold, near-duplicates on one side: a model repeats what it has learned by heart.
    recorded : ndarray of shape (n_products,)
        Columns of labels and of source categories alike, ``NOTHING`` where there is neither.
    is_listed : ndarray of shape (n_products,), optional
        Which products may be listed; the others count in the estimate alone.
    n_most
        At most so many, the most suspect of all.

    Returns
    -------
    list of Suspect
        The most suspect first.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), Confident Learning: Estimating Uncertainty in Dataset Labels.
    """
    known = np.flatnonzero(recorded != NOTHING)
    if len(np.unique(recorded[known])) < _MIN_CATEGORIES:
        return []
    probabilities, recorded = _whole(probabilities[known]), recorded[known]
    scores = margin_scores(probabilities, recorded)
    proposed = probabilities.argmax(axis=1)
    wanted = _are_errors(probabilities, recorded) & (proposed != recorded)
    if is_listed is not None:
        wanted &= is_listed[known]
    found = np.flatnonzero(wanted)
    order = found[np.argsort(scores[found], kind="stable")][:n_most]
    return [
        Suspect(
            row=int(known[at]),
            recorded=int(recorded[at]),
            proposed=int(proposed[at]),
            recorded_probability=float(probabilities[at, recorded[at]]),
            proposed_probability=float(probabilities[at, proposed[at]]),
            score=float(scores[at]),
        )
        for at in order
    ]


def _whole(probabilities: FloatArray) -> FloatArray:
    """Let rows sum to 1 again after rounding, which cleanlab insists on."""
    positive = np.clip(probabilities.astype(np.float64), 0.0, None)
    whole: FloatArray = positive / positive.sum(axis=1, keepdims=True)
    return whole


def _are_errors(probabilities: FloatArray, recorded: IntArray) -> BoolArray:
    from cleanlab.filter import find_label_issues  # a second to import

    with warnings.catch_warnings():
        # Of a category with few products it would rather miss an error than take the last ones.
        warnings.filterwarnings("ignore", "May not flag all label issues", UserWarning)
        # One process: several would pickle the arrays, and the rounds share the processor.
        errors: BoolArray = find_label_issues(
            recorded, probabilities, filter_by="prune_by_noise_rate", n_jobs=1
        )
    return errors
