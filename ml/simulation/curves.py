"""The learning curves of a simulation: one split a repeat, which all strategies share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from ml.contract import OnProgress
from ml.errors import MlError, NotEnoughDataError
from ml.simulation import oracles
from ml.simulation.keeping import curve_of, target_of
from ml.simulation.records import SHARES, Curve, Target
from ml.simulation.replay import Replayed, replay
from ml.simulation.strategies import Strategy
from ml.simulation.target import measure_target
from ml.simulation.work import Work
from ml.study.protocols import Split, grouped_split


def run_curves(
    work: Work, strategies: Sequence[Strategy], repeats: int
) -> tuple[list[Target], list[Curve]]:
    """Measure the target of each split, then every strategy on it.

    Raises
    ------
    NotEnoughDataError
        If a split leaves nothing to ask or to score, or no target.
    """
    targets, curves = [], []
    for repeat in range(repeats):
        split = _split(work, repeat)
        target = _target(work, split, repeat)
        targets.append(target)
        for strategy in strategies:
            try:
                curve = work.piece(
                    f"{strategy.name}, repeat {repeat + 1}",
                    curve_of,
                    partial(_curve, work, strategy, split, repeat),
                    partial(_describe, target),
                    version=oracles.oracle_version() if strategy.is_oracle else None,
                )
            except MlError as error:
                work.leave_out(strategy.name, error)
            else:
                curves.append(curve)
    return targets, curves


def _split(work: Work, repeat: int) -> Split:
    products = work.products
    split = grouped_split(products.labels, products.groups, seed=work.seed + repeat)
    for rows, verb in ((split.train, "ask about"), (split.test, "score")):
        if len(np.unique(products.labels[rows])) < 2:
            raise NotEnoughDataError(
                f"{products.source} is too small: {len(rows)} products to {verb} are not of two "
                "categories. Give a file with more products that are no copies of one another."
            )
    return split


def _target(work: Work, split: Split, repeat: int) -> Target:
    return work.piece(
        f"target, repeat {repeat + 1}",
        target_of,
        lambda tick: measure_target(
            work.products, split, work.settings, repeat=repeat, on_progress=tick
        ),
        lambda found: f"ARI {found.ari:.3f}, n = {found.n_test}",
    )


def _curve(
    work: Work, strategy: Strategy, split: Split, repeat: int, on_progress: OnProgress
) -> Curve:
    products = work.products
    catalogue = Replayed(
        labels=products.labels,
        groups=products.groups,
        n_categories=len(products.categories),
        features=work.features[strategy.features],
        asked=split.train,
        held_out=split.test,
        **{name: work.modalities[name] for name in strategy.modalities},
    )
    rng = np.random.default_rng((work.seed, repeat))
    with threadpool_limits(1):  # ten repeats take 3 minutes of processor time so, and 8 on two
        points, picks = replay(catalogue, strategy.choose(), strategy.batch, rng, on_progress)
    return Curve(strategy.name, repeat, points, picks)


def _describe(target: Target, curve: Curve) -> str:
    labels = [curve.labels_to(share / 100 * target.ari) for share in SHARES]
    shown = " / ".join("never" if each is None else str(each) for each in labels)
    return f"{shown} labels to {' / '.join(map(str, SHARES))} % of the target"
