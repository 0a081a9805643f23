"""The worker as a process of its own, with the real networks on a few products."""

import os
import signal
import subprocess

import pytest
from sqlalchemy import func, select

from tests.webapp.jobs.conftest import until
from webapp.domain.jobs import JobState
from webapp.jobs.queues import JobQueue
from webapp.storage import jobs, rounds
from webapp.storage.tables import PredictionRow, RoundRow

pytestmark = pytest.mark.slow


@pytest.fixture
def look(database):
    def find(job):
        with database.read() as session:
            return jobs.get(session, job_id=job.id)

    return find


def children_of(pid):
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(number) for number in listed.stdout.split()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return not stat.stdout.strip().startswith("Z")  # nobody may be there to bury it


def is_training(job):
    return job.state is JobState.RUNNING and job.stage == "text"


def test_a_round_whose_processes_are_killed_is_made_exactly_once(
    database, config, shop, add_job, start_worker, look
):
    job = add_job()
    JobQueue(config).send(job.id)
    worker = start_worker()
    until(lambda: look(job).stage)
    (child,) = children_of(worker.pid)

    os.kill(child, signal.SIGKILL)  # as when memory runs out: the worker goes on
    until(lambda: look(job).n_attempts == 2 and is_training(look(job)))
    assert worker.poll() is None
    (child,) = children_of(worker.pid)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    until(lambda: not is_alive(child))
    start_worker()

    ended = until(lambda: look(job).is_over and look(job))
    assert (ended.state, ended.n_attempts) == (JobState.DONE, 3)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RoundRow)) == 1
        assert session.scalar(select(func.count()).select_from(PredictionRow)) == 60
        assert rounds.find_live(session, catalogue_id=shop.id).number == 1


def test_a_worker_that_is_stopped_puts_its_round_back(config, add_job, start_worker, look):
    job = add_job()
    JobQueue(config).send(job.id)
    worker = start_worker()
    until(lambda: look(job).stage)

    worker.terminate()
    status = worker.wait(60)

    found = look(job)
    assert status == 0
    assert (found.state, found.n_attempts) == (JobState.QUEUED, 0)
