import threading
from datetime import timedelta

import pytest

from tests import factories
from webapp.domain.errors import JobCancelledError
from webapp.domain.jobs import GAVE_UP, JobKind, JobState
from webapp.storage import job_claims, jobs

STALE_S = 10


@pytest.fixture
def job_id(database, now):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        return add(session, shop.id, now)


def add(session, catalogue_id, now, kind=JobKind.IMPORT):
    return jobs.add(
        session, kind=kind, catalogue_id=catalogue_id, requested_by=None, arguments={}, now=now
    ).id


def claim(database, job_id, now):
    with database.begin() as session:
        return job_claims.claim(session, job_id=job_id, now=now)


def get(database, job_id):
    with database.read() as session:
        return jobs.get(session, job_id=job_id)


def sweep(database, now):
    with database.begin() as session:
        return job_claims.requeue_stale(session, now=now, stale_s=STALE_S)


class TestClaim:
    def test_takes_a_queued_job_and_raises_its_fence(self, database, job_id, now):
        job = claim(database, job_id, now)

        assert (job.state, job.fence, job.n_attempts) == (JobState.RUNNING, 1, 1)
        assert job.started_at == job.heartbeat_at == now

    def test_of_a_job_that_runs_gives_nothing(self, database, job_id, now):
        claim(database, job_id, now)

        assert claim(database, job_id, now) is None

    def test_of_eight_workers_at_once_one_wins(self, database, job_id, now):
        start = threading.Barrier(8)
        won = []

        def race():
            start.wait()
            if claim(database, job_id, now) is not None:
                won.append(threading.current_thread().name)

        threads = [threading.Thread(target=race) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(won) == 1
        assert get(database, job_id).fence == 1


class TestSweeper:
    def test_leaves_a_job_whose_holder_is_alive(self, database, job_id, now):
        claim(database, job_id, now)

        assert sweep(database, now + timedelta(seconds=STALE_S)) == []
        assert get(database, job_id).state is JobState.RUNNING

    def test_puts_back_a_job_whose_holder_is_silent(self, database, job_id, now):
        claim(database, job_id, now)

        assert sweep(database, now + timedelta(seconds=STALE_S + 1)) == [job_id]
        assert get(database, job_id).state is JobState.QUEUED

    def test_gives_up_after_three_attempts_and_says_why(self, database, job_id, now):
        for attempt in range(3):
            claim(database, job_id, now + timedelta(minutes=attempt))
            sent = sweep(database, now + timedelta(minutes=attempt, seconds=30))

        job = get(database, job_id)
        assert sent == []
        assert (job.state, job.reason) == (JobState.FAILED, GAVE_UP)
        assert job.finished_at is not None

    def test_ends_a_silent_job_that_was_asked_to_stop(self, database, job_id, now):
        claim(database, job_id, now)
        with database.begin() as session:
            jobs.request_cancel(session, job_id=job_id)

        assert sweep(database, now + timedelta(minutes=1)) == []
        assert get(database, job_id).state is JobState.CANCELLED

    def test_finds_what_nobody_took(self, database, job_id, now):
        with database.read() as session:
            early = job_claims.list_queued(session, before=now)
            late = job_claims.list_queued(session, before=now + timedelta(seconds=1))

        assert (early, late) == ([], [job_id])


class TestFence:
    @pytest.fixture
    def slow(self, database, job_id, now):
        """A holder that was silent so long that somebody else took its job."""
        job = claim(database, job_id, now)
        sweep(database, now + timedelta(minutes=1))
        claim(database, job_id, now + timedelta(minutes=1))
        return {"job_id": job_id, "fence": job.fence}

    def test_shuts_a_slow_holder_out_of_reporting(self, database, slow, now):
        with database.begin() as session, pytest.raises(JobCancelledError):
            job_claims.report(session, **slow, stage="text", done=1, total=2, now=now)

    def test_shuts_it_out_of_writing(self, database, slow, now):
        with database.begin() as session, pytest.raises(JobCancelledError):
            job_claims.hold(session, **slow, now=now)

    def test_shuts_it_out_of_ending_the_job(self, database, slow, now):
        with database.begin() as session:
            changed = [
                job_claims.finish(session, **slow, result={"round": 9}, now=now),
                job_claims.fail(session, **slow, reason="slow", now=now),
                job_claims.cancel(session, **slow, now=now),
                job_claims.release(session, **slow),
                job_claims.put_back(session, **slow, now=now),
                job_claims.heartbeat(session, **slow, now=now),
            ]

        job = get(database, slow["job_id"])
        assert not any(changed)
        assert (job.state, job.fence, job.result, job.reason) == (JobState.RUNNING, 2, None, "")


class TestReport:
    def test_stores_progress_and_counts_as_a_sign_of_life(self, database, job_id, now):
        job = claim(database, job_id, now)
        later = now + timedelta(seconds=8)
        with database.begin() as session:
            job_claims.report(
                session, job_id=job_id, fence=job.fence, stage="text", done=3, total=9, now=later
            )

        found = get(database, job_id)
        assert (found.stage, found.done, found.total) == ("text", 3, 9)
        assert found.heartbeat_at == later

    def test_stops_a_job_that_was_cancelled(self, database, job_id, now):
        job = claim(database, job_id, now)
        with database.begin() as session:
            jobs.request_cancel(session, job_id=job_id)

        with database.begin() as session, pytest.raises(JobCancelledError):
            job_claims.report(
                session, job_id=job_id, fence=job.fence, stage="text", done=0, total=1, now=now
            )


class TestEnding:
    def test_keeps_the_result(self, database, job_id, now):
        job = claim(database, job_id, now)
        with database.begin() as session:
            job_claims.finish(session, job_id=job_id, fence=job.fence, result={"round": 1}, now=now)

        found = get(database, job_id)
        assert (found.state, found.result, found.finished_at) == (JobState.DONE, {"round": 1}, now)

    def test_a_released_job_keeps_its_attempts(self, database, job_id, now):
        job = claim(database, job_id, now)
        with database.begin() as session:
            job_claims.release(session, job_id=job_id, fence=job.fence)

        found = get(database, job_id)
        assert (found.state, found.n_attempts) == (JobState.QUEUED, 0)

    def test_a_queued_job_is_cancelled_at_once_and_a_running_one_is_not(
        self, database, job_id, now
    ):
        with database.begin() as session:
            other = add(session, None, now)
        claim(database, other, now)

        with database.begin() as session:
            assert job_claims.cancel_queued(session, job_id=job_id, now=now)
            assert not job_claims.cancel_queued(session, job_id=other, now=now)

        assert claim(database, job_id, now) is None
