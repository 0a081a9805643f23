import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import factories
from webapp.storage import users
from webapp.storage.database import Database

LOCKS = Path("/proc/locks")


def n_users(session):
    return len(users.list_all(session))


def test_an_error_rolls_everything_back(database):
    def add_and_fail():
        with database.begin() as session:
            factories.make_user(session)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        add_and_fail()

    with database.read() as session:
        assert n_users(session) == 0


def test_reading_sees_one_point_in_time_while_others_write(database):
    with database.read() as reading:
        before = n_users(reading)
        with database.begin() as writing:
            factories.make_user(writing)
        during = n_users(reading)

    with database.read() as reading:
        assert (before, during, n_users(reading)) == (0, 0, 1)


def test_what_reading_writes_is_not_kept(database):
    with database.read() as session:
        factories.make_user(session)

    with database.read() as session:
        assert n_users(session) == 0


def test_a_row_that_points_nowhere_is_refused(database):
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.begin() as session:
        session.execute(text("INSERT INTO live_round VALUES (99, 99, '2026-01-01')"))


@pytest.mark.usefixtures("on_sqlite")
def test_an_acknowledged_write_is_on_disk_and_readers_do_not_block_it(config):
    database = Database(config.database_url)

    with database.read() as session:
        pragmas = [
            session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous")
        ]

    database.dispose()
    assert pragmas == ["wal", 2]  # 2 is FULL


@pytest.mark.skipif(not LOCKS.exists(), reason="only Linux lists who waits for a lock")
@pytest.mark.usefixtures("on_sqlite")
def test_who_writes_takes_turns_in_the_order_of_asking(config):
    writers = [Database(config.database_url) for _ in range(3)]
    order: list[int] = []

    def write(number: int) -> None:
        with writers[number].begin() as session:
            factories.make_user(session, name=f"user {number}")
            order.append(number)

    with ThreadPoolExecutor(2) as pool:
        with writers[2].begin():
            first = pool.submit(write, 0)
            wait_for_waiting(config, 1)
            second = pool.submit(write, 1)
            wait_for_waiting(config, 2)
            assert order == []
        first.result()
        second.result()

    assert order == [0, 1]
    for database in writers:
        database.dispose()


def wait_for_waiting(config, n: int) -> None:
    """Wait until so many threads wait for the turn to write, as the kernel lists them."""
    number = (config.home / "shelfwise.db-turns").stat().st_ino
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        locks = LOCKS.read_text().splitlines()
        if sum("->" in line and f":{number} " in line for line in locks) >= n:
            return
        time.sleep(0.01)
    raise AssertionError(f"{n} never waited")


def test_a_writing_transaction_within_another_one_is_refused_at_once(database):
    with (
        database.begin(),
        pytest.raises(RuntimeError, match="within another"),
        database.begin(),
    ):
        pass

    with database.begin() as session:
        factories.make_user(session)
