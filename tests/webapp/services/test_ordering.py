from datetime import timedelta

import pytest

from tests import factories
from webapp.domain.jobs import JobKind, JobState
from webapp.services import ordering
from webapp.storage import job_claims, jobs


@pytest.fixture
def ask(database, shop, now):
    def request(*act_ids, after_s=0):
        with database.begin() as session:
            return ordering.request_order(
                session,
                catalogue_id=shop.id,
                act_ids=act_ids,
                now=now + timedelta(seconds=after_s),
            )

    return request


def finish(database, job_id, now):
    with database.begin() as session:
        job = job_claims.claim(session, job_id=job_id, now=now)
        job_claims.finish(session, job_id=job_id, fence=job.fence, result={}, now=now)


def test_every_fifth_act_asks_for_an_order(ask):
    assert [ask(act_id) is not None for act_id in range(1, 6)] == [False] * 4 + [True]


def test_an_act_on_several_products_counts_with_all_of_them(ask):
    assert ask(9, 10, 11) is not None


def test_while_one_waits_or_runs_none_is_added(ask, database, now):
    job_id = ask(5)

    assert ask(10, after_s=60) is None
    with database.begin() as session:
        job_claims.claim(session, job_id=job_id, now=now)
    assert ask(15, after_s=60) is None


def test_the_same_job_is_run_again_after_a_pause(ask, database, now):
    job_id = ask(5)
    finish(database, job_id, now)

    assert ask(10, after_s=1) is None
    assert ask(15, after_s=6) == job_id
    with database.read() as session:
        job = jobs.get(session, job_id=job_id)
    assert (job.state, job.n_attempts, job.finished_at) == (JobState.QUEUED, 0, None)


def test_each_catalogue_has_a_job_of_its_own(ask, database, now):
    with database.begin() as session:
        other = factories.make_catalogue(session, slug="other")
        job_id = ordering.request_order(session, catalogue_id=other.id, act_ids=[5], now=now)

    assert ask(10) not in {None, job_id}
    with database.read() as session:
        found = jobs.find_latest(session, catalogue_id=other.id, kind=JobKind.ORDER_QUEUE)
    assert found.id == job_id
