"""The engine and its transactions: WAL, foreign keys and immediate writes on SQLite."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session as Session  # services take one and need no sqlalchemy

from webapp.config import ConfigError

_BUSY_TIMEOUT_MS = 30_000
_IMMEDIATE = "shelfwise_immediate"
_WRITERS = 0x5E1F  # number of the lock that PostgreSQL's writers share; any number of ours
DatabaseError = DBAPIError  # what the database refuses: a full disk, no connection, no database


class Database:
    """One database: ``begin`` for what writes, ``read`` for what only looks.

    A writing transaction on SQLite begins with ``BEGIN IMMEDIATE``: one that reads first and
    writes later fails at once when another one wrote in between, whatever the timeout.

    It has waited for its turn when ``begin`` enters the block, so a time that is taken inside is
    the time of the writing: what has a time can be missing only while it is being saved, and
    ``wait_for_writers`` waits for just that. So an export of any past moment is always the same.

    Raises
    ------
    ConfigError
        If there cannot be a database at that address; the message does not show it, as it may
        hold a password.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self.engine = _make_engine(url)
        except (ArgumentError, ImportError) as error:
            raise ConfigError(
                f"SHELFWISE_DATABASE_URL cannot be used: {error}. Expected is an address such as "
                "postgresql+psycopg://user:password@host/database, which needs the extra "
                "'postgres'."
            ) from error
        self._turns = _turns_of(url)
        self._writing = self.engine.execution_options(**{_IMMEDIATE: True})
        self._reading = self.engine
        if self.engine.dialect.name == "postgresql":  # by default it sees others commit
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a transaction that commits at the end, or rolls back on an error."""
        with (
            _only_one(self.url),
            _turn(self._turns),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            self._join_writers(session, is_alone=False)
            yield session

    def wait_for_writers(self) -> None:
        """Return once every writing transaction that is open now has ended."""
        with _only_one(self.url), _turn(self._turns), Session(self._writing) as session:
            self._join_writers(session, is_alone=True)

    def _join_writers(self, session: Session, *, is_alone: bool) -> None:
        if self.engine.dialect.name == "postgresql":
            suffix = "" if is_alone else "_shared"
            session.execute(select(getattr(func, f"pg_advisory_xact_lock{suffix}")(_WRITERS)))
        else:
            session.connection()  # begins, and on SQLite there is one writer at a time

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that sees one point in time and is rolled back at the end."""
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close the connections."""
        self.engine.dispose()


_writing = threading.local()  # the addresses to which this thread writes now


@contextmanager
def _only_one(url: str) -> Iterator[None]:
    """Refuse a writing transaction within another one, which would wait for itself.

    Raises
    ------
    RuntimeError
        If this thread writes there already.
    """
    urls: set[str] = _writing.__dict__.setdefault("urls", set())
    if url in urls:
        raise RuntimeError("a writing transaction was opened within another one")
    urls.add(url)
    try:
        yield
    finally:
        urls.discard(url)


def _turns_of(url: str) -> str | None:
    """Return the file on which those who write to an SQLite database wait for each other."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return None
    return f"{address.database}-turns"


@contextmanager
def _turn(path: str | None) -> Iterator[None]:
    """Wait for the turn to write, behind all threads and processes that asked before.

    SQLite lets those who wait look again every now and then: under load, with many, one of them
    can miss every gap until its time is up. The kernel wakes who waits for a file's lock, in turn.
    """
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _of_driver(url: str) -> dict[str, Any]:
    """Return what the driver is told: no helping processes, which cost a short search more."""
    is_postgresql = make_url(url).get_backend_name() == "postgresql"
    return {"options": "-c max_parallel_workers_per_gather=0"} if is_postgresql else {}


def _make_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args=_of_driver(url))
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing: _begin does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged annotation is on disk
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get(_IMMEDIATE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine
