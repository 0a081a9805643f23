"""``shelfwise study``: every pipeline on one file, in one table; no database, no home folder."""

from __future__ import annotations

from pathlib import Path

import click

from ml.errors import MlError
from webapp.cli import measuring
from webapp.cli.group import print_json
from webapp.cli.retraining import json_option
from webapp.processes import quieten_tensorflow


@click.command("study")
@measuring.file_argument
@measuring.images_option
@click.option(
    "--out", type=measuring.OUT, required=True, help="Folder of the results; made if it is new."
)
@click.option("--only", help="Names of systems, separated by commas.")
@click.option("--protocol", type=click.Choice(["study", "honest", "both"]), default="both")
@click.option("--repeats", type=measuring.REPEATS, default=1, show_default=True)
@measuring.seed_option
@measuring.mapping_option
@measuring.level_option
@json_option
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
    with measuring.ending_in_words(measuring.GOES_ON):
        # Model libraries are loaded by this command alone, and once its words are right.
        from ml.study.systems import PROTOCOLS, choose_systems

        names = None if only is None else tuple(name.strip() for name in only.split(","))
        try:
            choose_systems(names)
        except MlError as error:
            raise click.BadParameter(str(error), param_hint="'--only'") from error
        quieten_tensorflow()
        from ml.study.documents import document_of, write_documents
        from ml.study.runner import StudyOptions, run_study

        options = StudyOptions(
            only=names,
            protocols=tuple(name for name in PROTOCOLS if protocol in (name, "both")),
            repeats=repeats,
            seed=seed,
        )
        out.mkdir(parents=True, exist_ok=True)
        products = measuring.products_of(file, images_dir, mapping, level)
        study = run_study(
            products,
            options,
            measuring.settings_here(),
            out,
            lambda line: click.echo(line, err=True),
        )
        write_documents(study, out)
    if as_json:
        print_json(document_of(study))
        return
    for sentence in study.left_out:
        click.echo(sentence)
    measuring.echo_report(out / "study.html")
