"""The gate before publication: whether a round is worse than the live one beyond chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import binomtest

from ml.bootstrap import LEVEL_PERCENT, Interval, paired_intervals
from ml.contract import FloatArray, IntArray
from ml.metrics import accuracy, ari_of_predictions

# With fewer products a percentile interval is clearly too narrow, and an exact test decides.
MIN_FOR_BOOTSTRAP = 30
NOT_PREDICTED = -1

Rule = Literal["bootstrap", "sign test", "nothing to compare"]
Metric = Literal["accuracy", "ari"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of both rounds on the same products, and the new one's minus the live one's.

    The difference and its 95 % interval are None where the metric is undefined, the interval
    also where the products are too few for it.
    """

    new: float | None
    live: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a round may go live by itself, and what that was decided by.

    Parameters
    ----------
    is_passed
        False where the new round is worse beyond chance.
    rule
        What decided.
    worse
        The metrics in which the new round is worse beyond chance.
    accuracy, ari
        Both rounds on the same products.
    n
        How many products that were.
    n_left_out
        Evaluation products that the live round has never predicted.
    n_differ
        Products of which the two predict different categories.
    p_value
        Of the sign test, one-sided; None where the bootstrap decided.
    """

    is_passed: bool
    rule: Rule
    worse: tuple[Metric, ...]
    accuracy: Comparison
    ari: Comparison
    n: int
    n_left_out: int
    n_differ: int
    p_value: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the judgement as it is stored."""
        return {**asdict(self), "worse": list(self.worse)}


def judge(
    truth: IntArray,
    new: IntArray,
    live: IntArray,
    groups: IntArray,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Judgement:
    """Compare a new round with the live one on evaluation products that neither has learned from.

    The new round is held back where the whole 95 % interval of its difference to the live one lies
    below zero, in accuracy or in ARI (paired bootstrap over groups of near-duplicates). Of fewer
    than ``MIN_FOR_BOOTSTRAP`` products, where an exact sign test over the groups in which the two
    differ says that so many losses are chance in fewer than 2.5 of 100 cases.

    Parameters
    ----------
    truth, new, live : ndarray of shape (n_products,)
        The category id by which each product is scored, and those that the rounds predict. As they
        are ids, rounds may know different categories. ``live`` is ``NOT_PREDICTED`` where the live
        round has not met the product, which then counts for neither.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number.

    References
    ----------
    Koehn (2004), Statistical Significance Tests for Machine Translation Evaluation.
    Dixon, Mood (1946), The Statistical Sign Test.
    """
    met = np.flatnonzero(live != NOT_PREDICTED)
    n_left_out = len(live) - len(met)
    truth, new, live, groups = truth[met], new[met], live[met], groups[met]
    n_differ = int((new != live).sum())
    if not len(met):
        nothing = Comparison(None, None, None, None, None)
        return Judgement(True, "nothing to compare", (), nothing, nothing, 0, n_left_out, 0)
    if len(met) < MIN_FOR_BOOTSTRAP:
        p_value = _sign_test(truth, new, live, groups)
        is_worse = p_value < LEVEL_PERCENT[0] / 100
        return Judgement(
            not is_worse,
            "sign test",
            ("accuracy",) if is_worse else (),
            _compare(accuracy, truth, new, live),
            _compare(ari_of_predictions, truth, new, live),
            len(met),
            n_left_out,
            n_differ,
            p_value,
        )
    found = _paired(truth, new, live, groups, n_resamples, seed)
    named: tuple[Metric, Metric] = ("accuracy", "ari")
    worse = tuple(name for name in named if _is_below_zero(found[name]))
    return Judgement(
        not worse,
        "bootstrap",
        worse,
        _compare(accuracy, truth, new, live, found["accuracy"]),
        _compare(ari_of_predictions, truth, new, live, found["ari"]),
        len(met),
        n_left_out,
        n_differ,
    )


def _paired(
    truth: IntArray, new: IntArray, live: IntArray, groups: IntArray, n_resamples: int, seed: int
) -> dict[str, Interval]:
    categories = np.unique(np.concatenate([truth, new, live]))

    def certain_of(predicted: IntArray) -> FloatArray:
        # Accuracy and ARI look at the likeliest category alone.
        is_of: FloatArray = (predicted[:, None] == categories).astype(np.float64)
        return is_of

    return paired_intervals(
        np.searchsorted(categories, truth),
        certain_of(new),
        certain_of(live),
        groups,
        n_resamples=n_resamples,
        seed=seed,
    )


def _is_below_zero(interval: Interval) -> bool:
    return interval.high is not None and interval.high < 0


def _sign_test(truth: IntArray, new: IntArray, live: IntArray, groups: IntArray) -> float:
    """Return the chance of so many groups in which the new round loses, if neither is better."""
    gain = (new == truth).astype(np.int64) - (live == truth)
    _, unit = np.unique(groups, return_inverse=True)
    by_group = np.sign(np.bincount(unit, weights=gain))
    n_differ = int((by_group != 0).sum())
    if not n_differ:
        return 1.0
    n_lost = int((by_group < 0).sum())
    return float(binomtest(n_lost, n_differ, 0.5, alternative="greater").pvalue)


def _compare(
    metric: Callable[[IntArray, IntArray], float | None],
    truth: IntArray,
    new: IntArray,
    live: IntArray,
    interval: Interval | None = None,
) -> Comparison:
    of_new, of_live = metric(truth, new), metric(truth, live)
    difference = None if of_new is None or of_live is None else of_new - of_live
    if interval is None:
        return Comparison(of_new, of_live, difference, None, None)
    return Comparison(of_new, of_live, difference, interval.low, interval.high)
