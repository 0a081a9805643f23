"""How sure a model has to be to decide by itself: a threshold certified on random labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import beta, binom

from ml.contract import BoolArray, FloatArray, IntArray

STEP = 0.02  # of the candidates, from one threshold to the next looser one
MOST_STARTS = 4  # measured: fewer lose where the model is too sure, more dilute the confidence
ENOUGH_POWER = 0.7  # a start is worth its share of the risk if it would pass this often
# The model's own claim of its errors guides where to begin, and where evidence is thin how much
# more is needed. On the sample it claimed half of the errors that it made.
DOUBT, FLOOR = 1.5, 0.001
PRIOR_DOUBT, PRIOR_FLOOR, PRIOR_WEIGHT = 2.0, 0.001, 150.0
PLANNED_POWER = 0.97  # so that the plan holds in 90 of 100 catalogues, being a guess itself
GROWTH, IN_A_ROW = 1.06, 3
MOST_EVIDENCE = 100_000  # labels that nobody will give: out of reach
_SLACK = 1.3  # standard deviations by which fewer than expected may be accepted


class Finding(StrEnum):
    """What came of it, and why."""

    CERTIFIED = "certified"
    NOTHING_TO_ACCEPT = "nothing_to_accept"
    TOO_LITTLE_EVIDENCE = "too_little_evidence"  # even without an error it could not pass
    TOO_MANY_ERRORS = "too_many_errors"  # more labels can still show that it is good enough
    OUT_OF_REACH = "out_of_reach"  # no number of labels is expected to be enough


@dataclass(frozen=True, slots=True)
class Certificate:
    """Which predictions may stand without a person, and the evidence for it.

    Parameters
    ----------
    threshold
        Predictions of at least this probability may stand; None where none may.
    n
        Independent pieces of evidence: groups of near-duplicates with a label, not products.
    n_accepted, n_errors
        Those of them above the threshold (where there is none, above the one that was tried
        first), and those in which an accepted product is wrong.
    lower_bound
        Of the precision above that threshold, at the level at which it was tested; None without
        evidence.
    coverage
        Share of the candidates that the threshold accepts, 0 to 1.
    n_more
        How many more labels of evaluation products are expected to be enough; None where it is
        certified, or out of reach.
    """

    finding: Finding
    threshold: float | None
    n: int
    n_accepted: int
    n_errors: int
    lower_bound: float | None
    coverage: float
    n_more: int | None


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Thresholds from strict to loose: the share of candidates above, the errors claimed there."""

    thresholds: FloatArray
    shares: FloatArray
    claimed: FloatArray


def least_evidence(target: float, confidence: float) -> int:
    """Return how many accepted pieces of evidence are needed if none of them is an error.

    Examples
    --------
    >>> least_evidence(0.99, 0.95)
    299
    """
    return math.ceil(math.log(1 - confidence) / math.log(target))


def lower_bound(n: int, n_errors: int, confidence: float) -> float:
    """Return the exact one-sided lower bound of a precision.

    References
    ----------
    Clopper, Pearson (1934), The Use of Confidence or Fiducial Limits.

    Examples
    --------
    >>> round(lower_bound(299, 0, 0.95), 4)
    0.99
    """
    return float(beta.ppf(1 - confidence, n - n_errors, n_errors + 1)) if n > n_errors else 0.0


def certify(
    scores: FloatArray,
    is_right: BoolArray,
    groups: IntArray,
    candidates: FloatArray,
    *,
    target: float,
    confidence: float,
    labels_per_group: float = 1.0,
) -> Certificate:
    """Find the loosest threshold above which predictions are right often enough.

    Thresholds are tested from strict to loose, each by an exact binomial test, and the search ends
    at the first that fails; so looking at many costs nothing. It begins at up to ``MOST_STARTS``
    places that share the risk ``1 - confidence``; a start that is reached from a stricter one
    inherits its share. Thresholds and starts follow from the candidates alone, never from the
    labels that test them. Near-duplicates are one piece of evidence, and it counts as an error as
    soon as one accepted product of it is wrong.

    Parameters
    ----------
    scores, is_right, groups : ndarray of shape (n_labelled,)
        Labelled products of the random evaluation set, whose labels were given without seeing a
        suggestion: the highest probability of each, whether that category is the label, and the
        group of near-duplicates.
    candidates : ndarray of shape (n_candidates,)
        The highest probability of each product that waits to be accepted.
    target
        The precision wanted of what is accepted, above 0 and below 1.
    confidence
        How often, over random evaluation sets, what is accepted is at least that precise.
    labels_per_group
        Products of the catalogue per group of near-duplicates, to count missing labels in products.

    Raises
    ------
    ValueError
        If target or confidence is not between 0 and 1.

    References
    ----------
    Angelopoulos, Bates, Candes, Jordan, Lei (2021), Learn then Test: Calibrating Predictive
    Algorithms to Achieve Risk Control. Wiens (2003), A Fixed Sequence Bonferroni Procedure for
    Testing Multiple Endpoints.
    """
    if not (0 < target < 1 and 0 < confidence < 1):
        raise ValueError("target and confidence have to lie between 0 and 1")
    best, wrong = _one_per_group(scores, is_right, groups)
    if not len(candidates):
        return Certificate(Finding.NOTHING_TO_ACCEPT, None, len(best), 0, 0, None, 0.0, None)
    ladder, risk = _ladder(candidates), 1 - confidence
    n_accepted = (best[:, None] >= ladder.thresholds).sum(axis=0)
    n_errors = (wrong[:, None] >= ladder.thresholds).sum(axis=0)
    starts = _starts(len(best), ladder, 1 - target, risk)
    p_values = np.where(n_accepted > 0, binom.cdf(n_errors, n_accepted, 1 - target), 1.0)
    found, level = _walk(starts, p_values, risk)
    at = min(starts, key=lambda start: p_values[start]) if found is None else found
    n, k = int(n_accepted[at]), int(n_errors[at])
    bound = lower_bound(n, k, 1 - level) if n else None
    if found is not None:
        # Never below the least sure evidence: of what lies there, nothing has been seen.
        threshold = float(best[best >= ladder.thresholds[found]].min())
        coverage = float((candidates >= threshold).mean())
        return Certificate(Finding.CERTIFIED, threshold, len(best), n, k, bound, coverage, None)
    enough = _plan(len(best), ladder, n_accepted, n_errors, 1 - target, risk)
    if enough is None:
        return Certificate(Finding.OUT_OF_REACH, None, len(best), n, k, bound, 0.0, None)
    has_errors = k > 0 and n >= least_evidence(target, 1 - level)
    finding = Finding.TOO_MANY_ERRORS if has_errors else Finding.TOO_LITTLE_EVIDENCE
    n_more = math.ceil((enough - len(best)) * labels_per_group)
    return Certificate(finding, None, len(best), n, k, bound, 0.0, n_more)


def certify_each(
    scores: FloatArray,
    columns: IntArray,
    is_right: BoolArray,
    groups: IntArray,
    candidates: FloatArray,
    candidate_columns: IntArray,
    *,
    target: float,
    confidence: float,
    labels_per_group: float = 1.0,
) -> dict[int, Certificate]:
    """Certify each predicted category for itself, all of them together at the confidence.

    The risk is shared equally by the categories that any candidate is predicted to have, so each
    needs more evidence than one threshold for all would.

    Parameters
    ----------
    columns, candidate_columns : ndarray of shape (n_labelled,) and (n_candidates,)
        The predicted category of each product.

    Returns
    -------
    dict
        By predicted category.
    """
    present = np.unique(candidate_columns)
    own = 1 - (1 - confidence) / max(len(present), 1)
    return {
        int(column): certify(
            scores[columns == column],
            is_right[columns == column],
            groups[columns == column],
            candidates[candidate_columns == column],
            target=target,
            confidence=own,
            labels_per_group=labels_per_group
            * (len(scores) / max(int((columns == column).sum()), 1)),
        )
        for column in present
    }


def _one_per_group(
    scores: FloatArray, is_right: BoolArray, groups: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return of each group its highest score, and the highest that is wrong (else -inf)."""
    numbers, at = np.unique(groups, return_inverse=True)
    best, wrong = np.full(len(numbers), -np.inf), np.full(len(numbers), -np.inf)
    np.maximum.at(best, at, scores)
    np.maximum.at(wrong, at[~is_right], scores[~is_right])
    return best, wrong


def _ladder(candidates: FloatArray) -> _Ladder:
    falling = np.sort(candidates)[::-1].astype(np.float64)
    n_above = np.ceil(np.arange(STEP, 1 + STEP / 2, STEP) * len(falling)).astype(np.int64)
    thresholds = np.unique(falling[np.minimum(n_above, len(falling)) - 1])[::-1]
    n_above = np.searchsorted(-falling, -thresholds, side="right")
    claimed = np.cumsum(1 - falling)[n_above - 1] / n_above
    return _Ladder(thresholds, n_above / len(falling), claimed)


def _most_errors(n: FloatArray, error: float, risk: float) -> FloatArray:
    """Return how many errors among ``n`` still pass the test; -1 where not even none does."""
    quantile = binom.ppf(risk, n, error)  # the first count that is at least that likely
    return np.asarray(np.where(binom.cdf(quantile, n, error) <= risk, quantile, quantile - 1))


def _expected(n: int, shares: FloatArray) -> FloatArray:
    """Return how many of ``n`` groups are accepted at least, near enough."""
    spread = np.sqrt(n * shares * (1 - shares))
    return np.asarray(np.floor(np.maximum(n * shares - _SLACK * spread, 0)))


def _powers(n: int, ladder: _Ladder, error: float, risk: float) -> FloatArray:
    """Return how often each threshold would pass if the model's claims, doubted, were true."""
    n_accepted = _expected(n, ladder.shares)
    allowed = _most_errors(n_accepted, error, risk)
    doubted = np.minimum(ladder.claimed * DOUBT + FLOOR, 1)
    return np.where(allowed >= 0, binom.cdf(allowed, n_accepted, doubted), 0.0)


def _starts(n: int, ladder: _Ladder, error: float, risk: float) -> list[int]:
    """Return where to begin, strictest first: as many places as are likely to pass."""
    for n_starts in range(MOST_STARTS, 1, -1):
        likely = np.flatnonzero(_powers(n, ladder, error, risk / n_starts) >= ENOUGH_POWER)
        if len(likely) >= n_starts:
            spread = np.linspace(likely[0], likely[-1], n_starts).round()
            return [int(at) for at in spread]
    return [int(np.argmax(_powers(n, ladder, error, risk)))]


def _walk(starts: list[int], p_values: FloatArray, risk: float) -> tuple[int | None, float]:
    """Return the loosest threshold that passes, and the risk at which it was tested."""
    share = risk / len(starts)
    found, found_at, level = None, share, 0.0
    for at in range(starts[0], len(p_values)):
        level += share if at in starts else 0.0
        if p_values[at] <= level:
            found, found_at = at, level
        else:
            level = 0.0
    return found, found_at


def _plan(
    n: int, ladder: _Ladder, n_accepted: IntArray, n_errors: IntArray, error: float, risk: float
) -> int | None:
    """Return how many groups of evidence will probably be enough, or None.

    What the model claims, doubted, counts as ``PRIOR_WEIGHT`` groups beside those that were seen.
    A number counts as enough only if a few more would be too: with each, the search begins
    elsewhere, and a lucky place is no plan.
    """
    claimed = np.minimum(ladder.claimed * PRIOR_DOUBT + PRIOR_FLOOR, 0.5)
    errors = (PRIOR_WEIGHT * claimed + n_errors) / (PRIOR_WEIGHT + n_accepted)
    shares = (PRIOR_WEIGHT * ladder.shares + n_accepted) / (PRIOR_WEIGHT + n)
    if errors.min() >= error:
        return None
    n_in_a_row, enough = 0, n + 1
    while enough <= MOST_EVIDENCE:
        starts = np.array(_starts(enough, ladder, error, risk))
        total = n_accepted[starts] + _expected(enough - n, shares[starts])
        allowed = _most_errors(total, error, risk / len(starts)) - n_errors[starts]
        passing = binom.cdf(allowed, total - n_accepted[starts], errors[starts])
        is_enough = np.max(np.where(allowed >= 0, passing, 0.0)) >= PLANNED_POWER
        n_in_a_row = n_in_a_row + 1 if is_enough else 0
        if n_in_a_row == IN_A_ROW:
            return enough
        enough = math.ceil(enough * GROWTH) + 1
    return None
