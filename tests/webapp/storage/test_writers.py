"""Writers take turns, and whoever needs a settled past waits for those that are at work."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import make_url


@pytest.mark.usefixtures("on_sqlite")
def test_what_writes_has_the_lock_from_its_first_moment_on(config, database):
    path = make_url(config.database_url).database
    other = sqlite3.connect(Path(path), timeout=0)

    with database.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")

    other.close()


def test_waiting_for_writers_ends_once_the_open_transaction_has(database):
    events = []

    def wait():
        database.wait_for_writers()
        events.append("waited")

    waiting = threading.Thread(target=wait)
    with database.begin():
        waiting.start()
        waiting.join(0.3)
        events.append("written")
    waiting.join(10)

    assert events == ["written", "waited"]


def test_waiting_for_writers_lets_the_next_one_write(database):
    database.wait_for_writers()

    with database.begin() as session:
        assert session.in_transaction()
