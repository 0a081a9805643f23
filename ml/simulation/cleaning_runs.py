"""The clean-up runs of a simulation: the same wrong source categories for every strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from ml.choosing.model import out_of_fold
from ml.contract import IntArray, OnProgress
from ml.errors import MlError
from ml.sampling.pool import UNKNOWN, Pool
from ml.simulation.beliefs import Belief, by_model, by_posterior, by_source
from ml.simulation.cleaning import clean_up
from ml.simulation.keeping import cleanup_of
from ml.simulation.noise import NONE, Noise, corrupt, most_confused
from ml.simulation.records import CleanUp
from ml.simulation.strategies import DEFAULT, RANDOM, Strategy, own_way
from ml.simulation.work import Work

SOURCES_KEPT = "random, sources kept"


@dataclass(frozen=True, slots=True)
class Way:
    """How a catalogue is cleaned up: who is asked about, and what is believed of the others."""

    name: str
    strategy: Strategy
    believes_sources: bool = False


def ways_of(noise: Noise, strategies: Sequence[Strategy] | None) -> tuple[Way, ...]:
    """Return what is compared at one noise.

    The chosen strategies, by default the recipe and random, all believing the same; and, where
    there are source categories, random order that believes every source until it is decided.
    """
    chosen = strategies or tuple(map(own_way, (DEFAULT, RANDOM)))
    ways = [Way(each.name, each) for each in chosen]
    if noise.kind != NONE:
        ways.append(Way(SOURCES_KEPT, own_way(RANDOM), believes_sources=True))
    return tuple(ways)


def run_cleanups(
    work: Work, noises: Sequence[Noise], strategies: Sequence[Strategy] | None, repeats: int
) -> list[CleanUp]:
    """Clean up the whole catalogue, for every noise, repeat and strategy."""
    found = []
    for noise in noises:
        for repeat in range(repeats):
            for way in ways_of(noise, strategies):
                try:
                    cleanup = work.piece(
                        f"{noise.name}, {way.name}, repeat {repeat + 1}",
                        cleanup_of,
                        partial(_clean_up, work, noise, repeat, way),
                        _describe,
                    )
                except MlError as error:
                    work.leave_out(way.name, error)
                else:
                    found.append(cleanup)
    return found


def _clean_up(work: Work, noise: Noise, repeat: int, way: Way, on_progress: OnProgress) -> CleanUp:
    products = work.products
    n_categories = len(products.categories)
    # One catalogue, one noise, one belief: strategies differ by what they ask, and nothing else.
    features = work.features["smoothed"]
    pool = Pool(
        is_open=np.ones(len(products.labels), dtype=np.bool_),
        n_categories=n_categories,
        labels=np.full(len(products.labels), UNKNOWN, dtype=np.int64),
        sources=_sources(work, noise, repeat),
        groups=products.groups,
        features=features,
    )
    with threadpool_limits(1):  # as for the curves
        decisions = clean_up(
            products.labels,
            pool,
            way.strategy.choose(),
            way.strategy.batch,
            _belief(noise, way, work.seed + repeat),
            np.random.default_rng((work.seed, repeat)),
            on_progress,
            **{name: work.modalities[name] for name in way.strategy.modalities},
        )
    return CleanUp(
        strategy=way.name,
        noise=noise.name,
        repeat=repeat,
        right_at_start=decisions.right_at_start,
        decisions=decisions.n_to_enough,
        decisions_to_advice=decisions.n_to_advice,
        right_at_advice=decisions.right_at_advice,
    )


def _sources(work: Work, noise: Noise, repeat: int) -> IntArray:
    """Return source categories, the same for every strategy."""
    products, n_categories = work.products, len(work.products.categories)
    answers = out_of_fold(
        work.features["plain"],
        np.arange(len(products.labels)),
        products.labels,
        n_categories,
        products.groups,
        seed=work.seed,
    )
    rng = np.random.default_rng((work.seed, repeat, 1))
    return corrupt(products.labels, noise, most_confused(products.labels, answers), rng)


def _belief(noise: Noise, way: Way, seed: int) -> Belief:
    if way.believes_sources:
        return by_source
    return by_model if noise.kind == NONE else by_posterior(seed)


def _describe(cleanup: CleanUp) -> str:
    said = f"{cleanup.decisions} decisions"
    if cleanup.right_at_advice is None:
        return f"{said}; the advice to stop never came"
    right = f"{cleanup.right_at_advice:.2%} right"
    return f"{said}; advice to stop after {cleanup.decisions_to_advice}, {right}"
