"""Runs a simulation, and brings everything together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ml.contract import OnProgress, PipelineSettings, ignore_progress
from ml.errors import NotEnoughDataError
from ml.simulation import oracles
from ml.simulation.cleaning_runs import run_cleanups, ways_of
from ml.simulation.curves import run_curves
from ml.simulation.keeping import Kept, alone_in
from ml.simulation.noise import Noise
from ml.simulation.records import Simulation
from ml.simulation.strategies import Strategy, default_strategies, with_batch
from ml.simulation.summary import summarise, summarise_cleanups
from ml.simulation.work import Work
from ml.study.catalogue import StudyProducts
from ml.study.lines import OnLine
from ml.study.parts import open_parts, versions
from ml.study.subject import backbone_facts, facts_of


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What is run.

    Parameters
    ----------
    strategies
        None: the default ones, without scikit-activeml's where it is not installed.
    batch
        Of the default strategies; None is each one's own.
    noises
        Of the clean-up runs; without any there are none.
    """

    strategies: tuple[Strategy, ...] | None = None
    batch: int | None = None
    noises: tuple[Noise, ...] = ()
    repeats: int = 1
    seed: int = 0


def run_simulation(
    products: StudyProducts,
    options: SimulationOptions,
    settings: PipelineSettings,
    out: Path | None,
    on_line: OnLine,
    on_progress: OnProgress | None = None,
) -> Simulation:
    """Run what is not finished yet.

    Parameters
    ----------
    settings
        Of the backbone; seed and folder of features are the simulation's own.
    out
        A folder that is there: finished pieces are kept in ``parts`` below it, features of images
        in ``features``. None keeps nothing.
    on_line, on_progress
        Told a line for each piece, and how many pieces are done.

    Raises
    ------
    MlError
        If another simulation is writing into the folder, or the backbone has no weights.
    NotEnoughDataError
        If there are too few products, or no strategy could run.
    """
    chosen, left_out = _choose(options, on_line)
    n_cleanups = sum(len(ways_of(noise, options.strategies)) for noise in options.noises)
    with ExitStack() as stack:
        if out is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
        else:
            stack.enter_context(alone_in(out))
            folder = out
        settings = replace(settings, seed=options.seed, feature_dir=folder / "features")
        parts = (
            None
            if out is None
            else open_parts(out, products, settings, seed=options.seed, on_line=on_line)
        )
        work = Work(
            products=products,
            settings=settings,
            seed=options.seed,
            kept=Kept(parts),
            total=options.repeats * (1 + len(chosen) + n_cleanups),
            on_line=on_line,
            on_progress=on_progress or ignore_progress,
        )
        targets, curves = run_curves(work, chosen, options.repeats)
        cleanups = run_cleanups(work, options.noises, options.strategies, options.repeats)
    if not curves:
        raise NotEnoughDataError(f"No strategy could run. {' '.join((*left_out, *work.reasons()))}")
    return Simulation(
        **facts_of(
            products,
            left_out=(*left_out, *work.reasons()),
            settings=_settings_of(chosen, options, settings),
            versions=versions() | _oracle_version(),
        ),
        targets=tuple(targets),
        curves=tuple(curves),
        summary=summarise(chosen, curves, targets),
        cleanups=tuple(cleanups),
        cleanup_summary=summarise_cleanups(cleanups),
    )


def _choose(
    options: SimulationOptions, on_line: OnLine
) -> tuple[tuple[Strategy, ...], tuple[str, ...]]:
    """Return the strategies, and why some of the default ones are missing.

    Raises
    ------
    MlError
        If one that was named needs a library that is not installed.
    """
    if options.strategies is not None:
        for strategy in options.strategies:
            strategy.choose()
        return options.strategies, ()
    chosen = with_batch(default_strategies(), options.batch)
    if oracles.oracle_version() is not None:
        return chosen, ()
    line = f"{oracles.PACKAGE} is not installed: its strategies are left out."
    on_line(line)
    return tuple(each for each in chosen if not each.is_oracle), (line,)


def _oracle_version() -> dict[str, str]:
    found = oracles.oracle_version()
    return {} if found is None else {oracles.PACKAGE: found}


def _settings_of(
    strategies: Sequence[Strategy], options: SimulationOptions, settings: PipelineSettings
) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "repeats": options.repeats,
        "strategies": [strategy.name for strategy in strategies],
        "noise": [noise.name for noise in options.noises],
        **backbone_facts(settings),
    }
