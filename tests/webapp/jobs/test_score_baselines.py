from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from ml import baselines
from ml.errors import MlError
from tests import factories
from tests.fakes import CountingPipeline
from webapp.domain.catalogue_settings import read_settings
from webapp.domain.jobs import GAVE_UP, JobKind, JobState
from webapp.domain.review import Verdict
from webapp.jobs import kept_snapshot, score_baselines
from webapp.services import retraining
from webapp.storage import catalogues, job_claims, jobs, round_writes, rounds
from webapp.storage.tables import ProductRow
from webapp.views.stored_sentences import form_of


def choose(database, shop, *names):
    with database.begin() as session:
        settings = replace(read_settings({}), baselines=names)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)


def scored(database, shop):
    with database.read() as session:
        return rounds.find_live(session, catalogue_id=shop.id).baselines


@pytest.fixture
def job(database, shop, add_job, run):
    """The job that scores two baselines beside the first round, not begun."""
    choose(database, shop, "fake_text", "tfidf_linear")
    run(add_job())
    with database.read() as session:
        return jobs.find_latest(session, catalogue_id=shop.id, kind=JobKind.SCORE_BASELINES)


def test_each_baseline_gets_figures_on_the_evaluation_set_of_the_round(database, shop, job, run):
    ended = run(job)

    assert (ended.state, ended.result) == (
        JobState.DONE,
        {"round": 1, "scored": ["fake_text", "tfidf_linear"]},
    )
    found = scored(database, shop)
    with database.read() as session:
        live = rounds.find_live(session, catalogue_id=shop.id)
    assert list(found) == ["fake_text", "tfidf_linear"]
    for figures in found.values():
        assert figures["accuracy"]["n"] == live.n_evaluation
        assert figures["accuracy"]["low"] <= figures["accuracy"]["value"] == 1
        assert figures["ari_of"] == "predictions"
        assert figures["n_train"] == live.n_source_categories
        assert figures["n_changed"] == 0


def test_the_same_pipeline_scores_as_the_round_that_it_made(database, shop, job, run):
    run(job)

    with database.read() as session:
        live = rounds.find_live(session, catalogue_id=shop.id)
    assert live.baselines["fake_text"]["ari"] == live.metrics["ari"]


def test_learns_what_the_round_learned_whatever_was_labelled_since(database, shop, job, run, alice):
    with database.begin() as session:
        for product_id in session.scalars(select(ProductRow.id)).all():
            factories.make_annotation(
                session, shop, product_id, alice, Verdict.CORRECTED, category="Kitchen"
            )

    run(job)

    assert scored(database, shop)["fake_text"]["accuracy"]["value"] == 1


def test_tells_how_many_products_have_changed_since(database, shop, job, run):
    with database.begin() as session:
        session.execute(
            update(ProductRow).where(ProductRow.external_id == "x1").values(name="other words")
        )

    run(job)

    assert scored(database, shop)["fake_text"]["n_changed"] == 1


def test_a_baseline_that_fails_keeps_its_reason_and_the_next_is_scored(
    database, shop, job, run, monkeypatch
):
    def fail(name, *arguments):
        if name == "fake_text":
            raise MlError("It cannot learn: no product to learn from has any text.")
        return baselines.score_baseline(name, *arguments)

    monkeypatch.setattr(score_baselines, "score_baseline", fail)

    run(job)

    found = scored(database, shop)
    assert found["fake_text"]["reason"] == (
        "It cannot learn: no product to learn from has any text."
    )
    assert found["tfidf_linear"]["accuracy"]["value"] == 1


def test_a_mistake_of_ours_is_told_in_plain_words(database, shop, job, run, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("a secret of the program")

    monkeypatch.setattr(score_baselines, "score_baseline", fail)

    run(job)

    assert {each["reason"] for each in scored(database, shop).values()} == {score_baselines.FAILED}


def test_after_a_crash_only_what_is_missing_is_scored(database, shop, job, run):
    def die(stage, done, total):
        if stage == "baselines" and done > 100:
            raise KeyboardInterrupt  # no handler of ours sees it, as with a dying process

    with pytest.raises(KeyboardInterrupt):
        run(job, die)
    first = scored(database, shop)
    assert list(first) == ["fake_text"]
    with database.begin() as session:
        claimed = jobs.get(session, job_id=job.id)
        job_claims.put_back(session, job_id=job.id, fence=claimed.fence, now=factories.NOW)
    CountingPipeline.fits.clear()

    again = run(job)

    assert again.result == {"round": 1, "scored": ["tfidf_linear"]}
    assert CountingPipeline.fits == []
    assert scored(database, shop)["fake_text"] == first["fake_text"]


class TestProcessThatEnds:
    """A baseline that takes its process along, every time or once."""

    @pytest.fixture
    def job(self, database, shop, add_job, run):
        choose(database, shop, "fake_text", "nmf", "tfidf_linear", "lda")
        run(add_job())
        with database.read() as session:
            return jobs.find_latest(session, catalogue_id=shop.id, kind=JobKind.SCORE_BASELINES)

    @pytest.fixture
    def begun(self, monkeypatch):
        """Return the names of what was begun, and how often each is ``deadly``."""
        begun = SimpleNamespace(names=[], deadly={})

        def score(name, *arguments):
            begun.names.append(name)
            if begun.deadly.get(name, 0):
                begun.deadly[name] -= 1
                raise KeyboardInterrupt  # no handler of ours sees it, as with a dying process
            return baselines.score_baseline("fake_text", *arguments)

        monkeypatch.setattr(score_baselines, "score_baseline", score)
        return begun

    @pytest.fixture
    def run_to_the_end(self, database, run):
        def run_job(job):
            while not job.is_over:
                try:
                    run(job)
                except KeyboardInterrupt:
                    with database.begin() as session:
                        held = jobs.get(session, job_id=job.id)
                        job_claims.put_back(
                            session, job_id=job.id, fence=held.fence, now=factories.NOW
                        )
                with database.read() as session:
                    job = jobs.get(session, job_id=job.id)
            return job

        return run_job

    def test_costs_no_other_baseline_its_figures(self, database, shop, job, begun, run_to_the_end):
        begun.deadly = {"fake_text": 9, "nmf": 9, "tfidf_linear": 9}

        ended = run_to_the_end(job)

        found = scored(database, shop)
        assert (ended.state, ended.result) == (JobState.DONE, {"round": 1, "scored": ["lda"]})
        assert found["lda"]["accuracy"]["value"] == 1
        assert {found[name]["reason"] for name in begun.deadly} == {score_baselines.DIED}
        assert begun.names == [*(name for name in begun.deadly for _ in range(2)), "lda"]

    def test_once_is_tried_again(self, database, shop, job, begun, run_to_the_end):
        begun.deadly = {"nmf": 1, "lda": 1}

        run_to_the_end(job)

        assert begun.names == ["fake_text", "nmf", "nmf", "tfidf_linear", "lda", "lda"]
        assert not any("reason" in each for each in scored(database, shop).values())

    def test_has_a_reason_that_pages_can_translate(self):
        assert form_of(score_baselines.DIED) is not None

    def test_before_any_baseline_began_ends_the_job_after_three_attempts(
        self, job, begun, run_to_the_end, monkeypatch
    ):
        def end(*arguments):
            raise KeyboardInterrupt

        monkeypatch.setattr(score_baselines, "retake_snapshot", end)

        ended = run_to_the_end(job)

        assert (ended.state, ended.reason, begun.names) == (JobState.FAILED, GAVE_UP, [])


def test_a_baseline_that_failed_is_scored_by_the_next_job_and_nothing_else_is(
    database, shop, job, run, monkeypatch
):
    def fail(name, *arguments):
        if name == "fake_text":
            raise MlError("The weights are missing.")
        return baselines.score_baseline(name, *arguments)

    monkeypatch.setattr(score_baselines, "score_baseline", fail)
    run(job)
    monkeypatch.setattr(score_baselines, "score_baseline", baselines.score_baseline)
    with database.begin() as session:
        again = retraining.request_baselines_again(
            session,
            catalogue=catalogues.get(session, slug=shop.slug),
            number=1,
            requested_by=None,
            now=factories.NOW,
        )

    ended = run(again)

    assert ended.result == {"round": 1, "scored": ["fake_text"]}
    assert scored(database, shop)["fake_text"]["accuracy"]["value"] == 1


def test_what_is_stored_already_stays(database, shop, job, run):
    with database.begin() as session:
        round_writes.add_baseline(
            session, round_id=job.arguments["round_id"], pipeline="fake_text", figures={"a": 1}
        )

    run(job)
    with database.begin() as session:
        round_writes.add_baseline(
            session, round_id=job.arguments["round_id"], pipeline="fake_text", figures={"a": 2}
        )

    assert scored(database, shop)["fake_text"] == {"a": 1}


def test_a_cancelled_job_stores_nothing_more(database, shop, job, run):
    def cancel(stage, done, total):
        if stage == "baselines":
            with database.begin() as session:
                jobs.request_cancel(session, job_id=job.id)

    ended = run(job, cancel)

    assert ended.state is JobState.CANCELLED
    assert scored(database, shop) == {}


def test_without_the_folder_of_the_model_says_what_to_do(database, shop, job, run, training_config):
    for path in training_config.models_dir.rglob("snapshot.npz"):
        path.unlink()

    ended = run(job)

    assert ended.state is JobState.FAILED
    assert "Train a new round" in ended.reason


def test_nothing_is_asked_for_twice(database, shop, job, run):
    run(job)

    with database.begin() as session:
        again = retraining.request_baselines(
            session,
            catalogue_id=shop.id,
            round_id=job.arguments["round_id"],
            requested_by=None,
            now=factories.NOW,
        )

    assert again is None


def test_a_round_of_products_that_are_gone_cannot_be_taken_again(
    database, shop, job, training_config, monkeypatch
):
    with database.read() as session:
        live = rounds.find_live(session, catalogue_id=shop.id)
        now = kept_snapshot.snapshots.read(session, catalogue_id=shop.id)
    monkeypatch.setattr(
        kept_snapshot.snapshots,
        "read",
        lambda session, catalogue_id: replace(now, products=now.products[1:]),
    )

    with pytest.raises(Exception, match="1 products that round 1 knew are gone"):
        kept_snapshot.retake_snapshot(training_config, database, live)
