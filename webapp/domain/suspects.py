"""Suspects: in which order they are shown, and how much of their list is really wrong."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma

MOST_LISTED = 2000  # of one round: who has decided these is served by the next round's list
DRAWN_EVERY = 4  # one place in so many is drawn at random from the whole list
LEAST_DRAWN = 5  # decisions at random before the rate of the whole list is told
_TAIL = 0.025  # on either side of an interval of 95 %


class Recorder(StrEnum):
    """Who recorded the category that looks wrong."""

    SELLER = "seller"
    MODERATOR = "moderator"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A product whose recorded category looked wrong to a round.

    The probabilities are out of fold; ``score`` is the normalised margin, 0 to 1, the lower the
    more suspect; ``rank`` 1 is the most suspect.
    """

    product_id: int
    rank: int
    is_label: bool
    recorded_category_id: int
    proposed_category_id: int
    recorded_probability: float
    proposed_probability: float
    score: float


@dataclass(frozen=True, slots=True)
class ListedSuspect:
    """A suspect and what has become of it.

    Parameters
    ----------
    has_changed
        Whether the decision since then gave it another category; None while nobody has decided.
        A flag is a decision that leaves the category.
    label_annotation_id
        The annotation that labels the product now, 0 where none does: who decides says which one
        she has seen, so that nobody decides twice what somebody else has just decided.
    """

    suspect: Suspect
    has_changed: bool | None
    label_annotation_id: int


@dataclass(frozen=True, slots=True)
class HitRate:
    """How many of a list are wrong, as far as its decisions tell.

    ``value``, ``low`` and ``high`` are of the whole list, 0 to 1, with an interval of 95 %; value
    is None while fewer than ``LEAST_DRAWN`` of the rest were decided at random. ``n_drawn`` of
    ``n_rest`` is that sample.
    """

    n_listed: int
    n_decided: int
    n_changed: int
    n_drawn: int
    n_rest: int
    value: float | None
    low: float
    high: float


def fraction_of(round_id: int, product_id: int) -> float:
    """Return a number from 0 to below 1 that looks random and never changes."""
    digest = hashlib.sha256(f"suspects\x00{round_id}\x00{product_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def arrange(
    listed: Sequence[ListedSuspect], *, round_id: int
) -> Iterator[tuple[ListedSuspect, bool]]:
    """Yield the undecided suspects in the order of deciding, and whether each was drawn.

    The most suspect come first, yet every ``DRAWN_EVERY``-th place is drawn from all that are
    left: from the top of a list nobody can tell how good the whole of it is. Places are counted
    on from the decisions made, so that a person who always takes the first one meets them too.
    """
    undecided = [each for each in listed if each.has_changed is None]
    ranked = iter(undecided)
    drawn = iter(sorted(undecided, key=lambda each: _chance(each, round_id)))
    done: set[int] = set()
    for place in range(len(listed) - len(undecided) + 1, len(listed) + 1):
        is_drawn = place % DRAWN_EVERY == 0
        source = drawn if is_drawn else ranked
        found = next(each for each in source if each.suspect.product_id not in done)
        done.add(found.suspect.product_id)
        yield found, is_drawn


def estimate_hit_rate(listed: Sequence[ListedSuspect], *, round_id: int) -> HitRate:
    """Estimate how many suspects of a list are wrong, from decisions made mostly from its top.

    The list is split where deciding from the top has come to: above it every decision is known.
    Below it only those count that stand at the front of a random order in which no decision is
    missing: a sample without replacement, whoever chose the others and why. Its bounds are exact
    (hypergeometric), and narrowed by all that is known of the rest.

    Parameters
    ----------
    listed
        In the order of their ranks.
    """
    decided = [each.has_changed for each in listed if each.has_changed is not None]
    n_top = next((at for at, each in enumerate(listed) if each.has_changed is None), len(listed))
    n_above = sum(bool(each.has_changed) for each in listed[:n_top])
    rest = sorted(listed[n_top:], key=lambda each: _chance(each, round_id))
    n_drawn = next((at for at, each in enumerate(rest) if each.has_changed is None), len(rest))
    n_hits = sum(bool(each.has_changed) for each in rest[:n_drawn])
    least = sum(each.has_changed is True for each in rest)
    most = len(rest) - sum(each.has_changed is False for each in rest)
    low, high = hypergeometric_bounds(n_hits, n_drawn, len(rest))
    low, high = min(max(low, least), most), max(min(high, most), least)
    n_listed = max(len(listed), 1)
    value = None
    if not rest:
        value = n_above / n_listed
    elif n_drawn >= LEAST_DRAWN:
        likely = min(max(n_hits / n_drawn * len(rest), least), most)
        value = (n_above + likely) / n_listed
    return HitRate(
        n_listed=len(listed),
        n_decided=len(decided),
        n_changed=sum(decided),
        n_drawn=n_drawn,
        n_rest=len(rest),
        value=value,
        low=(n_above + low) / n_listed,
        high=(n_above + high) / n_listed,
    )


def hypergeometric_bounds(n_hits: int, n_drawn: int, n_all: int) -> tuple[int, int]:
    """Return between how many hits there are among all, by an exact interval of 95 %.

    >>> hypergeometric_bounds(0, 0, 10)
    (0, 10)
    >>> hypergeometric_bounds(10, 20, 100)
    (30, 70)
    """
    possible = range(n_hits, n_all - (n_drawn - n_hits) + 1)
    low = _first(possible, lambda k: _at_least(n_hits, n_drawn, k, n_all) > _TAIL)
    high = _first(possible, lambda k: _at_most(n_hits, n_drawn, k, n_all) <= _TAIL)
    return possible[min(low, len(possible) - 1)], possible[max(high - 1, 0)]


def _chance(listed: ListedSuspect, round_id: int) -> float:
    return fraction_of(round_id, listed.suspect.product_id)


def _first(numbers: Sequence[int], is_true: Callable[[int], bool]) -> int:
    """Return where in rising numbers something becomes true, or how many there are."""
    return bisect_left(numbers, True, key=is_true)


def _at_most(n_hits: int, n_drawn: int, n_wrong: int, n_all: int) -> float:
    least = max(0, n_drawn - (n_all - n_wrong))
    return sum(_chance_of(hits, n_drawn, n_wrong, n_all) for hits in range(least, n_hits + 1))


def _at_least(n_hits: int, n_drawn: int, n_wrong: int, n_all: int) -> float:
    most = min(n_drawn, n_wrong)
    return sum(_chance_of(hits, n_drawn, n_wrong, n_all) for hits in range(n_hits, most + 1))


def _chance_of(n_hits: int, n_drawn: int, n_wrong: int, n_all: int) -> float:
    """Return how likely so many hits are in a draw without replacement."""
    return exp(
        _ways(n_wrong, n_hits) + _ways(n_all - n_wrong, n_drawn - n_hits) - _ways(n_all, n_drawn)
    )


def _ways(n: int, k: int) -> float:
    """Return the logarithm of the number of ways to choose ``k`` of ``n``."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
