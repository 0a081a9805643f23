"""What the report says of strategies, and the answers on top of it."""

from __future__ import annotations

from collections.abc import Iterator

from ml.sampling.table import SAMPLERS
from ml.simulation.cleaning_runs import SOURCES_KEPT
from ml.simulation.oracles import PREFIX
from ml.simulation.records import Mean, Ratio, Simulation, StrategySummary
from ml.simulation.report_numbers import labels, ratio, ratio_ends, spread
from ml.simulation.strategies import DEFAULT, Strategy
from ml.study.report_answers import Answer
from ml.study.report_numbers import percent

_SHARE = 95  # of the target, that the answers are about
_PERCENT = "\N{NO-BREAK SPACE}%"


def title_of(strategy: str) -> str:
    """Return a strategy's name for people: its sampler's title, and what is not usual about it.

    Examples
    --------
    >>> title_of("margin@smoothed:5"), title_of("skactiveml:badge")
    ('Smallest margin (smoothed, 5 at a time)', 'badge of scikit-activeml')
    """
    if strategy == SOURCES_KEPT:
        return "Random, sources kept"
    rest = strategy.removeprefix(PREFIX)
    sampler, _, batch = rest.partition(":")
    sampler, _, features = sampler.partition("@")
    title = SAMPLERS[sampler].title if rest == strategy else f"{sampler} of scikit-activeml"
    said = ", ".join(part for part in (features, batch and f"{batch} at a time") if part)
    return f"{title} ({said})" if said else title


def answers_of(simulation: Simulation) -> list[Answer]:
    """Return the answers, each with its n and its interval."""
    first = next(
        (each for each in simulation.summary if each.strategy == DEFAULT), simulation.summary[0]
    )
    return [
        _how_many(first),
        _beside("random order", first, first.to_random),
        _beside("the best of scikit-activeml", first, first.to_best_oracle),
        _every_category(first),
        *_clean_ups(simulation),
    ]


def _how_many(first: StrategySummary) -> Answer:
    mean = first.labels_to[_SHARE]
    others = ", ".join(
        f"{share}{_PERCENT}: {labels(each)}" for share, each in first.labels_to.items()
    )
    return Answer(
        f"How many labels does it take? ({title_of(first.strategy)})",
        "never" if mean.value is None else f"{labels(mean)} labels",
        f"To reach {_SHARE}{_PERCENT} of the ARI that all labels would give: {_worth(mean)}. "
        f"By share of that ARI: {others}.",
    )


def _beside(other: str, first: StrategySummary, ratios: dict[int, Ratio]) -> Answer:
    question = f"How does that compare with {other}?"
    found = ratios.get(_SHARE)
    if found is None:
        return Answer(question, "", "It was not compared, or never got there.")
    ends = ratio_ends(found)
    said = f", 95{_PERCENT} interval {ends}" if ends else ""
    all_shares = ", ".join(f"{share}{_PERCENT}: {ratio(each)}" for share, each in ratios.items())
    return Answer(
        question,
        f"{ratio(found)} of the labels",
        f"At {_SHARE}{_PERCENT}, on the same splits{said}, n = {first.n_repeats} splits. "
        f"By share: {all_shares}.",
    )


def _every_category(first: StrategySummary) -> Answer:
    mean = first.picks_to_all_categories
    return Answer(
        "How soon has every category been seen?",
        f"{labels(mean)} labels",
        f"Without any label given at the start: {_worth(mean)}.",
    )


def _clean_ups(simulation: Simulation) -> Iterator[Answer]:
    for found in simulation.cleanup_summary:
        if found.strategy != DEFAULT:
            continue
        begin = (
            "With no source categories"
            if found.noise == "none"
            else f"With wrong source categories ({found.noise.replace(':', ', ')})"
        )
        yield Answer(
            f"{begin}, when is 99{_PERCENT} of the catalogue right?",
            f"{labels(found.decisions)} decisions",
            f"{_worth(found.decisions).capitalize()}. Right before any decision: "
            f"{percent(found.right_at_start.value)}.",
        )


def _worth(mean: Mean) -> str:
    said = spread(mean)
    interval = f", 95{_PERCENT} interval of the mean {said}" if said else ""
    return f"mean of n = {mean.n} repeats{interval}"


def features_words(summary: StrategySummary | Strategy) -> str:
    """Say what a strategy sees, and how many it asks between two fits."""
    return f"{summary.features} features, {summary.batch} at a time"
