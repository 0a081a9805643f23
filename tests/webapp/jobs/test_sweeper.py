import threading
from datetime import timedelta

import pytest

from tests import factories
from webapp.domain.jobs import JobState
from webapp.jobs import runner, sweeper
from webapp.jobs.queues import JobQueue
from webapp.storage import jobs


@pytest.fixture
def queue(config):
    return JobQueue(config)


def sweep(database, queue, now):
    return sweeper.sweep(database, queue, now=now, stale_s=10)


def test_sends_a_job_whose_worker_died(database, add_job, queue):
    job = runner.claim(database, add_job().id)

    sent = sweep(database, queue, job.heartbeat_at + timedelta(seconds=11))

    assert sent == [job.id]
    assert not queue.is_empty()


def test_sends_a_job_again_that_was_lost_on_the_way(database, add_job, queue):
    job = add_job()

    early = sweep(database, queue, factories.NOW + timedelta(seconds=4))
    late = sweep(database, queue, factories.NOW + timedelta(seconds=6))

    assert (early, late) == ([], [job.id])


def test_does_not_fill_the_queue_while_ids_still_wait_in_it(database, add_job, queue):
    add_job()

    counts = [
        len(sweep(database, queue, factories.NOW + timedelta(seconds=seconds)))
        for seconds in (6, 8, 10)
    ]

    assert counts == [1, 0, 0]


def test_goes_on_after_an_error(database, queue, monkeypatch, caplog):
    stopping = threading.Event()
    calls = []

    def fail_once(*_, **__):
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the disk is away")
        stopping.set()
        return []

    monkeypatch.setattr(sweeper, "sweep", fail_once)
    monkeypatch.setattr(sweeper, "_EVERY_S", 0.01)

    sweeper.keep_sweeping(database, queue, stale_s=10, stopping=stopping)

    assert len(calls) == 2
    assert "tries again" in caplog.text


def test_leaves_jobs_that_are_over(database, add_job, queue, run):
    job = add_job()
    run(job)

    sent = sweep(database, queue, factories.NOW + timedelta(days=1000))

    assert job.id not in sent  # what it asked for, such as explanations, may be sent
    with database.read() as session:
        assert jobs.get(session, job_id=job.id).state is JobState.DONE
