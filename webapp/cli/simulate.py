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
from webapp.cli.catalogue import read_mapping
from webapp.cli.group import print_json
from webapp.cli.progress import Progress
from webapp.config import read_image_settings
from webapp.domain.category_paths import MAX_LEVELS
from webapp.processes import quieten_tensorflow

T = TypeVar("T")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OUT = click.Path(file_okay=False, path_type=Path)
_INTERRUPTED = 130  # as a shell says of a program ended by Ctrl-C
_MOST_REPEATS = 1000
_LARGEST_SEED = 2**31 - 1
_LARGEST_BATCH = 100_000
_STRATEGIES = "Names of samplers, separated by commas: margin, margin@smoothed, margin@plain:5."
_NOISE = "Clean-up runs as well: none, uniform:0.1, confusable:0.1; may be given several times."


@click.command("simulate")
@click.argument("file", type=_FILE)
@click.option("--images", "images_dir", type=_FOLDER, help="Folder of the image files.")
@click.option("--out", type=_OUT, help="Folder of the results; made if it is new.")
@click.option("--strategies", help=_STRATEGIES)
@click.option("--batch", type=click.IntRange(1, _LARGEST_BATCH), help="Asked between two fits.")
@click.option("--noise", "noises", multiple=True, help=_NOISE)
@click.option("--repeats", type=click.IntRange(1, _MOST_REPEATS), default=5, show_default=True)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), default=0, show_default=True)
@click.option("--mapping", type=_FILE, help='JSON of field to column: {"category": "shelf"}.')
@click.option("--level", type=click.IntRange(1, MAX_LEVELS), default=1, help="Of the categories.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
    try:
        # Model libraries are loaded by this command alone, and once its words are right.
        quieten_tensorflow()
        from ml.simulation.noise import parse_noise
        from ml.simulation.strategies import parse

        chosen = None if strategies is None else _read("--strategies", parse, strategies, batch)
        noise = tuple(_read("--noise", parse_noise, each) for each in dict.fromkeys(noises))
        from ml.pipelines import PipelineSettings
        from ml.simulation.documents import document_of, lines_of, write_documents
        from ml.simulation.runner import SimulationOptions, run_simulation
        from webapp.services.study_products import read_products

        said = read_mapping(mapping) if mapping else None
        image = read_image_settings()
        settings = PipelineSettings(
            backbone=image.backbone,
            weights=image.weights,
            pooling=image.pooling,
            precision=image.precision,
        )
        options = SimulationOptions(
            strategies=chosen, batch=batch, noises=noise, repeats=repeats, seed=seed
        )
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        products = read_products(file, images_dir=images_dir, mapping=said, level=level)
        with ExitStack() as stack:
            on_progress = None
            if sys.stderr.isatty():  # a log has the lines, a terminal the bar below them
                on_progress = stack.enter_context(Progress("simulate", "pieces"))
            simulation = run_simulation(products, options, settings, out, _say, on_progress)
        if out is not None:
            write_documents(simulation, out)
    except KeyboardInterrupt:
        _say(
            "Stopped; nothing was kept."
            if out is None
            else "Stopped. The same command again goes on with what is not finished."
        )
        sys.exit(_INTERRUPTED)
    if as_json:
        print_json(document_of(simulation))
        return
    for sentence in simulation.left_out:
        click.echo(sentence)
    for line in lines_of(simulation):
        click.echo(line)
    if out is not None:
        report = click.format_filename(out / "simulation.html")  # a name may be no text at all
        click.echo(f"The report is {report}; the figures are beside it, as JSON and CSV.")


def _read(option: str, parse: Callable[..., T], *said: object) -> T:
    try:
        return parse(*said)
    except MlError as error:
        raise click.BadParameter(str(error), param_hint=f"'{option}'") from error


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)  # above a bar, where there is one
