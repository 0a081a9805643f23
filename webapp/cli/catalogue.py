"""``shelfwise import``: create or update a catalogue from a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from webapp.cli.group import Shell, command, now, print_json
from webapp.cli.progress import Progress
from webapp.domain.imports import ImportProblem, ImportRejectedError, ImportReport

_SHOWN = 20  # problems on a terminal; --json and the page have them all
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--catalogue", "name", required=True, help="Its name; made if there is none.")
@click.option("--images", "images_dir", type=_FOLDER, help="Folder of the image files.")
@click.option("--mapping", type=_FILE, help='JSON of field to column: {"external_id": "sku"}.')
@click.option("--level", type=click.IntRange(1, 10), help="Of the categories to decide.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@command
def import_command(
    shell: Shell,
    file: Path,
    name: str,
    images_dir: Path | None,
    mapping: Path | None,
    level: int | None,
    as_json: bool,
) -> None:
    """Create or update a catalogue from a CSV or JSON Lines FILE.

    Good rows go in; each of the others is named with its line and the reason.
    """
    from webapp.services import catalogue  # decodes images: loaded by this command alone

    said = read_mapping(mapping) if mapping else None
    with Progress("import", "rows") as on_progress:
        report = catalogue.import_file(
            shell.database,
            shell.config,
            path=file,
            file_name=file.name,
            name=name,
            now=now(),
            level=level,
            mapping=said,
            images_dir=images_dir,
            on_progress=on_progress,
        )
    if report.counts.rejected:
        click.echo(f"Rejected rows: {report.counts.rejected}; the others are in.", err=True)
    if as_json:
        print_json(document_of(report))
    else:
        _show(report)


def document_of(report: ImportReport) -> dict[str, object]:
    """Return a report as ``--json`` prints it."""
    return {
        "catalogue": report.catalogue,
        **asdict(report.counts),
        "errors": [asdict(problem) for problem in report.errors],
        "image_problems": [asdict(problem) for problem in report.image_problems],
    }


def _show(report: ImportReport) -> None:
    counts = report.counts
    click.echo(
        f"{report.catalogue}: {counts.new} new, {counts.changed} changed, "
        f"{counts.unchanged} unchanged, {counts.rejected} rejected; "
        f"{counts.without_image} without image, {counts.without_text} without text"
    )
    for title, problems in (("Rejected", report.errors), ("Images", report.image_problems)):
        for problem in problems[:_SHOWN]:
            click.echo(f"{title}: {_line_of(problem)}")
        if len(problems) > _SHOWN:
            click.echo(f"{title}: {len(problems) - _SHOWN} more (--json lists them all)")


def _line_of(problem: ImportProblem) -> str:
    where = ", ".join(filter(None, (f"line {problem.line}", problem.column, problem.value)))
    return f"{where}: {problem.reason}"


def read_mapping(path: Path) -> dict[str, str | None]:
    """Return what a file says about which column holds which field.

    Raises
    ------
    ImportRejectedError
        If it is no JSON object of texts.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ImportRejectedError(
            "The mapping %(file)s is no JSON: %(reason)s.", file=path.name, reason=error
        ) from error
    if not isinstance(found, dict) or not all(
        column is None or isinstance(column, str) for column in found.values()
    ):
        raise ImportRejectedError(
            "The mapping %(file)s is no JSON object of field to column, such as "
            '{"external_id": "sku"}.',
            file=path.name,
        )
    return found
