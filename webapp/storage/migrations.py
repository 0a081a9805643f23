"""Bring a database to the newest tables; the migrations themselves lie in ``migrations/``."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url

from webapp.storage.database import Database

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def is_of_the_metadata(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether a comparison with the tables looks at that: the index of words is none of them.

    It is another one in each database, and SQLite's keeps tables of its own beside it.
    """
    return not (kind == "table" and (name or "").startswith("product_words"))


def alembic_config() -> AlembicConfig:
    """Return Alembic's configuration, which knows the scripts and no database."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def is_current(database: Database) -> bool:
    """Tell whether the tables are those of this version of the program."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, in one transaction."""
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an older revision of the tables."""
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def migrate_after_backup(database: Database, *, now: datetime) -> Path | None:
    """Upgrade when needed; on SQLite copy the database first.

    Returns
    -------
    Path or None
        The copy, beside the database; None where nothing was to do or nothing was there.
    """
    if is_current(database):
        return None
    copy = _backup(database, now)
    upgrade(database)
    return copy


def _backup(database: Database, now: datetime) -> Path | None:
    url = make_url(database.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    if not inspect(database.engine).get_table_names():
        return None
    path = Path(url.database)
    copy = path.with_name(f"{path.stem}-before-{now:%Y%m%dT%H%M%S}.db")
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)  # also what the write-ahead log still holds
    source.close()
    target.close()
    return copy
