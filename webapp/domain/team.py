"""The figures of a person at the desk, and the medians of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from webapp.domain.acts import Act
from webapp.domain.figures import Figure
from webapp.domain.gold import Gold, gold_accuracy
from webapp.domain.pace import Pace, pace_of
from webapp.domain.proportions import Proportion, proportion
from webapp.domain.vigilance import Vigilance, watch

LEAST_OTHERS = 3  # fewer, and the median of the others would tell who it is


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One person; all but the counts are of her newest acts.

    Parameters
    ----------
    overridden
        Of the suggestions shown on cards, those that she corrected or flagged.
    differing
        Of the answers on cards without suggestion, those that differ from what it would have been.
    gold
        Of the gold products that she answered by herself, those that she got right.
    agreed, quality
        With others on the same products, and how likely an answer of hers is right by CROWDLAB;
        None where she shared none.
    """

    user_id: int
    name: str
    n_week: int
    n_all: int
    pace: Pace
    overridden: Proportion
    differing: Proportion
    gold: Proportion
    vigilance: Vigilance
    agreed: Figure | None
    quality: float | None


@dataclass(frozen=True, slots=True)
class Medians:
    """The middle figures of ``n`` people; None where fewer than ``LEAST_OTHERS`` have one."""

    n: int
    n_week: float | None
    median_s: float | None
    per_hour: float | None
    overridden: float | None
    differing: float | None
    gold: float | None
    agreed: float | None


def overridden_of(acts: Sequence[Act]) -> Proportion:
    """Return how many of the suggestions that a person decided on she did not take over."""
    shown = [act for act in acts if act.is_shown and act.is_decision]
    return proportion(sum(not act.is_confirming for act in shown), len(shown))


def differing_of(acts: Sequence[Act]) -> Proportion:
    """Return how many answers on hidden cards differ from what the card would have suggested."""
    hidden = [act for act in acts if act.is_hidden_answer]
    return proportion(sum(act.category_id != act.model_category_id for act in hidden), len(hidden))


def figures_of(
    *,
    user_id: int,
    name: str,
    n_week: int,
    n_all: int,
    acts: Sequence[Act],
    factor: float,
    gold: Mapping[int, Gold],
    gold_answers: Mapping[int, int],
    agreed: Figure | None,
    quality: float | None,
) -> PersonFigures:
    """Return the figures of one person from her newest acts, the newest first."""
    known = {product_id: each.category_id for product_id, each in gold.items()}
    acts = [
        replace(act, gold_category_id=known[act.product_id]) if act.product_id in known else act
        for act in acts
    ]
    return PersonFigures(
        user_id=user_id,
        name=name,
        n_week=n_week,
        n_all=n_all,
        pace=pace_of(acts),
        overridden=overridden_of(acts),
        differing=differing_of(acts),
        gold=gold_accuracy(acts, gold_answers, gold, user_id=user_id),
        vigilance=watch(acts, factor=factor),
        agreed=agreed,
        quality=quality,
    )


def medians_of(people: Sequence[PersonFigures]) -> Medians:
    """Return the middle figures of some people, so that none of them can be recognised."""

    def middle(read: Callable[[PersonFigures], float | None]) -> float | None:
        known = [value for value in map(read, people) if value is not None]
        return median(known) if len(known) >= LEAST_OTHERS else None

    return Medians(
        n=len(people),
        n_week=middle(lambda person: person.n_week),
        median_s=middle(lambda person: _value(person.pace.seconds)),
        per_hour=middle(lambda person: _value(person.pace.per_hour)),
        overridden=middle(lambda person: person.overridden.value),
        differing=middle(lambda person: person.differing.value),
        gold=middle(lambda person: person.gold.value),
        agreed=middle(lambda person: _value(person.agreed)),
    )


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure else None
