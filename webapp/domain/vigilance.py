"""Whether a person looks at suggestions, or changes fewer than a model's errors would need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from math import prod

from webapp.domain.acts import Act, one_of_each_group
from webapp.domain.proportions import chance_of_at_most
from webapp.domain.review import Probe

WINDOWS = (300, 1500)  # of the newest cards: a new habit shows in the first, a rare error in both
# Who finds at least half of the model's errors is not meant: people differ, and some errors are
# products that belong in either category.
LEAST_SHARE = 0.5
LEVEL = 0.01  # how often, at most, who finds exactly that share is noticed in one window
CLAIMED_PRIOR = 5.0  # errors that the model's own word counts for, beside those that were seen


class Attention(StrEnum):
    """What the cards of a person show."""

    LOOKS = "looks"
    TOO_FEW = "too_few"  # cards, or errors among them, to tell
    CONFIRMS = "confirms"  # fewer suggestions changed than the model's errors would need


@dataclass(frozen=True, slots=True)
class Vigilance:
    """How many suggestions a person left unconfirmed, and how many are expected to be wrong.

    Parameters
    ----------
    n
        Her newest cards with a suggestion, one of each group of near-duplicates.
    n_changed
        Those of them that she did not take over: corrected, flagged or skipped.
    n_expected
        How many of their suggestions are expected to be wrong; planted ones count as wrong.
    p_value
        How likely so few would be changed by somebody who finds ``LEAST_SHARE`` of the errors;
        1 where no fewer were than she would change on average.
    """

    attention: Attention
    n: int
    n_changed: int
    n_expected: float
    p_value: float


def error_factor(hidden: Iterable[Act]) -> float:
    """Return by what to multiply the errors that the model admits, from 0 to 1.

    Where the suggestion was hidden, people could not follow it: if they answer as the model would
    have more often than it expects, it is better than it says. It is never taken for worse than
    it says, because who guesses on hidden cards would make everybody else look careless.
    """
    admitted = seen = CLAIMED_PRIOR
    for act in one_of_each_group(hidden):
        if act.is_hidden_answer:
            admitted += 1 - (act.model_probability or 0.0)
            seen += act.category_id != act.model_category_id
    return min(seen / admitted, 1.0)


def watch(acts: Iterable[Act], *, factor: float) -> Vigilance:
    """Judge a person by her newest cards.

    Parameters
    ----------
    acts
        The newest first; acts without a suggestion are passed over.
    factor
        As ``error_factor`` returns it.

    Returns
    -------
    Vigilance
        Of the window that is the clearest evidence.
    """
    shown = (act for act in acts if act.is_shown)
    cards = list(islice(one_of_each_group(shown), max(WINDOWS)))
    judged = [_judge(cards[:size], factor) for size in WINDOWS]
    return min(judged, key=lambda each: (each.p_value, -each.n))


def _judge(cards: Sequence[Act], factor: float) -> Vigilance:
    chances = [_chance_wrong(card, factor) for card in cards]
    needed = [LEAST_SHARE * chance for chance in chances]
    n_changed = sum(not card.is_confirming for card in cards)
    is_enough = n_changed >= sum(needed)
    p_value = 1.0 if is_enough else chance_of_at_most(n_changed, needed)
    if p_value <= LEVEL:
        attention = Attention.CONFIRMS
    elif prod(1 - chance for chance in needed) > LEVEL:  # even none changed would prove nothing
        attention = Attention.TOO_FEW
    else:
        attention = Attention.LOOKS
    return Vigilance(attention, len(cards), n_changed, sum(chances), p_value)


def _chance_wrong(card: Act, factor: float) -> float:
    """Return how likely the suggestion of a card was wrong; where that is known, 0 or 1."""
    if card.probe is Probe.PLANTED:
        return 1.0
    if card.gold_category_id is not None:
        return float(card.gold_category_id != card.shown_category_id)
    return factor * (1 - (card.shown_probability or 0.0))
