"""How much of a catalogue is right, from the decisions that were drawn at random."""

from __future__ import annotations

import numpy as np

from ml.bootstrap import LEVEL_PERCENT, Interval
from ml.contract import BoolArray, FloatArray, IntArray

PRODUCTS_PER_BIN = 20  # of the sample; fewer say too little about a bin
MOST_BINS = 5
N_DRAWS = 4000


def share_right(
    confidences: FloatArray,
    is_right: BoolArray,
    is_known: BoolArray,
    is_random: BoolArray,
    groups: IntArray,
    *,
    seed: int = 0,
) -> Interval:
    """Estimate which share of the final categories is right: the label, else the prediction.

    Labels count as right. What predictions are worth is measured on the products that were drawn
    at random and have a label since. Those that are still undecided are surer than a random
    sample, because the doubtful ones were asked first; so the sample is weighted, bin by bin of
    confidence, to look like them, and moved by what is left of the difference within a bin.

    Parameters
    ----------
    confidences : ndarray of shape (n_products,)
        The highest probability of each prediction, of a model that has not seen the product.
    is_right : ndarray of shape (n_products,)
        Whether that prediction is what the label says; read where there is one alone.
    is_known : ndarray of shape (n_products,)
        Whether there is a label.
    is_random : ndarray of shape (n_products,)
        Whether the product was drawn at random to be asked.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number: they count as one piece of evidence.

    Returns
    -------
    Interval
        With 95 % of the posterior (Jeffreys' prior in each bin), and the number of products of the
        sample. None of the figures without a sample, unless everything has a label.

    References
    ----------
    Cochran (1977), Sampling Techniques: post-stratification (5A) and the difference estimator (7).
    """
    n = len(is_known)
    sample, undecided = is_known & is_random, ~is_known
    n_sample, n_known = int(sample.sum()), int(is_known.sum())
    if not n or (n_known < n and not n_sample):
        return Interval(None, None, None, n_sample)
    if n_known == n:
        return Interval(1.0, 1.0, 1.0, n_sample)
    open_share = 1 - n_known / n
    value, low, high = (
        1 - open_share + open_share * share
        for share in _assisted(confidences, is_right, sample, undecided, groups, seed)
    )
    return Interval(value, low, high, n_sample)


def weighted_accuracy(
    confidences: FloatArray,
    is_right: BoolArray,
    is_known: BoolArray,
    is_random: BoolArray,
    groups: IntArray,
    *,
    seed: int = 0,
) -> Interval:
    """Estimate the model's accuracy on the whole catalogue from all labels, those of rules too.

    What a rule picked stands for itself, with the weight 1: it was asked for certain. What was
    drawn at random stands for all others, bin by bin of confidence, each with the number of
    products for one draw. Averaging labels as they come would count the doubtful ones, which were
    asked first, many times over.

    Parameters
    ----------
    confidences, is_right, is_known, is_random, groups
        As of ``share_right``.

    Returns
    -------
    Interval
        With the number of labels behind it; without figures where nothing was drawn at random.

    References
    ----------
    Horvitz, Thompson (1952), A Generalization of Sampling Without Replacement from a Finite
    Universe: weights are inverse probabilities of being drawn.
    """
    n, n_known = len(is_known), int(is_known.sum())
    sample, picked = is_known & is_random, is_known & ~is_random
    if not sample.any():
        return Interval(None, None, None, n_known)
    n_picked, n_right = int(picked.sum()), int((is_right & picked).sum())
    value, low, high = (
        (n_right + (n - n_picked) * share) / n
        for share in _assisted(confidences, is_right, sample, ~picked, groups, seed)
    )
    return Interval(value, low, high, n_known)


def decisions_left(confidences: FloatArray, n_wrong: float, n_allowed: float) -> int:
    """Estimate how many decisions it takes until few enough products are wrong.

    Parameters
    ----------
    confidences
        Of the undecided products, each from 0 to 1; the least sure is asked first.
    n_wrong
        How many of them are wrong by estimate; doubts are scaled to that.
    n_allowed
        How many of them may stay wrong.

    Returns
    -------
    int
        At most all of them.

    Examples
    --------
    >>> decisions_left(np.array([0.5, 1.0, 0.9, 1.0]), n_wrong=1.2, n_allowed=0.3)
    1
    >>> decisions_left(np.array([0.5, 0.9]), n_wrong=0.2, n_allowed=1.0)
    0
    """
    doubts = np.sort(1 - confidences)[::-1]
    if n_wrong <= n_allowed or not doubts.sum():
        return 0
    left = n_wrong * (1 - np.cumsum(doubts) / doubts.sum())
    return int(np.argmax(left <= n_allowed) + 1) if (left <= n_allowed).any() else len(doubts)


def _assisted(
    confidences: FloatArray,
    is_right: BoolArray,
    sample: BoolArray,
    asked_about: BoolArray,
    groups: IntArray,
    seed: int,
) -> tuple[float, float, float]:
    """Return which share of some products is right, and its interval.

    In each bin of confidence: the share of the sample, moved by as much as the products asked
    about are surer than the sample within the bin. The ends move outwards alone: a model may be
    more often right than it is sure, and in a sample without a mistake nothing would show it.
    """
    n_bins = int(np.clip(sample.sum() // PRODUCTS_PER_BIN, 1, MOST_BINS))
    edges = np.quantile(confidences[sample], np.arange(1, n_bins) / n_bins)
    bin_of = np.searchsorted(edges, confidences, side="right")
    rng = np.random.default_rng(seed)
    value, lower, upper = 0.0, np.zeros(N_DRAWS), np.zeros(N_DRAWS)
    for at in range(n_bins):
        asked = asked_about & (bin_of == at)
        rows = sample & (bin_of == at)
        if not asked.any():
            continue
        if not rows.any():  # equal confidences leave a bin empty: the others speak for it
            rows = sample
        weight = asked.sum() / asked_about.sum()
        surer = float(confidences[asked].mean() - confidences[rows].mean())
        # Copies of one product are one piece of evidence.
        n_effective = len(np.unique(groups[rows]))
        share = float(is_right[rows].mean())
        drawn = rng.beta(share * n_effective + 0.5, (1 - share) * n_effective + 0.5, N_DRAWS)
        value += weight * float(np.clip(share + surer, 0, 1))
        lower += weight * np.clip(drawn + min(surer, 0), 0, 1)
        upper += weight * np.clip(drawn + max(surer, 0), 0, 1)
    low = float(np.percentile(lower, LEVEL_PERCENT[0]))
    high = float(np.percentile(upper, LEVEL_PERCENT[1]))
    return float(value), min(low, float(value)), max(high, float(value))
