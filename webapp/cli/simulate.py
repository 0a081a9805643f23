"""``shelfwise simulate``: what each sampler would have cost on one file; no database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from ml.errors import MlError
from webapp.cli import measuring
from webapp.cli.group import print_json
from webapp.cli.progress import Progress
from webapp.cli.retraining import json_option
from webapp.processes import quieten_tensorflow

T = TypeVar("T")
_LARGEST_BATCH = 100_000
_STRATEGIES = "Names of samplers, separated by commas: margin, margin@smoothed, margin@plain:5."
_NOISE = "Clean-up runs as well: none, uniform:0.1, confusable:0.1; may be given several times."


@click.command("simulate")
@measuring.file_argument
@measuring.images_option
@click.option("--out", type=measuring.OUT, help="Folder of the results; made if it is new.")
@click.option("--strategies", help=_STRATEGIES)
@click.option("--batch", type=click.IntRange(1, _LARGEST_BATCH), help="Asked between two fits.")
@click.option("--noise", "noises", multiple=True, help=_NOISE)
@click.option("--repeats", type=measuring.REPEATS, default=5, show_default=True)
@measuring.seed_option
@measuring.mapping_option
@measuring.level_option
@json_option
def simulate_command(
    file: Path,
    images_dir: Path | None,
    out: Path | None,
    strategies: str | None,
    batch: int | None,
    noises: tuple[str, ...],
    repeats: int,
    seed: int,
    mapping: Path | None,
    level: int,
    as_json: bool,
) -> None:
    """Replay a labelled CSV or JSON Lines FILE as if people labelled it, sampler by sampler.

    With OUT finished pieces are kept: the same command again goes on where it was stopped.
    """
    with measuring.ending_in_words(
        "Stopped; nothing was kept." if out is None else measuring.GOES_ON
    ):
        # Model libraries are loaded by this command alone, and once its words are right.
        quieten_tensorflow()
        from ml.simulation.noise import parse_noise
        from ml.simulation.strategies import parse

        chosen = None if strategies is None else _read("--strategies", parse, strategies, batch)
        noise = tuple(_read("--noise", parse_noise, each) for each in dict.fromkeys(noises))
        from ml.simulation.documents import document_of, lines_of, write_documents
        from ml.simulation.runner import SimulationOptions, run_simulation

        options = SimulationOptions(
            strategies=chosen, batch=batch, noises=noise, repeats=repeats, seed=seed
        )
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        products = measuring.products_of(file, images_dir, mapping, level)
        with ExitStack() as stack:
            on_progress = None
            if sys.stderr.isatty():  # a log has the lines, a terminal the bar below them
                on_progress = stack.enter_context(Progress("simulate", "pieces"))
            simulation = run_simulation(
                products, options, measuring.settings_here(), out, _say, on_progress
            )
        if out is not None:
            write_documents(simulation, out)
    if as_json:
        print_json(document_of(simulation))
        return
    for sentence in simulation.left_out:
        click.echo(sentence)
    for line in lines_of(simulation):
        click.echo(line)
    if out is not None:
        measuring.echo_report(out / "simulation.html")


def _read(option: str, parse: Callable[..., T], *said: object) -> T:
    try:
        return parse(*said)
    except MlError as error:
        raise click.BadParameter(str(error), param_hint=f"'{option}'") from error


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)  # above a bar, where there is one
