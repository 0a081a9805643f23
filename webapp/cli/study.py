"""``shelfwise study``: every pipeline on one file, in one table; no database, no home folder."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ml.errors import MlError
from webapp.cli.catalogue import read_mapping
from webapp.cli.group import print_json
from webapp.config import read_image_settings
from webapp.domain.category_paths import MAX_LEVELS
from webapp.processes import quieten_tensorflow

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OUT = click.Path(file_okay=False, path_type=Path)
_INTERRUPTED = 130  # as a shell says of a program ended by Ctrl-C
_MOST_REPEATS = 1000
_LARGEST_SEED = 2**31 - 1


@click.command("study")
@click.argument("file", type=_FILE)
@click.option("--images", "images_dir", type=_FOLDER, help="Folder of the image files.")
@click.option("--out", type=_OUT, required=True, help="Folder of the results; made if it is new.")
@click.option("--only", help="Names of systems, separated by commas.")
@click.option("--protocol", type=click.Choice(["study", "honest", "both"]), default="both")
@click.option("--repeats", type=click.IntRange(1, _MOST_REPEATS), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), default=0, show_default=True)
@click.option("--mapping", type=_FILE, help='JSON of field to column: {"category": "shelf"}.')
@click.option("--level", type=click.IntRange(1, MAX_LEVELS), default=1, help="Of the categories.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def study_command(
    file: Path,
    images_dir: Path | None,
    out: Path,
    only: str | None,
    protocol: str,
    repeats: int,
    seed: int,
    mapping: Path | None,
    level: int,
    as_json: bool,
) -> None:
    """Measure every pipeline on a CSV or JSON Lines FILE, under two named protocols.

    Finished systems are kept in OUT: the same command again goes on where it was stopped.
    """
    try:
        # Model libraries are loaded by this command alone, and once its words are right.
        from ml.study.systems import PROTOCOLS, choose_systems

        names = None if only is None else tuple(name.strip() for name in only.split(","))
        try:
            choose_systems(names)
        except MlError as error:
            raise click.BadParameter(str(error), param_hint="'--only'") from error
        quieten_tensorflow()
        from ml.pipelines import PipelineSettings
        from ml.study.documents import document_of, write_documents
        from ml.study.runner import StudyOptions, run_study
        from webapp.services.study_products import read_products

        said = read_mapping(mapping) if mapping else None
        image = read_image_settings()
        settings = PipelineSettings(
            backbone=image.backbone,
            weights=image.weights,
            pooling=image.pooling,
            precision=image.precision,
        )
        options = StudyOptions(
            only=names,
            protocols=tuple(name for name in PROTOCOLS if protocol in (name, "both")),
            repeats=repeats,
            seed=seed,
        )
        out.mkdir(parents=True, exist_ok=True)
        products = read_products(file, images_dir=images_dir, mapping=said, level=level)
        study = run_study(products, options, settings, out, _say)
        write_documents(study, out)
    except KeyboardInterrupt:
        _say("Stopped. The same command again goes on with what is not finished.")
        sys.exit(_INTERRUPTED)
    if as_json:
        print_json(document_of(study))
        return
    for sentence in study.left_out:
        click.echo(sentence)
    report = click.format_filename(out / "study.html")  # a name may be no text at all
    click.echo(f"The report is {report}; the figures are beside it, as JSON and CSV.")


def _say(line: str) -> None:
    click.echo(line, err=True)
