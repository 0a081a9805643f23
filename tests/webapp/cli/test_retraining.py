import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests import factories
from tests.fakes import use_fakes
from tests.webapp.jobs.conftest import add_products
from webapp.cli import group, shelfwise
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.jobs import runner
from webapp.services import retraining
from webapp.storage import job_claims, jobs, rounds
from webapp.storage.tables import ProductRow

KEYS = {
    "round",
    "state",
    "published",
    "reason",
    "n_labels",
    "n_source_categories",
    "n_evaluation",
    "text_pipeline",
    "image_pipeline",
    "fusion",
    "fallback",
    "seconds",
    "metrics",
}


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        add_products(session, catalogue, 60)
    return catalogue


@pytest.fixture
def call(config, monkeypatch):
    """Call a command on the test's home, with pipelines that need no training."""
    use_fakes(monkeypatch)
    own = replace(config, text_pipeline="fake_text", image_pipeline="fake_image")
    monkeypatch.setattr(group, "read_config", lambda home: own)
    return lambda *words: CliRunner().invoke(shelfwise, words)


class TestRetrain:
    def test_with_wait_trains_here_and_prints_the_round(self, call, shop):
        result = call("retrain", "--catalogue", "shop", "--wait", "--json")

        assert result.exit_code == 0
        printed = json.loads(result.stdout)
        assert set(printed) >= KEYS
        assert (printed["round"], printed["state"], printed["published"]) == (1, "done", True)
        assert set(printed["metrics"]["ari"]) == {"value", "low", "high", "n"}
        assert printed["text_pipeline"] == "fake_text"
        assert printed["seconds"] > 0

    def test_shows_the_stages_on_standard_error(self, call, shop):
        result = call("retrain", "--catalogue", "shop", "--wait", "--json")

        assert "text" in result.stderr.splitlines()
        assert "order" in result.stderr.splitlines()

    def test_without_json_prints_a_line_for_people(self, call, shop):
        result = call("retrain", "--catalogue", "shop", "--wait")

        assert result.stdout.startswith("Round 1: ARI ")
        assert "provisional" in result.stdout

    def test_with_wait_takes_up_the_round_of_a_process_that_was_killed(self, call, shop, database):
        with database.begin() as session:
            job = retraining.request_round(
                session, catalogue=shop, requested_by=None, now=factories.NOW
            )
            job_claims.claim(session, job_id=job.id, now=factories.NOW)

        result = call("retrain", "--catalogue", "shop", "--wait", "--json")

        assert result.exit_code == 0
        assert json.loads(result.stdout)["round"] == 1

    def test_with_wait_leaves_a_round_alone_that_somebody_runs(self, call, shop, database):
        with database.begin() as session:
            job = retraining.request_round(
                session, catalogue=shop, requested_by=None, now=factories.NOW
            )
            job_claims.claim(session, job_id=job.id, now=runner.utc_now())

        result = call("retrain", "--catalogue", "shop", "--wait")

        assert result.exit_code == 1
        assert "already queued or running" in result.stderr

    def test_ctrl_c_cancels_the_round(self, call, shop, database, monkeypatch):
        def interrupt(*_args, **_options):
            raise KeyboardInterrupt

        monkeypatch.setattr(runner, "run_claimed", interrupt)

        result = call("retrain", "--catalogue", "shop", "--wait")

        assert result.exit_code == 1
        with database.read() as session:
            job = jobs.find_latest(session, catalogue_id=shop.id, kind=JobKind.RETRAIN)
        assert job.state is JobState.CANCELLED

    def test_without_wait_leaves_the_work_to_a_worker(self, call, shop, database):
        result = call("retrain", "--catalogue", "shop", "--json")

        job_id = json.loads(result.stdout)["job"]
        with database.read() as session:
            assert jobs.get(session, job_id=job_id).state is JobState.QUEUED

    def test_of_an_unknown_catalogue_is_one_line_and_status_1(self, call, shop):
        result = call("retrain", "--catalogue", "nonesuch", "--wait")

        assert result.exit_code == 1
        assert result.stderr == "shelfwise: There is no catalogue called nonesuch.\n"

    def test_while_another_round_waits_is_refused(self, call, shop):
        call("retrain", "--catalogue", "shop")

        result = call("retrain", "--catalogue", "shop", "--wait")

        assert result.exit_code == 1
        assert "already queued or running" in result.stderr

    def test_a_round_that_fails_says_why(self, call, database):
        with database.begin() as session:
            factories.make_catalogue(session, slug="empty")

        result = call("retrain", "--catalogue", "empty", "--wait")

        assert result.exit_code == 1
        assert "at least 10" in result.stderr

    def test_waits_for_a_worker_that_was_faster(self, call, shop, monkeypatch, database):
        ended = {}

        def taken_by_another(database, job_id):
            with database.begin() as session:
                factories.make_round(session, shop, {})
                job = session.get_one(jobs.JobRow, job_id)
                job.state, job.result, job.fence = "done", {"round": 1}, 1
            ended["id"] = job_id

        monkeypatch.setattr(runner, "claim", taken_by_another)

        result = call("retrain", "--catalogue", "shop", "--wait")

        assert ended
        assert result.stdout.startswith("Round 1:")

    def test_of_a_worse_round_says_that_it_is_held_with_status_0(self, call, shop, database, alice):
        call("retrain", "--catalogue", "shop", "--wait")
        with database.begin() as session:
            rows = session.execute(
                select(ProductRow.id, ProductRow.source_path, ProductRow.is_evaluation)
            ).all()
            turned = {"Watches": "Kitchen", "Kitchen": "Computers", "Computers": "Watches"}
            for product_id, source, evaluates in rows:
                if not evaluates:
                    factories.make_annotation(
                        session,
                        shop,
                        product_id,
                        alice,
                        Verdict.CORRECTED,
                        category=turned[source],
                    )

        result = call("retrain", "--catalogue", "shop", "--wait", "--json")
        listed = call("rounds", "--catalogue", "shop")

        printed = json.loads(result.stdout)
        assert result.exit_code == 0
        assert (printed["state"], printed["published"], printed["is_held"]) == ("done", False, True)
        assert printed["reason"].startswith("held: accuracy 100.0 points lower than round 1")
        assert printed["gate"]["live_round"] == 1
        assert printed["reason"] in listed.stdout


class TestRounds:
    @pytest.fixture
    def two_rounds(self, database, shop):
        with database.begin() as session:
            for number in (1, 2):
                factories.make_round(session, shop, {}, number=number)

    def live(self, database, shop):
        with database.read() as session:
            return rounds.find_live(session, catalogue_id=shop.id).number

    def test_are_listed(self, call, two_rounds):
        result = call("rounds", "--catalogue", "shop", "--json")

        printed = json.loads(result.stdout)
        assert [each["round"] for each in printed] == [1, 2]
        assert [each["is_live"] for each in printed] == [False, True]
        assert set(printed[0]) >= KEYS

    def test_go_back_to_the_one_before(self, call, two_rounds, database, shop):
        result = call("rounds", "rollback", "--catalogue", "shop")

        assert (result.exit_code, self.live(database, shop)) == (0, 1)
        with database.read() as session:
            kind = JobKind.REFRESH_PREDICTIONS
            assert jobs.find_latest(session, catalogue_id=shop.id, kind=kind) is not None

    def test_are_published_by_number(self, call, two_rounds, database, shop):
        result = call("rounds", "--catalogue", "shop", "publish", "1")

        assert (result.exit_code, self.live(database, shop)) == (0, 1)
        assert "Round 1 of Shop is live." in result.stdout

    def test_of_no_catalogue_is_wrong_usage(self, call, two_rounds):
        assert call("rounds").exit_code == 2
        assert call("rounds", "rollback").exit_code == 2

    def test_before_the_first_are_an_empty_list(self, call, shop):
        assert json.loads(call("rounds", "--catalogue", "shop", "--json").stdout) == []


class TestRetrace:
    @pytest.fixture
    def trained(self, call, shop):
        assert call("retrain", "--catalogue", "shop", "--wait").exit_code == 0

    def test_gives_the_same_probabilities_though_people_have_labelled_since(
        self, call, trained, database, shop, alice
    ):
        with database.begin() as session:
            for product_id in session.scalars(select(ProductRow.id)).all():
                factories.make_annotation(
                    session, shop, product_id, alice, Verdict.CORRECTED, category="Kitchen"
                )

        result = call("rounds", "retrace", "1", "--catalogue", "shop")

        assert result.exit_code == 0
        assert result.stdout == (
            "Round 1 trained again: the probabilities of all 60 products are equal, bit for bit.\n"
        )

    def test_says_that_products_have_changed(self, call, trained, database):
        with database.begin() as session:
            session.execute(
                update(ProductRow)
                .where(ProductRow.external_id.in_(["x1", "x2"]))
                .values(name="mug mug mug", description="")
            )

        printed = json.loads(call("rounds", "--catalogue", "shop", "retrace", "1", "--json").stdout)
        told = call("rounds", "retrace", "1", "--catalogue", "shop").stdout

        assert (printed["is_equal"], printed["n_changed"], printed["n_products"]) == (False, 2, 60)
        assert 0 < printed["largest_difference"] <= 1
        assert "probabilities differ by up to" in told
        assert "2 of 60 products have another text or image now than then." in told

    def test_leaves_rounds_and_models_as_they_are(self, call, trained, database, shop, config):
        def state():
            with database.read() as session:
                found = rounds.list_all(session, catalogue_id=shop.id)
            return found, sorted(config.models_dir.rglob("*"))

        before = state()
        call("rounds", "retrace", "1", "--catalogue", "shop")

        assert state() == before

    def test_of_a_round_that_is_not_there_is_refused(self, call, trained):
        result = call("rounds", "retrace", "9", "--catalogue", "shop")

        assert result.exit_code == 1
        assert "There is no round 9." in result.stderr
