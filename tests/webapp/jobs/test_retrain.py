from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.webapp.jobs.conftest import add_products
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.jobs import gating
from webapp.services import retraining
from webapp.storage import catalogues, job_claims, jobs, predictions, rounds
from webapp.storage.tables import PredictionRow, ProductRow, QueueEntryRow, RoundRow


def live(database, shop):
    with database.read() as session:
        return rounds.find_live(session, catalogue_id=shop.id)


def count(database, table):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


class TestRound:
    def test_is_published_with_a_prediction_of_every_product(self, database, shop, add_job, run):
        job = run(add_job())

        found = live(database, shop)
        assert (job.state, job.result) == (JobState.DONE, {"round": 1, "is_held": False})
        assert (found.number, found.is_published, found.job_id) == (1, True, job.id)
        assert count(database, PredictionRow) == 60
        with database.read() as session:
            ids = session.scalars(select(ProductRow.id)).all()
            said = predictions.find_many(session, round_id=found.id, product_ids=ids)
        for prediction in said.values():
            first, second, _ = prediction.fused
            assert prediction.category_id == first.category_id
            assert prediction.probability == first.probability
            assert prediction.margin == pytest.approx(first.probability - second.probability)
            assert prediction.text is not None
            assert prediction.image is None

    def test_first_learns_from_source_categories(self, database, shop, add_job, run):
        run(add_job())

        found = live(database, shop)
        assert found.n_labels == 0
        assert found.n_source_categories + found.n_evaluation == 60
        assert found.n_evaluation > 0
        assert found.is_provisional
        assert found.last_annotation_id is None

    def test_labels_replace_source_categories(self, database, shop, add_job, run, alice):
        with database.begin() as session:
            ids = session.scalars(select(ProductRow.id).order_by(ProductRow.id)).all()
            for product_id in ids[:10]:
                last = factories.make_annotation(
                    session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
                )

        run(add_job())

        found = live(database, shop)
        assert found.n_labels + found.n_evaluation_labels == 10
        assert found.n_labels > 0
        assert found.last_annotation_id == last.id

    def test_numbers_groups_of_several_alone(self, database, shop, add_job, run):
        with database.begin() as session:
            first, *_ = session.scalars(select(ProductRow.id).order_by(ProductRow.id))
            session.get_one(ProductRow, first).group_number = 59  # as in an earlier round
            copies = [
                factories.make_product(session, shop, name="Blue mug with a lid") for _ in "ab"
            ]

        run(add_job())

        with database.read() as session:
            numbers = dict(session.execute(select(ProductRow.id, ProductRow.group_number)).all())
        assert {one for one, number in numbers.items() if number is not None} == set(copies)
        assert len({numbers[one] for one in copies}) == 1

    def test_draws_the_evaluation_set_once(self, database, shop, add_job, run):
        run(add_job())
        with database.read() as session:
            first = session.execute(select(ProductRow.id, ProductRow.is_evaluation)).all()

        run(add_job())

        with database.read() as session:
            second = session.execute(select(ProductRow.id, ProductRow.is_evaluation)).all()
        assert first == second
        assert None not in {side for _, side in first}

    def test_orders_the_queue_and_hides_suggestions_of_the_evaluation_set(
        self, database, shop, add_job, run
    ):
        run(add_job())

        with database.read() as session:
            rows = session.execute(
                select(QueueEntryRow, ProductRow.is_evaluation)
                .join(ProductRow, ProductRow.id == QueueEntryRow.product_id)
                .order_by(QueueEntryRow.priority.desc())
            ).all()
        assert [entry.priority for entry, _ in rows] == [1 / rank for rank in range(1, 61)]
        for entry, evaluates in rows:
            assert entry.is_suggestion_hidden == evaluates
            assert (entry.reason == "evaluation") == evaluates
        assert {entry.reason for entry, evaluates in rows if not evaluates} == {"suspect", "random"}
        assert [evaluates for _, evaluates in rows[:10]].count(True) == 2

    def test_writes_its_model_into_a_folder_of_its_own(self, shop, add_job, run, training_config):
        job = run(add_job())

        folder = training_config.models_dir / str(shop.id) / str(job.id)
        assert (folder / "manifest.json").is_file()

    def test_asks_for_a_refresh_when_products_came_meanwhile(
        self, database, shop, add_job, run, sent_jobs
    ):
        def import_meanwhile(stage, done, total):
            if stage == "evaluate" and done == 0:
                with database.begin() as session:
                    add_products(session, shop, 1, start=900)

        run(add_job(), import_meanwhile)

        with database.read() as session:
            job = jobs.get(session, job_id=sent_jobs[0])
        assert job.kind is JobKind.REFRESH_PREDICTIONS

    @pytest.mark.parametrize("stage", ["evaluate", "order"])
    def test_orders_the_queue_by_the_settings_that_hold_when_it_ends(
        self, database, shop, add_job, run, stage
    ):
        def choose_chance_meanwhile(at, done, total):
            if at == stage and done == 0:
                settings = replace(shop.settings, shares={"random": 100})
                with database.begin() as session:
                    catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)

        run(add_job(), choose_chance_meanwhile)

        with database.read() as session:
            reasons = set(session.scalars(select(QueueEntryRow.reason)))
        assert reasons == {"random", "evaluation"}


class TestRepeated:
    @pytest.mark.parametrize("stage", ["group", "text", "predict", "save", "store", "order"])
    def test_a_round_that_died_anywhere_is_made_exactly_once(
        self, database, shop, add_job, run, stage
    ):
        job = add_job()

        def die(at, done, total):
            if at == stage:
                raise KeyboardInterrupt  # no handler of ours sees it, as with a dying process

        with pytest.raises(KeyboardInterrupt):
            run(job, die)
        with database.begin() as session:
            claimed = jobs.get(session, job_id=job.id)
            job_claims.put_back(session, job_id=job.id, fence=claimed.fence, now=factories.NOW)

        again = run(job)

        assert again.state is JobState.DONE
        assert count(database, RoundRow) == 1
        assert count(database, PredictionRow) == 60
        assert live(database, shop).number == 1

    def test_after_publishing_changes_nothing(self, database, shop, add_job, run, monkeypatch):
        job = add_job()
        with monkeypatch.context() as patched:
            patched.setattr(job_claims, "finish", lambda *_, **__: False)
            run(job)
        published = live(database, shop)
        with database.begin() as session:
            claimed = jobs.get(session, job_id=job.id)
            job_claims.put_back(session, job_id=job.id, fence=claimed.fence, now=factories.NOW)

        again = run(job)

        assert again.result == {"round": 1, "is_held": False}
        assert live(database, shop) == published

    def test_a_cancelled_round_leaves_no_trace_on_the_pages(
        self, database, shop, add_job, run, now
    ):
        job = add_job()

        def cancel(stage, done, total):
            if stage == "store" and done == 0:
                with database.begin() as session:
                    jobs.request_cancel(session, job_id=job.id)

        ended = run(job, cancel)

        assert ended.state is JobState.CANCELLED
        with database.read() as session:
            assert rounds.list_all(session, catalogue_id=shop.id) == []
        assert live(database, shop) is None

    def test_the_next_round_removes_what_a_cancelled_one_left(
        self, database, shop, add_job, run, training_config
    ):
        cancelled = add_job()

        def cancel(stage, done, total):
            if stage == "order":
                with database.begin() as session:
                    jobs.request_cancel(session, job_id=cancelled.id)

        run(cancelled, cancel)
        assert count(database, PredictionRow) == 60

        job = run(add_job())

        assert count(database, PredictionRow) == 60
        assert live(database, shop).number == 1
        folder = training_config.models_dir / str(shop.id)
        assert [path.name for path in folder.iterdir()] == [str(job.id)]


class TestRefusal:
    def test_of_too_few_products_is_the_reason_of_the_job(self, database, run):
        with database.begin() as session:
            shop = factories.make_catalogue(session, slug="small")
            job = retraining.request_round(
                session, catalogue=shop, requested_by=None, now=factories.NOW
            )

        ended = run(job)

        assert ended.state is JobState.FAILED
        assert "needs at least 10" in ended.reason

    def test_of_an_unknown_pipeline_names_it(self, add_job, database, config, sent_jobs):
        from dataclasses import replace

        from webapp.jobs import runner

        job = runner.claim(database, add_job().id)
        runner.run_claimed(
            job,
            config=replace(config, text_pipeline="nonesuch"),
            database=database,
            send=sent_jobs.send,
        )

        with database.read() as session:
            assert "nonesuch" in jobs.get(session, job_id=job.id).reason


def test_the_reason_of_publishing_is_told(database, shop, add_job, run):
    run(add_job())

    assert live(database, shop).reason == gating.FIRST
    with database.read() as session:
        assert catalogues.get(session, slug="shop").live_round_id == live(database, shop).id
