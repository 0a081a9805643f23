"""The curves that the report draws: means over repeats, with a band of what they are worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ml.simulation.records import SHARES, Curve, CurvePoint, Simulation
from ml.simulation.strategies import DEFAULT, RANDOM
from ml.simulation.summary import mean_of

Measure = Callable[[Curve, CurvePoint], float]
Point = dict[str, float]
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """One strategy in both charts.

    Parameters
    ----------
    colour
        Its number among the report's colours.
    is_shown
        Whether it is drawn before anybody asks for it.
    reached, right
        Points of the mean share of the target's ARI and of the mean accuracy, in percent: ``x``
        labels, ``y`` the mean, ``low`` and ``high`` its 95 % interval, as wide as nothing for one
        repeat.
    """

    strategy: str
    colour: int
    is_shown: bool
    reached: list[Point]
    right: list[Point]


def drawn_curves(simulation: Simulation) -> list[DrawnCurve]:
    """Return the curves of all strategies, in the order of the summary."""
    targets = {target.repeat: target.ari for target in simulation.targets}
    shown = _shown(simulation)
    drawn = []
    for colour, summary in enumerate(simulation.summary):
        curves = [each for each in simulation.curves if each.strategy == summary.strategy]
        drawn.append(
            DrawnCurve(
                strategy=summary.strategy,
                colour=colour,
                is_shown=summary.strategy in shown,
                reached=_points(curves, lambda curve, at: 100 * at.ari / targets[curve.repeat]),
                right=_points(curves, lambda _, at: 100 * at.accuracy),
            )
        )
    return drawn


def chart_of(
    drawn: Sequence[DrawnCurve], measure: str, simulation: Simulation
) -> Mapping[str, object]:
    """Return what the program of the report draws of one measure.

    ``lines`` are the shares of the target, in percent; ``most_labels`` is where the axis ends at
    first: where the slowest of the strategies shown has reached the last share.
    """
    shown = {each.strategy for each in drawn if each.is_shown}
    ends = [
        summary.labels_to[SHARES[-1]].value or math.inf
        for summary in simulation.summary
        if summary.strategy in shown
    ]
    last = max(point["x"] for each in drawn for point in getattr(each, measure))
    return {
        "measure": measure,
        "lines": list(SHARES) if measure == "reached" else [],
        "most_labels": min(last, 1.1 * max(ends)),
        "series": [
            {
                "strategy": each.strategy,
                "colour": each.colour,
                "is_shown": each.is_shown,
                "points": getattr(each, measure),
            }
            for each in drawn
        ],
    }


def _shown(simulation: Simulation) -> set[str]:
    """Name the curves shown at first: the recipe, random and the best of the others."""
    others = [each for each in simulation.summary if each.strategy not in (DEFAULT, RANDOM)]
    best = sorted(others, key=lambda each: each.labels_to[SHARES[0]].value or math.inf)[:1]
    return {DEFAULT, RANDOM, *(each.strategy for each in best)}


def _points(curves: Sequence[Curve], measure: Measure) -> list[Point]:
    """Return points at the numbers of labels that all repeats have."""
    shared = set.intersection(*({point.n_labels for point in curve.points} for curve in curves))
    values: dict[int, list[float]] = {n_labels: [] for n_labels in sorted(shared)}
    for curve in curves:
        for point in curve.points:
            if point.n_labels in shared:
                values[point.n_labels].append(measure(curve, point))
    points = []
    for n_labels, measured in values.items():
        mean = mean_of(measured)
        value = sum(measured) / len(measured)
        low = value if mean.low is None else mean.low
        high = value if mean.high is None else mean.high
        points.append(
            {
                "x": n_labels,
                "y": round(value, _DIGITS),
                "low": round(low, _DIGITS),
                "high": round(high, _DIGITS),
            }
        )
    return points
