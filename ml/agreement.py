"""How well people agree who answered without seeing each other's answers.

Answers have shape ``(n_products, n_people)``: the column of a category, or ``MISSING`` where a
person did not answer. A product that fewer than two people answered counts for nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ml.bootstrap import Interval
from ml.contract import FloatArray, IntArray

MISSING = -1
LEVEL_PERCENT = (2.5, 97.5)
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How well two people agree beyond chance.

    ``first`` and ``second`` are columns of the answers, ``agreed`` the share of the products that
    both answered on which they agree, 0 to 1. ``kappa`` is None where chance alone agrees fully;
    its ``n`` are the products that both answered.
    """

    first: int
    second: int
    agreed: float
    kappa: Interval


def krippendorff_alpha(answers: IntArray, *, n_resamples: int = 1000, seed: int = 0) -> Interval:
    """Return Krippendorff's alpha for nominal answers, some of which may be missing.

    1 is full agreement, 0 what chance would bring, below 0 is worse than chance.

    Returns
    -------
    Interval
        By bootstrap over products. Without any disagreement its low end is that of so many
        products of which none happens to be disputed. All None where there is no product with two
        answers, or all of them name one category: then nothing tells agreement from chance.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    >>> answers = np.array([[0, 0], [1, 1], [0, 1], [1, 1]])
    >>> round(krippendorff_alpha(answers).value, 3)
    0.533
    """
    counts = _counts(answers)
    n_products = len(counts)
    if not n_products:
        return Interval(None, None, None, 0)
    sizes = counts.sum(axis=1)
    disputed = (sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1)
    value = float(_alphas(np.ones((1, n_products)), counts, sizes, disputed)[0])
    if math.isnan(value):
        return Interval(None, None, None, n_products)
    if not disputed.any():
        total = counts.sum(axis=0)
        expected = 1 - ((total / total.sum()) ** 2).sum()
        return Interval(value, float(1 - _unseen(n_products) / expected), value, n_products)
    weights = _weights(n_products, n_resamples, seed)
    low, high = _ends(_alphas(weights, counts, sizes, disputed))
    return Interval(value, low, high, n_products)


def percent_agreement(answers: IntArray, *, n_resamples: int = 1000, seed: int = 0) -> Interval:
    """Return the share of pairs of answers to the same product that agree, 0 to 1.

    It does not take away what chance alone would bring: ``krippendorff_alpha`` does.

    Examples
    --------
    >>> percent_agreement(np.array([[0, 0], [1, 1], [0, 1], [1, 1]])).value
    0.75
    """
    counts = _counts(answers)
    sizes = counts.sum(axis=1)
    pairs = sizes * (sizes - 1) / 2
    agreed = (counts * (counts - 1)).sum(axis=1) / 2
    return _share(agreed, pairs, n_resamples, seed)


def agreement_with_others(
    answers: IntArray, person: int, *, n_resamples: int = 1000, seed: int = 0
) -> Interval:
    """Return how many of the others' answers to the same products a person's agree with, 0 to 1."""
    own = answers[:, person]
    theirs = np.delete(answers, person, axis=1)[own != MISSING]
    own = own[own != MISSING]
    pairs = (theirs != MISSING).sum(axis=1)
    agreed = (theirs == own[:, None]).sum(axis=1)
    is_shared = pairs > 0
    return _share(
        agreed[is_shared].astype(np.float64),
        pairs[is_shared].astype(np.float64),
        n_resamples,
        seed,
    )


def pairwise_kappas(
    answers: IntArray, *, n_resamples: int = 1000, seed: int = 0
) -> list[PairAgreement]:
    """Return how each two people agree who answered at least one product both.

    The intervals are by bootstrap over products; where two agree on all, or on none, its other end
    is that of so many products of which none happens to be otherwise.

    References
    ----------
    Cohen (1960), A Coefficient of Agreement for Nominal Scales.

    Examples
    --------
    >>> pairwise_kappas(np.array([[0, 0], [1, 1], [0, 1], [1, 1]]))[0].kappa.value
    0.5
    """
    n_people = answers.shape[1]
    found = []
    for first in range(n_people):
        for second in range(first + 1, n_people):
            is_shared = (answers[:, first] != MISSING) & (answers[:, second] != MISSING)
            if is_shared.any():
                a, b = answers[is_shared, first], answers[is_shared, second]
                kappa = _kappa(a, b, n_resamples, seed)
                found.append(PairAgreement(first, second, float((a == b).mean()), kappa))
    return found


def majority(answers: IntArray) -> IntArray:
    """Return the category that most people gave each product, ``MISSING`` where it is a tie.

    Examples
    --------
    >>> majority(np.array([[0, 0, 1], [0, 1, -1], [2, -1, -1]])).tolist()
    [0, -1, 2]
    """
    winners = np.full(len(answers), MISSING, dtype=np.int64)
    for row, given in enumerate(answers):
        names, votes = np.unique(given[given != MISSING], return_counts=True)
        if len(votes) and (votes == votes.max()).sum() == 1:
            winners[row] = names[votes.argmax()]
    return winners


def _kappa(a: IntArray, b: IntArray, n_resamples: int, seed: int) -> Interval:
    """Return Cohen's kappa; products with the same two answers are drawn as one cell of a table."""
    n = len(a)
    cells, counts = np.unique(np.stack([a, b], axis=1), axis=0, return_counts=True)
    value, by_chance = (float(found[0]) for found in _kappas(cells, counts[None].astype(float)))
    if math.isnan(value):
        return Interval(None, None, None, n)
    agreed = float((a == b).mean())
    if agreed in {0.0, 1.0}:
        unseen = 1 - _unseen(n) if agreed else _unseen(n)
        other = max((unseen - by_chance) / (1 - by_chance), -1.0)
        return Interval(value, min(value, other), max(value, other), n)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, counts / n, size=n_resamples).astype(np.float64)
    low, high = _ends(_kappas(cells, drawn)[0])
    return Interval(value, low, high, n)


def _ends(resampled: FloatArray) -> tuple[float, float]:
    """Return the ends of an interval from resamples, of which those that tell nothing are NaN."""
    told = resampled[~np.isnan(resampled)]
    if not told.size:
        return -1.0, 1.0
    low, high = np.percentile(told, LEVEL_PERCENT)
    return float(low), float(high)


def _kappas(cells: IntArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return kappa and the agreement by chance for each row of counts of the cells.

    NaN stands for kappa where chance alone agrees fully.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    agreed = shares @ (cells[:, 0] == cells[:, 1])
    of_each = [
        shares @ (cells[:, side, None] == np.unique(cells)[None]).astype(np.float64)
        for side in (0, 1)
    ]
    by_chance = (of_each[0] * of_each[1]).sum(axis=1)
    kappas = np.full(len(counts), np.nan)
    known = ~np.isclose(by_chance, 1)
    kappas[known] = (agreed[known] - by_chance[known]) / (1 - by_chance[known])
    return kappas, by_chance


def _counts(answers: IntArray) -> FloatArray:
    """Return how often each category was given to each product with two answers or more."""
    names = np.unique(answers[answers != MISSING])
    counts = np.stack(
        [(answers == name).sum(axis=1) for name in names] or [np.zeros(len(answers))], axis=1
    ).astype(np.float64)
    several: FloatArray = counts[counts.sum(axis=1) > 1]
    return several


def _alphas(
    weights: FloatArray, counts: FloatArray, sizes: FloatArray, disputed: FloatArray
) -> FloatArray:
    """Return alpha for each row of weights of the products; NaN where one category is all."""
    total = weights @ counts
    n = weights @ sizes
    observed = weights @ disputed
    expected = (n**2 - (total**2).sum(axis=1)) / (n - 1)
    known = expected > 0
    alphas = np.full(len(weights), np.nan)
    alphas[known] = 1 - observed[known] / expected[known]
    return alphas


def _share(agreed: FloatArray, pairs: FloatArray, n_resamples: int, seed: int) -> Interval:
    n_products = len(pairs)
    if not n_products:
        return Interval(None, None, None, 0)
    value = float(agreed.sum() / pairs.sum())
    if value in {0.0, 1.0}:
        unseen = _unseen(n_products)
        low, high = (1 - unseen, 1.0) if value else (0.0, unseen)
        return Interval(value, low, high, n_products)
    weights = _weights(n_products, n_resamples, seed)
    low, high = np.percentile((weights @ agreed) / (weights @ pairs), LEVEL_PERCENT)
    return Interval(value, float(low), float(high), n_products)


def _weights(n_products: int, n_resamples: int, seed: int) -> FloatArray:
    """Return how often each resample draws each product, ``(n_resamples, n_products)``."""
    rng = np.random.default_rng(seed)
    shares = np.full(n_products, 1 / n_products)
    return rng.multinomial(n_products, shares, size=n_resamples).astype(np.float64)


def _unseen(n: int) -> float:
    """Return how frequent something may be that was not seen once in ``n``: Clopper-Pearson."""
    return float(1 - _TAIL ** (1 / n))
