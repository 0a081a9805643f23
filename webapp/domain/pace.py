"""How fast a person decides: seconds a card, and cards an hour while she is at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import exp, sqrt
from statistics import fmean, median

from webapp.domain.acts import Act
from webapp.domain.figures import Figure

LONGEST_GAP = timedelta(minutes=5)  # between two cards; longer is a break
LEAST_CARDS = 20  # before a pace is told: of fewer, the interval is most of the range
_TAILS = 40  # one of them lies on either side of an interval of 95 %
_Z = 1.96  # of a normal distribution, with as much on either side


@dataclass(frozen=True, slots=True)
class Pace:
    """The median of the seconds a card took, decisions an hour, and how many are behind each.

    Both are None below ``LEAST_CARDS``.
    """

    seconds: Figure | None
    n_timed: int
    per_hour: Figure | None
    n_gaps: int


def pace_of(acts: Iterable[Act]) -> Pace:
    """Return the pace of a person from her acts, in any order; many decided at once do not count.

    Examples
    --------
    >>> pace_of([]).seconds is None
    True
    """
    decisions = [act for act in acts if act.is_card and act.is_decision]
    seconds = sorted(act.took_ms / 1000 for act in decisions if act.took_ms is not None)
    moments = sorted(act.created_at for act in decisions)
    between = (after - before for before, after in pairwise(moments))
    gaps = [gap.total_seconds() for gap in between if gap <= LONGEST_GAP]
    has_rate = len(gaps) >= LEAST_CARDS and sum(gaps) > 0
    return Pace(
        seconds=_median(seconds) if len(seconds) >= LEAST_CARDS else None,
        n_timed=len(seconds),
        per_hour=_per_hour(gaps) if has_rate else None,
        n_gaps=len(gaps),
    )


def _median(ordered: Sequence[float]) -> Figure:
    """Return the median with its interval from rank to rank, which holds for any distribution.

    References
    ----------
    Conover (1999), Practical Nonparametric Statistics, section 3.2.
    """
    n = len(ordered)
    rank, ways, fewer = 0, 1, 1  # of 2 ** n ways to lie below the median: so many, so few and fewer
    while _TAILS * fewer <= 2**n:
        rank += 1
        ways = ways * (n - rank + 1) // rank
        fewer += ways
    return Figure(median(ordered), ordered[rank - 1], ordered[n - rank], n)


def _per_hour(gaps: Sequence[float]) -> Figure:
    """Return how many gaps (in seconds) fit an hour; the interval is that of their mean, by logs.

    It takes them for independent; whoever has slow and fast hours varies more.
    """
    n, mean = len(gaps), fmean(gaps)
    spread = sqrt(sum((gap - mean) ** 2 for gap in gaps) / (n - 1) / n) / mean
    rate = 3600 / mean
    return Figure(rate, rate * exp(-_Z * spread), rate * exp(_Z * spread), n)
