import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import factories
from webapp.storage import users
from webapp.storage.database import Database


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
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.begin() as session:
        session.execute(text("INSERT INTO live_round VALUES (99, 99, '2026-01-01')"))


def test_an_acknowledged_write_is_on_disk_and_readers_do_not_block_it(config):
    database = Database(config.database_url)

    with database.read() as session:
        pragmas = [
            session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous")
        ]

    database.dispose()
    assert pragmas == ["wal", 2]  # 2 is FULL
