import logging
import threading
from datetime import timedelta

import pytest

from ml.errors import MlError
from webapp.domain.errors import InvalidInputError
from webapp.domain.jobs import UNEXPECTED, JobKind, JobState
from webapp.jobs import runner, table
from webapp.storage import job_claims, jobs


@pytest.fixture
def do(monkeypatch):
    """Let the imports of this test do something else."""

    def put(function):
        monkeypatch.setitem(table.JOBS, JobKind.IMPORT, f"{__name__}:_CURRENT.run")
        monkeypatch.setattr(_CURRENT, "run", staticmethod(function), raising=False)

    return put


class _CURRENT:
    pass


def test_keeps_what_the_function_returns(add_job, run, do):
    do(lambda context: {"rows": 3})

    job = run(add_job(JobKind.IMPORT))

    assert (job.state, job.result) == (JobState.DONE, {"rows": 3})


@pytest.mark.parametrize(
    "error", [MlError("Too few products."), InvalidInputError("Too few products.")]
)
def test_a_refusal_becomes_the_reason(add_job, run, do, error):
    def refuse(context):
        raise error

    do(refuse)

    job = run(add_job(JobKind.IMPORT))

    assert (job.state, job.reason) == (JobState.FAILED, "Too few products.")


def test_a_mistake_of_ours_is_logged_and_told_without_its_insides(add_job, run, do, caplog):
    def stumble(context):
        raise ZeroDivisionError("secret insides")

    do(stumble)

    with caplog.at_level(logging.ERROR):
        job = run(add_job(JobKind.IMPORT))

    assert (job.state, job.reason) == (JobState.FAILED, UNEXPECTED)
    assert "secret insides" in caplog.text


def test_reports_are_stored_rarely_and_at_once_when_the_stage_changes(
    add_job, run, do, database, monkeypatch
):
    stored = []
    store = job_claims.report

    def count(session, **values):
        stored.append((values["stage"], values["done"]))
        store(session, **values)

    monkeypatch.setattr(job_claims, "report", count)
    shown = []

    def work(context):
        for done in range(1000):
            context.report("text", done, 1000)
        context.report("image", 0, 1)
        return {}

    do(work)
    job = run(add_job(JobKind.IMPORT), lambda *report: shown.append(report))

    assert stored[0] == ("text", 0)
    assert stored[-1] == ("image", 0)
    assert len(stored) < 20
    assert len(shown) == 1001
    assert job.stage == "image"


def test_a_cancelled_job_stops_at_its_next_report(add_job, run, do, database):
    steps = []

    def work(context):
        for step in ("one", "two", "three"):
            context.report(step, 0, 1)
            steps.append(step)
            if step == "one":
                with database.begin() as session:
                    jobs.request_cancel(session, job_id=context.job.id)
        return {}

    do(work)
    job = run(add_job(JobKind.IMPORT))

    assert job.state is JobState.CANCELLED
    assert steps == ["one"]


class TestHeartbeat:
    def test_keeps_the_sweeper_away(self, add_job, database, monkeypatch):
        monkeypatch.setattr(runner, "_HEARTBEAT_S", 0.05)
        job = runner.claim(database, add_job(JobKind.IMPORT).id)

        with runner.Heartbeat(database, job):
            threading.Event().wait(0.4)

        with database.read() as session:
            found = jobs.get(session, job_id=job.id)
        assert found.heartbeat_at - job.heartbeat_at > timedelta(seconds=0.2)

    def test_notices_that_somebody_else_has_the_job(self, add_job, database, monkeypatch):
        monkeypatch.setattr(runner, "_HEARTBEAT_S", 0.05)
        job = runner.claim(database, add_job(JobKind.IMPORT).id)

        with runner.Heartbeat(database, job) as heartbeat:
            with database.begin() as session:
                late = job.heartbeat_at + timedelta(hours=1)
                job_claims.requeue_stale(session, now=late, stale_s=10)
            for _ in range(100):
                if heartbeat.is_lost:
                    break
                threading.Event().wait(0.05)

        assert heartbeat.is_lost
