"""How fast a person decides: seconds a card, and cards an hour while she is at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from webapp.domain.acts import Act

LONGEST_GAP = timedelta(minutes=5)  # between two cards; longer is a break
LEAST_CARDS = 10  # before a pace is told


@dataclass(frozen=True, slots=True)
class Pace:
    """The middle one of the seconds a card took, decisions an hour, and how many are behind each.

    Both are None below ``LEAST_CARDS``.
    """

    median_s: float | None
    n_timed: int
    per_hour: float | None
    n_gaps: int


def pace_of(acts: Iterable[Act]) -> Pace:
    """Return the pace of a person from her acts, in any order; many decided at once do not count.

    Examples
    --------
    >>> pace_of([]).median_s is None
    True
    """
    decisions = [act for act in acts if act.is_card and act.is_decision]
    seconds = [act.took_ms / 1000 for act in decisions if act.took_ms is not None]
    moments = sorted(act.created_at for act in decisions)
    gaps = [after - before for before, after in pairwise(moments) if after - before <= LONGEST_GAP]
    at_work = sum(gaps, timedelta())
    has_rate = len(gaps) >= LEAST_CARDS and at_work > timedelta()
    return Pace(
        median_s=median(seconds) if len(seconds) >= LEAST_CARDS else None,
        n_timed=len(seconds),
        per_hour=len(gaps) / (at_work / timedelta(hours=1)) if has_rate else None,
        n_gaps=len(gaps),
    )
