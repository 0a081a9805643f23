"""In which order undecided products are asked: the rule, without the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.domain.review import AskedBecause

_ROUNDING = 1e-9  # 0.29 * 100 is a little less than 29


@dataclass(frozen=True, slots=True)
class OpenProduct:
    """A product without a decision; ``margin`` is None where the round has not predicted it."""

    product_id: int
    margin: float | None
    is_evaluation: bool
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A product's place in the queue: the higher the priority, the sooner it is asked."""

    product_id: int
    priority: float
    reason: AskedBecause
    is_suggestion_hidden: bool


def arrange(
    products: Iterable[OpenProduct], *, evaluation_share: float, has_round: bool
) -> list[Place]:
    """Order the undecided products of a catalogue, the first to be asked first.

    Those with the smallest margin come first, the evaluation set spread evenly among them, then
    what the round has not predicted, then what somebody has skipped. Without a round the order is
    random, yet always the same.

    Parameters
    ----------
    evaluation_share
        Which part of the places goes to the evaluation set while there is any of it, 0 to 1.

    Returns
    -------
    list of Place
        Priorities from 1 down to above 0, evenly spaced; below 0 for what was skipped.
    """
    asked = list(products)
    skipped = sorted((p for p in asked if p.is_skipped), key=_chance)
    fresh = [p for p in asked if not p.is_skipped]
    evaluation = sorted((p for p in fresh if p.is_evaluation), key=_chance)
    others = sorted((p for p in fresh if not p.is_evaluation), key=_by_margin)
    order = _interleave(others, evaluation, evaluation_share)
    first = [
        _place(product, 1 - rank / len(order), _reason(product, has_round))
        for rank, product in enumerate(order)
    ]
    last = [
        _place(product, -(rank + 1) / len(skipped), AskedBecause.SKIPPED)
        for rank, product in enumerate(skipped)
    ]
    return first + last


def fraction_of(product_id: int) -> float:
    """Return a number from 0 to below 1 that looks random and never changes."""
    digest = hashlib.sha256(f"queue\x00{product_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _chance(product: OpenProduct) -> float:
    return fraction_of(product.product_id)


def _by_margin(product: OpenProduct) -> tuple[bool, float, float]:
    return product.margin is None, product.margin or 0.0, _chance(product)


def _interleave(
    others: Sequence[OpenProduct], evaluation: Sequence[OpenProduct], share: float
) -> list[OpenProduct]:
    """Give every ``1 / share``-th place to the evaluation set until either of them is used up."""
    order: list[OpenProduct] = []
    n_others = n_evaluation = 0
    while n_others < len(others) and n_evaluation < len(evaluation):
        if int((len(order) + 1) * share + _ROUNDING) > n_evaluation:
            order.append(evaluation[n_evaluation])
            n_evaluation += 1
        else:
            order.append(others[n_others])
            n_others += 1
    return [*order, *others[n_others:], *evaluation[n_evaluation:]]


def _reason(product: OpenProduct, has_round: bool) -> AskedBecause:
    if product.is_evaluation:
        return AskedBecause.EVALUATION
    if not has_round:
        return AskedBecause.RANDOM
    return AskedBecause.UNCERTAIN if product.margin is not None else AskedBecause.NEW


def _place(product: OpenProduct, priority: float, reason: AskedBecause) -> Place:
    return Place(product.product_id, priority, reason, product.is_evaluation)
