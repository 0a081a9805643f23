"""In which order undecided products are asked: the rule, without the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.domain.review import AskedBecause

_ROUNDING = 1e-9  # 0.29 * 100 is a little less than 29
_LONG_QUEUE = 1_000_000  # as if behind so many: products that have no place of their own yet
# From here on a place may be off by half its rank and more: nobody gets there before the front has
# been ordered again, many times over.
EXACT_PLACES = 1000
_MUCH = 1.5


@dataclass(frozen=True, slots=True)
class Lane:
    """What one strategy asks first, second, and so on, and which part of the queue is its own.

    Parameters
    ----------
    share
        Percent, beside the shares of the other lanes.
    order
        Ids of products; other lanes may hold the same ones.
    reason
        Why its products are asked.
    is_by_chance
        Whether it is a random draw, which near-duplicates of other products must not bend.
    """

    share: float
    order: Sequence[int]
    reason: AskedBecause
    is_by_chance: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The undecided products that no strategy orders, or not alone.

    Parameters
    ----------
    evaluation
        The evaluation set in the order of its draw.
    unknown
        What came after the strategies had looked.
    skipped
        What somebody has skipped.
    evaluates
        Which of the skipped belong to the evaluation set.
    group_of
        The number that near-duplicates share, where one is known.
    decided_groups
        Groups of which a product is decided, or on a desk.
    """

    evaluation: Sequence[int] = ()
    unknown: Sequence[int] = ()
    skipped: Sequence[int] = ()
    evaluates: frozenset[int] = frozenset()
    group_of: Mapping[int, int] = field(default_factory=dict)
    decided_groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A product's place in the queue: the higher the priority, the sooner it is asked."""

    product_id: int
    priority: float
    reason: AskedBecause
    is_suggestion_hidden: bool


def arrange(
    lanes: Sequence[Lane], waiting: Waiting, *, evaluation_share: float, n: int | None = None
) -> list[Place]:
    """Order the undecided products of a catalogue, the first to be asked first.

    Each lane gets its share of the places, by the largest remainder, and each product the reason of
    the lane that put it there. The evaluation set is spread evenly among them. Near-duplicates of a
    product that stands earlier, or is decided, follow behind all others, then what the lanes do not
    know, then what somebody has skipped.

    Parameters
    ----------
    lanes
        Of two that have an equal claim to a place, the first gets it.
    evaluation_share
        Which part of the places goes to the evaluation set while there is any of it, 0 to 1.
    n
        At most so many places; None gives all.

    Returns
    -------
    list of Place
        Priorities as ``priority_of`` says for each rank; below -1 for what was skipped.
    """
    places: list[Place] = []
    others = _others(lanes, waiting)
    for product_id, reason in _interleave(others, waiting.evaluation, evaluation_share):
        if n is not None and len(places) >= n:
            return places
        hidden = reason is AskedBecause.EVALUATION
        places.append(Place(product_id, priority_of(len(places)), reason, hidden))
    for rank, product_id in enumerate(waiting.skipped):
        hidden = product_id in waiting.evaluates
        priority = -1 - (rank + 1) / len(waiting.skipped)
        places.append(Place(product_id, priority, AskedBecause.SKIPPED, hidden))
    return places[:n]


def priority_of(rank: int) -> float:
    """Return the priority of a place, 0 the first: from 1 down towards 0.

    It does not depend on the length of the queue, so a place is the same one after others have
    left; and a product is moved behind all others by taking 1 away, and back by adding it.
    """
    return 1 / (1 + rank)


def place_of_new(product_id: int, reason: AskedBecause) -> Place:
    """Return a random place behind what has a proper one."""
    rank = round(fraction_of(product_id) * _LONG_QUEUE)
    return Place(product_id, priority_of(_LONG_QUEUE + rank), reason, False)


def is_moved(before: Place, now: Place) -> bool:
    """Tell whether a place has to be written again; far behind, only where it is off by much."""
    if before.is_suggestion_hidden != now.is_suggestion_hidden:
        return True
    if (before.reason is AskedBecause.RANDOM) != (now.reason is AskedBecause.RANDOM):
        return True  # figures about the whole catalogue rest on what chance has chosen
    if now.priority <= 0 or before.priority <= 0:
        return before.priority != now.priority
    if max(before.priority, now.priority) >= priority_of(EXACT_PLACES):
        return (before.priority, before.reason) != (now.priority, now.reason)
    ratio = before.priority / now.priority
    return not 1 / _MUCH < ratio < _MUCH


def fraction_of(product_id: int) -> float:
    """Return a number from 0 to below 1 that looks random and never changes."""
    digest = hashlib.sha256(b"queue\x00%d" % product_id).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def drawn(product_ids: Iterable[int], share: float) -> tuple[list[int], list[int]]:
    """Draw part of the products for the random lane, which alone asks them.

    They are drawn by a hash of the product: what no model, and nobody's decision, has chosen is a
    fair sample of the catalogue. A greater share holds all that a smaller one does.

    Parameters
    ----------
    share
        0 to 1.

    Returns
    -------
    drawn, others : list of int
        The drawn in the order of the draw.
    """
    fractions = [(fraction_of(product_id), product_id) for product_id in product_ids]
    others = [product_id for fraction, product_id in fractions if fraction >= share]
    return [product_id for fraction, product_id in sorted(fractions) if fraction < share], others


def _others(lanes: Sequence[Lane], waiting: Waiting) -> Iterator[tuple[int, AskedBecause]]:
    """Yield what is not evaluated on: as dealt, then near-duplicates, then the unknown."""
    behind: list[tuple[int, AskedBecause]] = []
    in_front = set(waiting.decided_groups)
    for lane, product_id in _deal(lanes):
        group = waiting.group_of.get(product_id)
        if group in in_front and not lane.is_by_chance:
            behind.append((product_id, lane.reason))
            continue
        if group is not None:
            in_front.add(group)
        yield product_id, lane.reason
    yield from behind
    for product_id in waiting.unknown:
        yield product_id, AskedBecause.NEW


def _deal(lanes: Sequence[Lane]) -> Iterator[tuple[Lane, int]]:
    """Yield each product once, with the lane whose turn it was.

    A turn goes to the lane that is furthest behind its share; one that is used up leaves its share
    to the others.
    """
    running = [(lane, iter(lane.order)) for lane in lanes if lane.share > 0]
    taken: set[int] = set()
    while running:
        total = sum(lane.share for lane, _ in running)
        parts = [lane.share / total for lane, _ in running]
        owed = [0.0] * len(parts)
        while True:
            owed = [debt + part for debt, part in zip(owed, parts, strict=True)]
            turn = owed.index(max(owed))
            lane, order = running[turn]
            product_id = next((found for found in order if found not in taken), None)
            if product_id is None:
                break
            taken.add(product_id)
            owed[turn] -= 1
            yield lane, product_id
        del running[turn]


def _interleave(
    others: Iterator[tuple[int, AskedBecause]], evaluation: Sequence[int], share: float
) -> Iterator[tuple[int, AskedBecause]]:
    """Give every ``1 / share``-th place to the evaluation set until either of them is used up."""
    n_evaluation = 0
    for rank, other in enumerate(others):
        while (
            n_evaluation < len(evaluation)
            and int((rank + n_evaluation + 1) * share + _ROUNDING) > n_evaluation
        ):
            yield evaluation[n_evaluation], AskedBecause.EVALUATION
            n_evaluation += 1
        yield other
    for product_id in evaluation[n_evaluation:]:
        yield product_id, AskedBecause.EVALUATION
