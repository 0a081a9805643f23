from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import delete, select

from ml.contract import ProductBatch
from ml.snapshots import NO_CATEGORY, Snapshot
from tests import factories
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.domain.suspects import Suspect
from webapp.jobs import runner
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.jobs.context import JobContext
from webapp.jobs.suspects import store_suspects
from webapp.storage import job_claims, jobs, round_writes, rounds, suspects
from webapp.storage.tables import SuspectRow

N = 60  # products of the fixture ``shop``, in turn of three categories


@pytest.fixture
def taken(shop):
    """A snapshot in which the first six products are recorded under the next category."""
    truth = np.arange(N) % 3
    recorded = truth.copy()
    recorded[:6] = (recorded[:6] + 1) % 3
    labels = np.full(N, NO_CATEGORY)
    labels[:2] = recorded[:2] + 1  # ids of categories begin with 1
    nothing = ("",) * N
    return TakenSnapshot(
        snapshot=Snapshot(
            batch=ProductBatch(
                ids=tuple(f"x{row}" for row in range(N)),
                names=nothing,
                descriptions=nothing,
                specifications=nothing,
                image_paths=(None,) * N,
                image_hashes=(None,) * N,
            ),
            categories=(1, 2, 3),
            labels=labels,
            source_categories=recorded + 1,
            is_evaluation=np.zeros(N, dtype=bool),
            groups=np.arange(N),
        ),
        product_ids=tuple(range(1, N + 1)),
        last_annotation_id=None,
    )


@pytest.fixture
def store(database, shop, training_config, add_job, sent_jobs):
    """Store the suspects of a round whose models know the truth, and return them."""

    def store_of(taken):
        with database.begin() as session:
            round_id = factories.make_round(session, shop, {})
        claimed = runner.claim(database, add_job(JobKind.REFRESH_PREDICTIONS).id)
        reported = []
        context = JobContext(
            claimed,
            training_config,
            database,
            lambda stage, done, total: reported.append(stage),
            sent_jobs.send,
        )
        fused = np.full((N, 3), 0.05)
        fused[np.arange(N), np.arange(N) % 3] = 0.9
        store_suspects(context, taken, fused, round_id)
        assert set(reported) == {"suspects"}
        with database.read() as session:
            return [each.suspect for each in suspects.list_all(session, round_id=round_id)]

    return store_of


def test_stores_what_looks_wrong_and_who_recorded_it(taken, store):
    found = store(taken)

    assert sorted(each.product_id for each in found) == [1, 2, 3, 4, 5, 6]
    assert {each.product_id for each in found if each.is_label} == {1, 2}
    assert [each.rank for each in found] == [1, 2, 3, 4, 5, 6]
    for each in found:
        assert each.proposed_category_id == (each.product_id - 1) % 3 + 1
        assert (each.recorded_probability, each.proposed_probability) == pytest.approx((0.05, 0.9))


def test_leaves_the_evaluation_set_out(taken, store):
    snapshot = taken.snapshot
    evaluation = replace(snapshot, is_evaluation=np.arange(N) % 2 == 0)

    found = store(replace(taken, snapshot=evaluation))

    assert sorted(each.product_id for each in found) == [2, 4, 6]


def test_leaves_out_what_is_flagged(database, shop, taken, store, alice):
    with database.begin() as session:
        factories.make_annotation(session, shop, 3, alice, Verdict.FLAGGED)

    assert 3 not in {each.product_id for each in store(taken)}


def test_a_round_makes_its_list_before_it_is_published(database, shop, add_job, run):
    live = []

    def note(stage, done, total):
        if stage == "suspects":
            with database.read() as session:
                live.append(rounds.find_live(session, catalogue_id=shop.id))

    run(add_job(), note)

    assert live
    assert set(live) == {None}


def test_what_a_dying_round_has_listed_goes_with_it(database, shop, add_job, run):
    job = add_job()

    def die(stage, done, total):
        if stage == "gate":
            raise KeyboardInterrupt  # no handler of ours sees it, as with a dying process

    with pytest.raises(KeyboardInterrupt):
        run(job, die)
    with database.begin() as session:
        (unfinished,) = round_writes.list_unfinished(session, catalogue_id=shop.id)
        session.execute(delete(SuspectRow))
        suspects.add_many(
            session,
            round_id=unfinished,
            listed=[Suspect(1, 1, False, 1, 2, 0.1, 0.9, 0.1)],
        )
        claimed = jobs.get(session, job_id=job.id)
        job_claims.put_back(session, job_id=job.id, fence=claimed.fence, now=factories.NOW)
    ended = run(job)

    with database.read() as session:
        live = rounds.find_live(session, catalogue_id=shop.id)
        of_others = select(SuspectRow).where(SuspectRow.round_id != live.id)
        assert session.scalars(of_others).all() == []
    assert ended.state is JobState.DONE
