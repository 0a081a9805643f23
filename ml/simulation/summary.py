"""Curves and clean-up runs over all repeats: means, intervals, ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import t as student

from ml.simulation.cleaning import SHARE_RIGHT
from ml.simulation.records import (
    SHARES,
    CleanUp,
    CleanUpSummary,
    Curve,
    Mean,
    Ratio,
    StrategySummary,
    Target,
)
from ml.simulation.strategies import RANDOM, Strategy

LEVEL = 0.95
N_RESAMPLES = 2000


def mean_of(values: Sequence[float], n_reached: int | None = None) -> Mean:
    """Return the mean with its interval; nothing where no repeat got there."""
    n = len(values)
    reached = n if n_reached is None else n_reached
    if not reached:
        return Mean(None, None, None, None, n, reached)
    value = float(np.mean(values))
    if n < 2:
        return Mean(value, None, None, None, n, reached)
    sd = float(np.std(values, ddof=1))
    half = float(student.ppf((1 + LEVEL) / 2, n - 1)) * sd / math.sqrt(n)
    return Mean(value, value - half, value + half, sd, n, reached)


def ratio_of(
    ours: Sequence[float], theirs: Sequence[float], *, ours_reached: bool, theirs_reached: bool
) -> Ratio:
    """Return the ratio of two means over the same repeats, which are resampled together."""
    above, below = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    value = float(above.mean() / below.mean())
    bounds = (not theirs_reached, not ours_reached)
    if len(above) < 2:
        return Ratio(value, None, None, *bounds)
    drawn = np.random.default_rng(0).integers(len(above), size=(N_RESAMPLES, len(above)))
    resampled = above[drawn].mean(axis=1) / below[drawn].mean(axis=1)
    low, high = np.percentile(resampled, (50 * (1 - LEVEL), 50 * (1 + LEVEL)))
    return Ratio(value, float(low), float(high), *bounds)


def summarise(
    strategies: Sequence[Strategy], curves: Sequence[Curve], targets: Sequence[Target]
) -> tuple[StrategySummary, ...]:
    """Return one summary for each strategy that has curves, in the order of ``strategies``."""
    by_repeat = {target.repeat: target for target in targets}
    costs = {
        strategy.name: _Costs(
            [curve for curve in curves if curve.strategy == strategy.name], by_repeat
        )
        for strategy in strategies
    }
    costs = {name: cost for name, cost in costs.items() if cost.curves}
    oracles = [each.name for each in strategies if each.is_oracle and each.name in costs]
    return tuple(
        StrategySummary(
            strategy=strategy.name,
            features=strategy.features,
            batch=strategy.batch,
            n_repeats=len(cost.curves),
            labels_to={share: cost.mean(share) for share in SHARES},
            picks_to_all_categories=mean_of(
                [curve.picks_to_all_categories for curve in cost.curves]
            ),
            final_ari=mean_of([curve.points[-1].ari for curve in cost.curves]),
            to_random=_ratios(cost, dict.fromkeys(SHARES, costs.get(RANDOM))),
            to_best_oracle=_ratios(
                cost, {share: _best([costs[name] for name in oracles], share) for share in SHARES}
            ),
        )
        for strategy in strategies
        if (cost := costs.get(strategy.name)) is not None
    )


class _Costs:
    """What one strategy cost in each repeat."""

    def __init__(self, curves: Sequence[Curve], targets: Mapping[int, Target]) -> None:
        self.curves = curves
        self.repeats = [curve.repeat for curve in curves]
        found = {
            share: [curve.labels_to(share / 100 * targets[curve.repeat].ari) for curve in curves]
            for share in SHARES
        }
        self._n_reached = {
            share: sum(labels is not None for labels in found[share]) for share in SHARES
        }
        # What never got there has cost at least every label that there was.
        self._labels = {
            share: [
                curve.points[-1].n_labels if labels is None else labels
                for curve, labels in zip(curves, found[share], strict=True)
            ]
            for share in SHARES
        }

    def mean(self, share: int) -> Mean:
        return mean_of(self._labels[share], self._n_reached[share])

    def ratio_to(self, other: _Costs, share: int) -> Ratio | None:
        if self.repeats != other.repeats or not self._n_reached[share]:
            return None
        return ratio_of(
            self._labels[share],
            other._labels[share],
            ours_reached=self._n_reached[share] == len(self.curves),
            theirs_reached=other._n_reached[share] == len(other.curves),
        )


def _best(costs: Sequence[_Costs], share: int) -> _Costs | None:
    """Return the lowest mean: chosen after the fact, which flatters the one that is chosen."""
    return min(costs, key=lambda cost: cost.mean(share).value or math.inf, default=None)


def _ratios(cost: _Costs, others: Mapping[int, _Costs | None]) -> dict[int, Ratio]:
    found = {
        share: cost.ratio_to(other, share)
        for share, other in others.items()
        if other is not None and other is not cost
    }
    return {share: ratio for share, ratio in found.items() if ratio is not None}


def summarise_cleanups(cleanups: Sequence[CleanUp]) -> tuple[CleanUpSummary, ...]:
    """Return one summary for each noise and strategy, in the order of the runs."""
    together: dict[tuple[str, str], list[CleanUp]] = {}
    for cleanup in cleanups:
        together.setdefault((cleanup.noise, cleanup.strategy), []).append(cleanup)
    return tuple(_summarise_cleanup(runs) for runs in together.values())


def _summarise_cleanup(runs: Sequence[CleanUp]) -> CleanUpSummary:
    advised = [run.decisions_to_advice for run in runs if run.decisions_to_advice is not None]
    right = [run.right_at_advice for run in runs if run.right_at_advice is not None]
    return CleanUpSummary(
        strategy=runs[0].strategy,
        noise=runs[0].noise,
        n_repeats=len(runs),
        right_at_start=mean_of([run.right_at_start for run in runs]),
        decisions=mean_of([run.decisions for run in runs]),
        decisions_to_advice=mean_of(advised),
        right_at_advice=mean_of(right),
        n_under=sum(share < SHARE_RIGHT for share in right),
    )
