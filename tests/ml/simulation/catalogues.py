"""Small catalogues whose categories are known, and simulations of them that need no network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.pipelines import PIPELINES, PipelineRow
from ml.sampling.pool import UNKNOWN, Pool
from ml.simulation import strategies
from ml.simulation.records import Simulation
from ml.simulation.replay import Replayed
from ml.simulation.runner import SimulationOptions, run_simulation
from ml.simulation.strategies import parse
from ml.simulation.target import PIPELINE
from ml.study.catalogue import StudyProducts
from tests.fakes import use_fakes
from tests.ml.sampling.pools import blobs
from tests.ml.study.studies import make_products

N_CATEGORIES = 3


def use_fake_target(
    monkeypatch: pytest.MonkeyPatch, builder: str = "tests.fakes:build_text"
) -> None:
    """Let a pipeline that needs no training set the target."""
    use_fakes(monkeypatch)
    monkeypatch.setitem(PIPELINES, PIPELINE, PipelineRow(PIPELINE, "A fake", "text", builder))


def make_replayed(n: int = 90, *, spread: float = 0.3, **changes) -> Replayed:
    """Return blobs, of which every third is held out."""
    features, labels = blobs(n, N_CATEGORIES, np.random.default_rng(0), spread)
    rows = np.arange(n)
    values = {
        "labels": labels,
        "groups": rows,
        "n_categories": N_CATEGORIES,
        "features": features.astype(np.float32),
        "asked": rows[rows % 3 > 0],
        "held_out": rows[rows % 3 == 0],
    }
    return Replayed(**values | changes)


def make_start(sources=None, n: int = 90, spread: float = 0.3) -> tuple[np.ndarray, Pool]:
    """Return true labels and the pool before any decision; without ``sources`` all are right."""
    catalogue = make_replayed(n, spread=spread)
    pool = Pool(
        is_open=np.ones(n, dtype=bool),
        n_categories=N_CATEGORIES,
        labels=np.full(n, UNKNOWN),
        sources=catalogue.labels if sources is None else sources,
        groups=catalogue.groups,
        features=catalogue.features,
    )
    return catalogue.labels, pool


def run(
    out: Path | None,
    *,
    products: StudyProducts | None = None,
    names: str | None = "random,margin",
    lines: list[str] | None = None,
    **options,
) -> Simulation:
    """Run a simulation; ``lines`` receives what it says meanwhile."""
    chosen = None if names is None else parse(names)
    return run_simulation(
        make_products(60) if products is None else products,
        SimulationOptions(strategies=chosen, **options),
        PipelineSettings(),
        out,
        ([] if lines is None else lines).append,
    )


def without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scikit-activeml be missing."""
    monkeypatch.setattr(strategies.oracles, "PACKAGE", "a-package-that-nobody-has")
