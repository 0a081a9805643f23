"""Exact bounds of shares and tails of sums of chances, without a library of statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

TAIL = 0.025  # on either side of an interval of 95 %
_N_HALVINGS = 40  # of the interval from 0 to 1: to twelve digits
_N_TERMS = 300
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Proportion:
    """How many of ``n``, with the 95 % interval of the share that stands behind them, 0 to 1."""

    n_hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """Return the share, None of nothing."""
        return self.n_hits / self.n if self.n else None


def proportion(n_hits: int, n: int) -> Proportion:
    """Return a share with its exact 95 % interval.

    References
    ----------
    Clopper, Pearson (1934), The Use of Confidence or Fiducial Limits.

    Examples
    --------
    >>> found = proportion(0, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.0, 0.308)
    """
    low = beta_quantile(TAIL, n_hits, n - n_hits + 1) if n_hits else 0.0
    high = beta_quantile(1 - TAIL, n_hits + 1, n - n_hits) if n_hits < n else 1.0
    return Proportion(n_hits, n, low, high)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the x at which the Beta(a, b) distribution reaches a probability, by bisection.

    Examples
    --------
    >>> round(beta_quantile(0.5, 2, 2), 6)
    0.5
    """
    low, high = 0.0, 1.0
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        if incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function: the chance that Beta(a, b) is at most x.

    References
    ----------
    Abramowitz, Stegun (1964), 26.5.8: its continued fraction, summed by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, its mirror does not
        return 1 - incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    fraction, c, d = 1.0, 1.0, 0.0
    for term in range(_N_TERMS):
        half = term // 2
        if term == 0:
            numerator = 1.0
        elif term % 2:
            numerator = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            numerator = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        d = 1 / _away_from_zero(1 + numerator * d)
        c = _away_from_zero(1 + numerator / c)
        fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * (fraction - 1)


def chance_of_at_most(n_hits: int, chances: Sequence[float]) -> float:
    """Return how likely so few independent events happen, each of a chance of its own.

    The Poisson binomial distribution, exactly, by adding one event at a time.

    Examples
    --------
    >>> chance_of_at_most(1, [0.5, 0.5])
    0.75
    """
    counts = [1.0] + [0.0] * n_hits  # how likely there were 0, 1, ... so far
    for chance in chances:
        for at in range(n_hits, 0, -1):
            counts[at] = counts[at] * (1 - chance) + counts[at - 1] * chance
        counts[0] *= 1 - chance
    return min(sum(counts), 1.0)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
