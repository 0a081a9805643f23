"""What all commands share: the home folder, the database, one line for an error."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

import click

from ml.errors import MlError
from webapp.config import Config, ConfigError, read_config
from webapp.domain.errors import AppError
from webapp.storage.database import Database, DatabaseError
from webapp.storage.migrations import migrate_after_backup

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Shell:
    """What a command works with; the database is opened, and brought up to date, on first use."""

    config: Config
    _database: Database | None = None

    @property
    def database(self) -> Database:
        """The open database of the home folder."""
        if self._database is None:
            self._database = Database(self.config.database_url)
            copy = migrate_after_backup(self._database, now=now())
            if copy:
                click.echo(f"The database was brought up to date; the old one is {copy}.", err=True)
        return self._database

    def close(self) -> None:
        """Close the connections to the database, if there are any."""
        if self._database is not None:
            self._database.dispose()


class _Group(click.Group):
    """Turns a refusal into one line on standard error and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (AppError, MlError, ConfigError) as error:
            words = str(error)
        except DatabaseError as error:
            words = f"the database cannot be used: {str(error.orig).splitlines()[0]}"
        except OSError as error:
            if error.errno == errno.EPIPE:  # nobody reads the output any more: click ends quietly
                raise
            words = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        click.echo(f"shelfwise: {words}", err=True)
        sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Home folder.")
@click.version_option(package_name="shelfwise")
@click.pass_context
def shelfwise(ctx: click.Context, home: Path | None) -> None:
    """File every product of a catalogue under the right category."""
    ctx.obj = home


def command(function: Callable[Concatenate[Shell, P], R]) -> Callable[..., R]:
    """Give a command its shell, and ``--home`` also after the command's name."""

    @wraps(function)
    def with_shell(*args: P.args, **kwargs: P.kwargs) -> R:
        home = kwargs.pop("own_home") or click.get_current_context().obj
        with closing(Shell(read_config(cast("Path | None", home)))) as shell:
            return function(shell, *args, **kwargs)

    option = click.option(
        "--home", "own_home", type=click.Path(path_type=Path, file_okay=False), hidden=True
    )
    return option(with_shell)


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)
