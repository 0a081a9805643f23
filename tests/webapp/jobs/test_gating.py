from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select, update

from ml.gate import judge
from tests import factories
from webapp.domain.catalogue_settings import read_settings
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.jobs import gating
from webapp.services import retraining
from webapp.storage import catalogues, jobs, predictions, rounds
from webapp.storage.tables import PredictionRow, ProductRow, QueueEntryRow
from webapp.views.stored_sentences import form_of


def label(database, shop, person, *, turned=False, sides=(True,)):
    """Label products, as their sellers file them or (turned) each as the next category."""
    with database.begin() as session:
        rows = session.execute(
            select(ProductRow.id, ProductRow.source_path, ProductRow.is_evaluation)
        ).all()
        names = sorted({row.source_path for row in rows})
        for row in rows:
            if row.is_evaluation in sides:
                at = (names.index(row.source_path) + turned) % len(names)
                factories.make_annotation(
                    session, shop, row.id, person, Verdict.CORRECTED, category=names[at]
                )


def live(database, shop):
    with database.read() as session:
        return rounds.find_live(session, catalogue_id=shop.id)


def newest(database, shop):
    with database.read() as session:
        return rounds.list_all(session, catalogue_id=shop.id)[-1]


@pytest.fixture
def held(database, shop, add_job, run, alice):
    """A second round, held because it has learned wrong labels; return how its job ended."""
    run(add_job())
    label(database, shop, alice, turned=True, sides=(False,))
    return run(add_job())


class TestHeldRound:
    def test_is_complete_and_waits_while_the_live_one_stays(self, database, shop, held):
        found = newest(database, shop)

        assert (held.state, held.result) == (JobState.DONE, {"round": 2, "is_held": True})
        assert (found.number, found.is_held, found.is_published) == (2, True, False)
        assert live(database, shop).number == 1

    def test_says_why_with_its_figures(self, database, shop, held):
        found = newest(database, shop)

        assert found.reason.startswith("held: accuracy 100.0 points lower than round 1 on the same")
        assert found.reason.endswith(gating.PROVISIONAL)
        assert found.gate["accuracy"]["new"] == 0
        assert found.gate["accuracy"]["live"] == 1
        assert found.gate["live_round"] == 1
        assert found.gate["is_passed"] is False

    def test_keeps_its_predictions_for_whoever_publishes_it(self, database, shop, held):
        found = newest(database, shop)

        with database.read() as session:
            ids = session.scalars(select(ProductRow.id)).all()
            assert len(predictions.find_many(session, round_id=found.id, product_ids=ids)) == 60

    def test_leaves_the_queue_as_it_was(self, database, shop, add_job, run, alice):
        run(add_job())
        label(database, shop, alice, turned=True, sides=(False,))
        with database.begin() as session:
            session.execute(update(QueueEntryRow).values(priority=0.125))

        run(add_job())

        with database.read() as session:
            assert set(session.scalars(select(QueueEntryRow.priority))) == {0.125}

    def test_is_published_anyway_in_one_step(self, database, shop, held, now):
        with database.begin() as session:
            catalogue = catalogues.get(session, slug="shop")
            retraining.publish(session, catalogue=catalogue, number=2, now=now)

        found = live(database, shop)
        assert (found.number, found.is_held, found.is_published) == (2, False, True)
        assert found.gate["is_passed"] is False  # what was found stays told

    def test_is_not_what_going_back_leads_to(self, database, shop, held):
        with database.begin() as session:
            catalogue = catalogues.get(session, slug="shop")
            assert retraining.find_previous(session, catalogue=catalogue) is None

    def test_is_not_what_the_next_round_is_compared_with(self, database, shop, held, add_job, run):
        run(add_job())

        assert newest(database, shop).gate["live_round"] == 1


class TestPublishedRound:
    def test_needs_no_better_one_before_it(self, database, shop, add_job, run):
        run(add_job())

        assert live(database, shop).reason == gating.FIRST
        assert live(database, shop).gate == {}

    def test_is_not_worse_than_the_live_one_on_the_same_products(
        self, database, shop, add_job, run
    ):
        run(add_job())
        run(add_job())

        found = live(database, shop)
        assert found.number == 2
        assert "not shown to be worse than round 1" in found.reason
        assert found.gate["n"] == newest(database, shop).n_evaluation
        assert found.gate["accuracy"]["difference"] == 0

    def test_products_that_the_live_round_has_not_met_count_for_neither(
        self, database, shop, add_job, run
    ):
        run(add_job())
        with database.begin() as session:
            evaluating = select(ProductRow.id).where(ProductRow.is_evaluation)
            session.execute(
                PredictionRow.__table__.delete().where(PredictionRow.product_id.in_(evaluating))
            )

        run(add_job())

        found = live(database, shop)
        assert found.reason.startswith("published: nothing to compare, because round 1")
        assert found.gate["n_left_out"] == found.n_evaluation

    def test_is_compared_with_what_is_live_when_it_is_finished(
        self, database, shop, add_job, run, now
    ):
        run(add_job())
        run(add_job())

        def go_back_meanwhile(stage, done, total):
            if stage == "order" and done == 0 and live(database, shop).number == 2:
                with database.begin() as session:
                    catalogue = catalogues.get(session, slug="shop")
                    retraining.publish(session, catalogue=catalogue, number=1, now=now)

        run(add_job(), go_back_meanwhile)

        assert live(database, shop).number == 3
        assert live(database, shop).gate["live_round"] == 1

    def test_asks_for_the_baselines_that_the_catalogue_names(
        self, database, shop, add_job, run, sent_jobs
    ):
        with database.begin() as session:
            settings = replace(read_settings({}), baselines=("fake_text",))
            catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)

        run(add_job())

        with database.read() as session:
            job = jobs.find_latest(session, catalogue_id=shop.id, kind=JobKind.SCORE_BASELINES)
        assert job.arguments == {
            "round_id": live(database, shop).id,
            "pipelines": ["fake_text"],
        }
        assert job.id in sent_jobs


class TestReason:
    TRUTH = np.tile([40, 7, 19], 50)

    @pytest.mark.parametrize(
        ("n", "n_wrong_live", "n_wrong_new", "begins"),
        [
            (150, 5, 5, "published: not worse than round 3: no prediction differs on the same 150"),
            (150, 5, 6, "published: not worse than round 3 on the same 150 evaluation products ("),
            (150, 5, 30, "held: accuracy 16.7 points (95 % interval -"),
            (15, 0, 5, "published: not shown to be worse than round 3, with only 15"),
            (15, 0, 8, "held: accuracy 53.3 points lower than round 3"),
        ],
    )
    @pytest.mark.parametrize("is_provisional", [False, True])
    def test_is_a_sentence_that_pages_can_translate(
        self, n, n_wrong_live, n_wrong_new, begins, is_provisional
    ):
        truth = self.TRUTH[:n]

        def wrong(n_wrong):
            return np.where(np.arange(n) < n_wrong, np.roll(truth, 1), truth)

        judgement = judge(truth, wrong(n_wrong_new), wrong(n_wrong_live), np.arange(n))
        reason = gating.reason_of(judgement, 3, is_provisional)

        assert reason.startswith(begins)
        assert form_of(reason) is not None

    def test_of_one_metric_alone_is_known_too(self):
        truth = self.TRUTH
        both = judge(truth, np.roll(truth, 1), truth, np.arange(150))
        for worse in (("accuracy",), ("ari",)):
            reason = gating.reason_of(replace(both, worse=worse), 3, False)

            assert form_of(reason) is not None

    def test_of_nothing_to_compare_is_known(self):
        judgement = judge(self.TRUTH, self.TRUTH, np.full(150, -1), np.arange(150))

        assert form_of(gating.reason_of(judgement, 3, True)) is not None
