import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import factories
from tests.webapp.jobs.conftest import add_products
from webapp.domain.jobs import JobKind, JobState
from webapp.jobs import choosing_features
from webapp.services import retraining
from webapp.storage import catalogues, predictions, round_writes, rounds
from webapp.storage.tables import ProductRow, QueueEntryRow


@pytest.fixture
def trained(add_job, run):
    return run(add_job())


def live_id(database, shop):
    with database.read() as session:
        return rounds.find_live(session, catalogue_id=shop.id).id


def test_predicts_new_products_and_gives_them_their_places(database, shop, trained, add_job, run):
    with database.begin() as session:
        new = add_products(session, shop, 6, start=500)

    ended = run(add_job(JobKind.REFRESH_PREDICTIONS))

    assert ended.result == {"predicted": 6}
    with database.read() as session:
        said = predictions.find_many(session, round_id=live_id(database, shop), product_ids=new)
        reasons = set(
            session.scalars(select(QueueEntryRow.reason).where(QueueEntryRow.product_id.in_(new)))
        )
        sides = set(session.scalars(select(ProductRow.is_evaluation)))
    assert len(said) == 6
    assert reasons <= {"suspect", "random", "evaluation"}
    assert sides == {True, False}


def test_leaves_the_round_s_own_predictions_as_they_are(database, shop, trained, add_job, run):
    with database.read() as session:
        ids = session.scalars(select(ProductRow.id)).all()
        before = predictions.find_many(session, round_id=live_id(database, shop), product_ids=ids)
    with database.begin() as session:
        add_products(session, shop, 3, start=500)

    run(add_job(JobKind.REFRESH_PREDICTIONS))

    with database.read() as session:
        after = predictions.find_many(session, round_id=live_id(database, shop), product_ids=ids)
    assert after == before


def test_brings_the_queue_into_the_order_of_a_round_that_was_gone_back_to(
    database, shop, trained, add_job, run
):
    first = live_id(database, shop)
    with database.begin() as session:
        ids = session.scalars(select(ProductRow.id).order_by(ProductRow.id)).all()
        says = {
            product_id: {"Kitchen": 0.5 + rank / 200, "Watches": 0.5 - rank / 200}
            for rank, product_id in enumerate(ids)
        }
        factories.make_round(session, shop, says, number=2)
        session.execute(QueueEntryRow.__table__.update().values(priority=0.5))
        catalogue = catalogues.get(session, slug="shop")
        retraining.roll_back(session, catalogue=catalogue, now=factories.NOW)
        job = retraining.jobs.find_latest(
            session, catalogue_id=shop.id, kind=JobKind.REFRESH_PREDICTIONS
        )

    run(job)

    assert live_id(database, shop) == first
    with database.read() as session:
        priorities = session.scalars(select(QueueEntryRow.priority)).all()
    assert len(set(priorities)) == len(priorities)


def test_without_a_model_on_disk_says_what_to_do(
    database, shop, trained, add_job, run, training_config
):
    shutil.rmtree(training_config.models_dir)
    with database.begin() as session:
        add_products(session, shop, 1, start=500)

    ended = run(add_job(JobKind.REFRESH_PREDICTIONS))

    assert ended.state is JobState.FAILED
    assert "train a new round" in ended.reason.lower()


def test_before_the_first_round_orders_by_what_products_look_like(
    database, shop, add_job, run, training_config
):
    ended = run(add_job(JobKind.REFRESH_PREDICTIONS))

    assert (ended.state, ended.result) == (JobState.DONE, {"predicted": 0})
    assert len(choosing_features.find(training_config, shop).product_ids) == 60
    with database.read() as session:
        reasons = set(session.scalars(select(QueueEntryRow.reason)))
        sides = set(session.scalars(select(ProductRow.is_evaluation)))
    assert reasons == {"suspect", "random", "evaluation"}
    assert sides == {True, False}


def test_again_computes_no_features_and_moves_nothing(
    database, shop, trained, add_job, run, monkeypatch
):
    def places():
        with database.read() as session:
            return session.execute(
                select(QueueEntryRow.product_id, QueueEntryRow.priority, QueueEntryRow.reason)
            ).all()

    run(add_job(JobKind.REFRESH_PREDICTIONS))
    before = places()
    stages = []

    run(add_job(JobKind.REFRESH_PREDICTIONS), lambda stage, done, total: stages.append(stage))

    assert places() == before
    assert set(stages) == {"order"}


def test_works_again_where_settings_change_meanwhile(database, shop, trained, add_job, run):
    def choose_chance_meanwhile(stage, done, total):
        if stage == "order" and done == 0:
            settings = replace(shop.settings, shares={"random": 100})
            with database.begin() as session:
                catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)

    run(add_job(JobKind.REFRESH_PREDICTIONS), choose_chance_meanwhile)

    with database.read() as session:
        reasons = set(session.scalars(select(QueueEntryRow.reason)))
    assert reasons == {"random", "evaluation"}


def test_does_not_begin_again_for_figures_that_a_round_gets_meanwhile(
    database, shop, trained, add_job, run
):
    n_orders = 0

    def score_meanwhile(stage, done, total):
        nonlocal n_orders
        if stage == "order" and done == 0:
            n_orders += 1
            with database.begin() as session:
                round_writes.add_baseline(
                    session,
                    round_id=live_id(database, shop),
                    pipeline=f"pipeline {n_orders}",
                    figures={},
                )

    run(add_job(JobKind.REFRESH_PREDICTIONS), score_meanwhile)

    assert n_orders == 1
