"""How much one decision on a product is worth: pure scores, the higher, the sooner it is asked."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from ml.contract import FloatArray, IntArray
from ml.probabilities import margins
from ml.sampling.pool import UNKNOWN


def least_confidence_score(probabilities: FloatArray) -> FloatArray:
    """Score products by how unlikely their likeliest category is: ``1 - p1``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (certain) to ``1 - 1 / n_categories`` (all alike), no unit.

    References
    ----------
    Lewis, Gale (1994), A Sequential Algorithm for Training Text Classifiers.

    Examples
    --------
    >>> least_confidence_score(np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])).tolist()
    [0.5, 0.0]
    """
    score: FloatArray = 1.0 - probabilities.max(axis=1)
    return score


def margin_score(probabilities: FloatArray) -> FloatArray:
    """Score products by how close their likeliest categories are: ``1 - (p1 - p2)``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1. At least two categories.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (certain) to 1 (undecided), no unit.

    Raises
    ------
    ValueError
        If there are fewer than two categories.

    References
    ----------
    Scheffer, Decomain, Wrobel (2001), Active Hidden Markov Models for Information Extraction.

    Examples
    --------
    >>> margin_score(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    return 1.0 - margins(probabilities)


def entropy_score(probabilities: FloatArray) -> FloatArray:
    """Score products by how much is unknown of their category: ``-sum p log p``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (certain) to ``log(n_categories)`` (all alike), in nats.

    References
    ----------
    Shannon (1948), A Mathematical Theory of Communication.

    Examples
    --------
    >>> entropy_score(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3).tolist()
    [0.693, 0.0]
    """
    score: FloatArray = entr(probabilities).sum(axis=1)
    return score


def disagreement_score(text: FloatArray, image: FloatArray) -> FloatArray:
    """Score products by how far the branches are apart: half of ``sum |text - image|``.

    This is their total variation: the most by which they differ on any set of categories. Beside
    the Jensen-Shannon divergence it needs no logarithm, of which 300 categories would take many.

    Parameters
    ----------
    text, image : ndarray of shape (n_products, n_categories)
        Each row sums to 1, or is NaN where the modality is missing.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (agreed) to 1 (nothing in common), no unit; 0 where a modality is missing, as one
        voice does not disagree.

    References
    ----------
    Settles (2009), Active Learning Literature Survey, section 3.2, for querying what a committee
    disagrees on; Levin, Peres (2017), Markov Chains and Mixing Times, section 4.1, for the
    distance.

    Examples
    --------
    >>> text = np.array([[1.0, 0.0], [0.5, 0.5], [np.nan, np.nan]])
    >>> disagreement_score(text, np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0, 0.0]
    """
    apart: FloatArray = np.abs(text - image).sum(axis=1) / 2.0
    return np.nan_to_num(apart, nan=0.0)


def suspicion_score(probabilities: FloatArray, recorded: IntArray) -> FloatArray:
    """Score products by how wrong their recorded category looks: best other less recorded.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1. Of a model that has not learned the recorded category of the product,
        or it agrees with what it was told. At least two categories.
    recorded : ndarray of shape (n_products,)
        The column of the recorded category, ``UNKNOWN`` where there is none.

    Returns
    -------
    ndarray of shape (n_products,)
        The normalised margin with its sign turned, no unit: from -1 (surely right) to 1 (surely
        wrong); NaN where nothing is recorded.

    Raises
    ------
    ValueError
        If there are fewer than two categories.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), Confident Learning: Estimating Uncertainty in Dataset Labels.

    Examples
    --------
    >>> believed = np.array([[0.75, 0.25], [0.75, 0.25], [0.75, 0.25]])
    >>> suspicion_score(believed, np.array([0, 1, -1])).tolist()
    [-0.5, 0.5, nan]
    """
    if probabilities.shape[1] < 2:
        raise ValueError("a normalised margin needs at least two categories")
    rows = np.arange(len(recorded))
    is_known = recorded != UNKNOWN
    column = np.where(is_known, recorded, 0)
    others = probabilities.copy()
    others[rows, column] = -np.inf
    score: FloatArray = others.max(axis=1) - probabilities[rows, column]
    score[~is_known] = np.nan
    return score


def gradient_score(probabilities: FloatArray, features: FloatArray) -> FloatArray:
    """Score products by how far deciding them would move a linear classifier.

    That is the length of the gradient of the cross-entropy, were the likeliest category true:
    ``|p - e1| |x|``, with 1 at the likeliest category in ``e1``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1.
    features : ndarray of shape (n_products, n_features)

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (certain) up.

    References
    ----------
    Ash, Zhang, Krishnamurthy, Langford, Agarwal (2020), Deep Batch Active Learning by Diverse,
    Uncertain Gradient Lower Bounds.

    Examples
    --------
    >>> gradient_score(np.array([[1.0, 0.0], [0.4, 0.6]]), np.array([[5.0], [1.0]])).round(3)
    array([0.   , 0.566])
    """
    squared: FloatArray = (prediction_errors(probabilities) ** 2).sum(axis=1)
    score: FloatArray = np.sqrt(squared * (features**2).sum(axis=1))
    return score


def prediction_errors(probabilities: FloatArray) -> FloatArray:
    """Return ``p - e1`` in the same shape: what would be wrong, were the likeliest true."""
    errors = probabilities.copy()
    errors[np.arange(len(errors)), probabilities.argmax(axis=1)] -= 1.0
    return errors
