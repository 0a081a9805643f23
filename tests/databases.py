"""An empty database for every test: a copy of one that was migrated once, faster than migrating."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from webapp.storage import migrations
from webapp.storage.database import Database


class OnSQLite:
    """Copies a file."""

    def __init__(self, folder: Path) -> None:
        self._empty = folder / "empty.db"
        database = Database(f"sqlite:///{self._empty}")
        migrations.upgrade(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        database.dispose()

    @contextmanager
    def copy(self, home: Path) -> Iterator[str]:
        """Yield the address of an empty database in that folder."""
        shutil.copy(self._empty, home / "shelfwise.db")
        yield f"sqlite:///{home / 'shelfwise.db'}"

    def drop(self) -> None:
        """Leave the folder to pytest."""


class OnPostgreSQL:
    """Makes databases after a template, on the server of an address, and drops them again."""

    def __init__(self, address: str) -> None:
        self._url = make_url(address)
        self._server = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._names = (f"shelfwise_test_{os.getpid()}_{number}" for number in itertools.count())
        self._empty = next(self._names)
        self._run(f"CREATE DATABASE {self._empty} TEMPLATE template0 ENCODING 'UTF8'")
        database = Database(self._address_of(self._empty))
        migrations.upgrade(database)
        database.dispose()

    @contextmanager
    def copy(self, home: Path) -> Iterator[str]:
        """Yield the address of an empty database."""
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._empty}")
        try:
            yield self._address_of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def drop(self) -> None:
        """Drop the template."""
        self._run(f"DROP DATABASE {self._empty} WITH (FORCE)")
        self._server.dispose()

    def _address_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(statement))


def empty(folder: Path) -> OnSQLite | OnPostgreSQL:
    """Return what makes empty databases: SQLite's, or those of the server that is named."""
    address = os.environ.get("SHELFWISE_TEST_DATABASE_URL")
    return OnPostgreSQL(address) if address else OnSQLite(folder)
