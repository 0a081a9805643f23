"""``shelfwise export``: write a catalogue and the manifest that proves it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from webapp.cli.group import Shell, command, now, print_json
from webapp.cli.progress import Progress
from webapp.domain.errors import InvalidInputError
from webapp.domain.export import ExportRequest, Format, read_moment, write_time
from webapp.domain.slugs import slug_of
from webapp.services import export
from webapp.storage import catalogues, statistics

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("export")
@click.option("--catalogue", "name", required=True, help="Which catalogue.")
@click.option(
    "--format",
    "chosen",
    type=click.Choice([each.value for each in Format]),
    default=Format.CSV.value,
    help="csv-excel is csv with a byte order mark.",
)
@click.option("--out", type=_FILE, required=True, help="FILE; beside it FILE.manifest.json.")
@click.option("--as-of", "as_of", default="", help="A moment, such as 2026-03-01T12:00:00Z.")
@click.option("--labelled-only", is_flag=True, help="Leave out what nobody has decided.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@command
def export_command(
    shell: Shell,
    name: str,
    chosen: str,
    out: Path,
    as_of: str,
    labelled_only: bool,
    as_json: bool,
) -> None:
    """Write a catalogue as it is, or was at a moment, with where each category came from."""
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=slug_of(name))
        total = statistics.count_states(session, catalogue_id=catalogue.id).n_products
    request = ExportRequest(
        catalogue=catalogue,
        format=Format(chosen),
        as_of=read_moment(as_of, now=now()),
        is_labelled_only=labelled_only,
    )
    tally = export.Tally()
    with _replacing(out) as file, Progress("export", "products") as on_progress:
        for chunk in export.stream(shell.database, request):
            file.write(chunk.content)
            tally.add(chunk)
            on_progress(tally.n_products, total)
    manifest = export.manifest(shell.database, request, tally, file_name=out.name)
    manifest_path = out.with_name(f"{out.name}.manifest.json")
    with _replacing(manifest_path) as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
    if as_json:
        print_json(
            {
                "rows": tally.n_rows,
                "bytes": tally.n_bytes,
                "sha256": tally.sha256,
                "as_of": write_time(request.as_of),
                "manifest": str(manifest_path),
                "file": str(out),
            }
        )
        return
    click.echo(f"{out}: {tally.n_rows} rows, {tally.n_bytes} bytes, SHA-256 {tally.sha256}")
    click.echo(f"as of {write_time(request.as_of)}; the manifest is {manifest_path}")


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name once it is complete; a failure leaves the old one."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise InvalidInputError(
            "%(path)s cannot be written: %(reason)s.", path=path, reason=error.strerror or error
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
