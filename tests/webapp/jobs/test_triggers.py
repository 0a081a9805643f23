"""Rounds that start by themselves start once, however many look and whoever dies."""

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.webapp.jobs.conftest import until
from webapp.domain.jobs import JobState
from webapp.domain.review import Verdict
from webapp.jobs import sweeper, triggers
from webapp.jobs.queues import JobQueue
from webapp.services import triggers as service
from webapp.storage import catalogues
from webapp.storage.database import Database
from webapp.storage.tables import JobRow, RetrainingSlotRow, RoundRow

N_SWEEPERS = 6
SWEEPING = """
import sys, time
from datetime import datetime
from webapp.jobs.triggers import fire_due
from webapp.storage.database import Database
database = Database(sys.argv[1])
time.sleep(max(0.0, float(sys.argv[3]) - time.time()))
for _ in range(10):
    print(fire_due(database, now=datetime.fromisoformat(sys.argv[2])))
"""


@pytest.fixture
def nightly(database, shop):
    return set_triggers(
        database,
        shop,
        retrain_cron="30 2 * * *",
        retrain_timezone="Europe/Paris",
        retrain_cron_since=factories.NOW.isoformat(),
    )


@pytest.fixture
def every_five(database, shop, alice):
    set_triggers(database, shop, retrain_every_n_labels=5)
    label(database, shop, alice, range(1, 6))
    return shop


def set_triggers(database, shop, **settings):
    with database.begin() as session:
        catalogues.write_settings(
            session, catalogue_id=shop.id, settings=replace(shop.settings, **settings)
        )
    return shop


def label(database, shop, alice, product_ids):
    with database.begin() as session:
        for product_id in product_ids:
            factories.make_annotation(
                session, shop, product_id, alice, Verdict.CORRECTED, category="Kitchen"
            )


def count(database, table):
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def finish_all(database, now):
    with database.begin() as session:
        session.execute(update(JobRow).values(state=JobState.DONE.value, finished_at=now))


def test_several_sweepers_at_once_start_one_round(config, database, every_five, nightly, now):
    later = now + timedelta(days=1)
    found, together = [], threading.Barrier(N_SWEEPERS)

    def look():
        own = Database(config.database_url)
        together.wait()
        for _ in range(5):
            found.extend(triggers.fire_due(own, now=later))
        own.dispose()

    threads = [threading.Thread(target=look) for _ in range(N_SWEEPERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 1
    assert (count(database, JobRow), count(database, RetrainingSlotRow)) == (1, 1)


@pytest.mark.slow
def test_several_processes_start_one_round(config, database, nightly, now):
    later, start_at = now + timedelta(days=1), time.time() + 4

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SWEEPING, config.database_url, later.isoformat(), str(start_at)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    lines = [line for each in processes for line in each.communicate(timeout=60)[0].splitlines()]

    assert len(lines) == 30
    assert [line for line in lines if line != "[]"] == ["[1]"]
    assert count(database, RetrainingSlotRow) == 1


@pytest.mark.parametrize("month", [3, 10])
def test_a_change_of_clocks_starts_one_round_a_night(database, nightly, now, month):
    """Paris: 2:30 does not come on 29 March 2026, and comes twice on 25 October."""
    day = now.replace(month=month, day=24, hour=0)
    started = []

    for hour in range(24 * 7):
        moment = day + timedelta(hours=hour)
        if triggers.fire_due(database, now=moment):
            started.append(moment)
            finish_all(database, moment)

    dates = [moment.date() for moment in started[1:]]  # the first makes up for the weeks before
    assert dates == [(day + timedelta(days=n)).date() for n in range(7)]


def test_a_sweeper_that_dies_before_its_transaction_ends_leaves_nothing(
    database, nightly, now, monkeypatch
):
    later = now + timedelta(days=1)
    with monkeypatch.context() as patched:

        def die(*_, **__):
            raise KeyboardInterrupt  # no handler of ours sees it, as with a dying process

        patched.setattr(service.triggers, "add_slot", die)
        with pytest.raises(KeyboardInterrupt):
            triggers.fire_due(database, now=later)
    left = count(database, JobRow)

    again = triggers.fire_due(database, now=later)

    assert left == 0
    assert len(again) == 1


def test_a_round_whose_id_was_never_sent_is_sent_by_the_next_sweep(config, database, nightly, now):
    later = now + timedelta(days=1)
    (job_id,) = triggers.fire_due(database, now=later)

    sent = sweeper.sweep(database, JobQueue(config), now=later + timedelta(seconds=6), stale_s=10)

    assert sent == [job_id]


def test_what_fails_in_one_catalogue_keeps_no_other_from_its_round(database, nightly, now, caplog):
    with database.begin() as session:
        broken = factories.make_catalogue(session, slug="a-broken-one")
    set_triggers(
        database,
        broken,
        retrain_cron="0 3 * * *",
        retrain_timezone="Atlantis/Capital",
        retrain_cron_since=factories.NOW.isoformat(),
    )

    started = triggers.fire_due(database, now=now + timedelta(days=1))

    assert len(started) == 1
    assert "a-broken-one" in caplog.text


def test_the_round_keeps_what_started_it(database, every_five, run, now):
    (job_id,) = triggers.fire_due(database, now=now)
    with database.read() as session:
        job = session.get_one(JobRow, job_id)

    run(job)

    with database.read() as session:
        assert session.scalars(select(RoundRow.trigger)).one() == "labels"


@pytest.mark.slow
def test_two_workers_one_of_them_killed_make_one_round_of_n_labels(
    database,
    every_five,
    start_worker,
    alice,
):
    first, _second = start_worker(), start_worker()
    until(lambda: count(database, JobRow))
    first.send_signal(signal.SIGKILL)
    first.wait()

    def states():
        with database.read() as session:
            return session.scalars(select(JobRow.state).where(JobRow.kind == "retrain")).all()

    until(lambda: states() == [JobState.DONE.value])
    time.sleep(5)  # two more sweeps

    assert states() == [JobState.DONE.value]
    assert (count(database, RoundRow), count(database, RetrainingSlotRow)) == (1, 1)
