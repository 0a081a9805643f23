"""What ``shelfwise study`` and ``shelfwise simulate`` share: options, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli.catalogue import read_mapping
from webapp.config import read_image_settings
from webapp.domain.category_paths import MAX_LEVELS

if TYPE_CHECKING:
    from ml.contract import PipelineSettings
    from ml.study.catalogue import StudyProducts

OUT = click.Path(file_okay=False, path_type=Path)
REPEATS = click.IntRange(1, 1000)
GOES_ON = "Stopped. The same command again goes on with what is not finished."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SEEDS = click.IntRange(0, 2**31 - 1)
_LEVELS = click.IntRange(1, MAX_LEVELS)
_MAPPING = 'JSON of field to column: {"category": "shelf"}.'
_INTERRUPTED = 130  # as a shell says of a program ended by Ctrl-C

file_argument = click.argument("file", type=_FILE)
images_option = click.option(
    "--images", "images_dir", type=_FOLDER, help="Folder of the image files."
)
seed_option = click.option("--seed", type=_SEEDS, default=0, show_default=True)
mapping_option = click.option("--mapping", type=_FILE, help=_MAPPING)
level_option = click.option("--level", type=_LEVELS, default=1, help="Of the categories.")


def settings_here() -> PipelineSettings:
    """Return which backbone this installation names; it needs no home folder."""
    from ml.contract import PipelineSettings

    return PipelineSettings(**asdict(read_image_settings()))


def products_of(
    file: Path, images_dir: Path | None, mapping: Path | None, level: int
) -> StudyProducts:
    """Read the products of a file."""
    from webapp.services.study_products import read_products

    said = read_mapping(mapping) if mapping else None
    return read_products(file, images_dir=images_dir, mapping=said, level=level)


@contextmanager
def ending_in_words(stopped: str) -> Iterator[None]:
    """Say ``stopped`` where Ctrl-C ends the work."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(stopped, err=True)
        sys.exit(_INTERRUPTED)


def echo_report(path: Path) -> None:
    """Say where the report is."""
    report = click.format_filename(path)  # a name may be no text at all
    click.echo(f"The report is {report}; the figures are beside it, as JSON and CSV.")
