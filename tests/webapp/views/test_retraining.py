from dataclasses import replace

import pytest

from tests import factories
from webapp.domain.jobs import JobKind, JobState
from webapp.services import retraining
from webapp.storage import catalogues, job_claims, jobs, rounds
from webapp.storage.tables import RoundRow

PAGE = "/c/shop/retraining"
INTERVAL = {"value": 0.912345, "low": 0.85, "high": 0.95, "n": 40}


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        factories.make_product(session, catalogue)
        return catalogue


@pytest.fixture
def make_round(database, shop):
    def make(number=1, **facts):
        with database.begin() as session:
            round_id = factories.make_round(session, shop, {}, number=number)
            row = session.get_one(RoundRow, round_id)
            for name, value in facts.items():
                setattr(row, name, value)

    return make


@pytest.fixture
def htmx(admin_client):
    def send(address, method="POST"):
        return admin_client.open(address, method=method, headers={"HX-Request": "true"})

    return send


def latest(database, shop, kind=JobKind.RETRAIN):
    with database.read() as session:
        return jobs.find_latest(session, catalogue_id=shop.id, kind=kind)


def running(database, shop, stage="text", done=30, total=100):
    with database.begin() as session:
        job = factories.make_job(session, shop, JobKind.RETRAIN)
        job = job_claims.claim(session, job_id=job.id, now=factories.NOW)
        job_claims.report(
            session,
            job_id=job.id,
            fence=job.fence,
            stage=stage,
            done=done,
            total=total,
            now=factories.NOW,
        )
    return job


def choose_baselines(database, shop, *names):
    with database.begin() as session:
        settings = replace(shop.settings, baselines=names)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)


def fail(database, job, reason):
    with database.begin() as session:
        job_claims.fail(session, job_id=job.id, fence=job.fence, reason=reason, now=factories.NOW)


class TestPage:
    def test_says_what_the_first_round_would_learn_from(self, admin_client, shop):
        page = admin_client.get(PAGE)

        assert page.status_code == 200
        assert "source category, where there is no label yet" in page.text
        assert "Start a round" in page.text
        assert "There is no round yet." in page.text

    def test_is_for_admins(self, client, shop):
        assert client.get(PAGE).status_code == 403

    def test_of_an_unknown_catalogue_is_not_found(self, admin_client):
        assert admin_client.get(PAGE).status_code == 404

    def test_shows_figures_with_their_intervals(self, admin_client, make_round):
        make_round(metrics={"ari": INTERVAL, "accuracy": INTERVAL})

        page = admin_client.get(PAGE)

        assert "0.912" in page.text
        assert "0.850 to 0.950" in page.text
        assert "91.2%" in page.text
        assert "85.0% to 95.0%" in page.text
        assert "95% interval" in page.text

    def test_says_that_a_round_is_provisional_and_why(self, admin_client, make_round):
        make_round(metrics={"accuracy": INTERVAL}, is_provisional=True)

        page = admin_client.get(PAGE)

        assert "provisional until 30 of them have labels" in page.text

    def test_announces_the_fallback(self, admin_client, make_round):
        make_round(fallback="The small CNN stands in: the file is missing.", image_pipeline="cnn")

        page = admin_client.get(PAGE)

        assert "The small CNN stands in: the file is missing." in page.text

    def test_a_figure_that_is_unknown_is_called_so(self, admin_client, make_round):
        make_round(metrics={"accuracy": INTERVAL})

        assert "unknown" in admin_client.get(PAGE).text

    def test_a_round_that_could_not_be_measured_says_so_instead_of_figures(
        self, admin_client, make_round
    ):
        nothing = {"value": None, "low": None, "high": None, "n": 0}
        make_round(metrics={"accuracy": nothing})

        page = admin_client.get(PAGE)

        assert "nothing could be measured" in page.text
        assert "unknown" not in page.text
        assert "the evaluation set is empty" in page.text
        assert "drawn by the first round" not in page.text

    def test_tells_why_the_last_round_failed(self, admin_client, database, shop):
        fail(database, running(database, shop), "There are 3 products, 100 % too few.")

        page = admin_client.get(PAGE)

        assert "The last round failed: There are 3 products, 100 % too few." in page.text

    def test_an_unfinished_round_is_not_listed(self, admin_client, make_round):
        make_round(number=7, is_complete=False)

        assert "Round 7" not in admin_client.get(PAGE).text


class TestHeldRound:
    REASON = (
        "held: ARI 0.041 lower than round 1 on the same 168 evaluation products "
        "(95 % interval -0.080 to -0.010)"
    )

    @pytest.fixture
    def held(self, make_round):
        make_round(1)
        make_round(2, is_held=True, is_published=False, reason=self.REASON)

    def test_says_why_and_offers_to_publish_it_anyway(self, admin_client, held, database, shop):
        with database.begin() as session:
            catalogue = catalogues.get(session, slug="shop")
            retraining.publish(session, catalogue=catalogue, number=1, now=factories.NOW)

        page = admin_client.get(PAGE)

        assert f"H{self.REASON[1:]}." in page.text
        assert "Publish anyway" in page.text
        assert '<span class="badge warn">held</span>' in page.text

    def test_is_announced_when_its_job_is_over(self, admin_client, database, shop):
        job = running(database, shop)
        with database.begin() as session:
            job_claims.finish(
                session,
                job_id=job.id,
                fence=job.fence,
                result={"round": 7, "is_held": True},
                now=factories.NOW,
            )

        assert "Round 7 is finished and held back" in admin_client.get(PAGE).text


class TestBaselines:
    @pytest.fixture
    def scoring(self, database, shop):
        with database.begin() as session:
            return factories.make_job(
                session, shop, JobKind.SCORE_BASELINES, round_id=1, pipelines=[]
            )

    def end(self, database, scoring, **ending):
        with database.begin() as session:
            job = job_claims.claim(session, job_id=scoring.id, now=factories.NOW)
            end = job_claims.fail if "reason" in ending else job_claims.finish
            end(session, job_id=job.id, fence=job.fence, now=factories.NOW, **ending)

    def test_that_are_being_scored_are_told_of(self, admin_client, scoring):
        assert "are being scored" in admin_client.get(PAGE).text

    def test_that_could_not_be_scored_say_why(self, admin_client, database, scoring):
        self.end(database, scoring, reason="The model is gone.")

        assert "could not be scored: The model is gone." in admin_client.get(PAGE).text

    @pytest.fixture
    def failed(self, database, shop, make_round):
        """Make a live round beside which one of two chosen baselines has failed."""
        choose_baselines(database, shop, "cnn", "nmf")
        make_round(1, baselines={"cnn": {"reason": "No weights."}, "nmf": {"ari": {}}})

    def test_without_figures_say_why_and_can_be_scored_again(
        self, admin_client, htmx, database, shop, failed, sent_jobs
    ):
        words = admin_client.get(PAGE).text
        answer = htmx(f"{PAGE}/rounds/1/score-baselines")

        job = latest(database, shop, JobKind.SCORE_BASELINES)
        assert "<strong>Small network from scratch</strong> No weights." in words
        assert "NMF topics" not in words
        assert job.arguments["pipelines"] == ["cnn"]
        assert sent_jobs == [job.id]
        assert 'id="rounds"' in answer.text
        assert "Score them now" not in answer.text
        assert "Baselines are being scored." in answer.text

    def test_are_asked_for_once_at_a_time(self, htmx, failed, sent_jobs):
        htmx(f"{PAGE}/rounds/1/score-baselines")

        answer = htmx(f"{PAGE}/rounds/1/score-baselines")

        assert (answer.status_code, len(sent_jobs)) == (409, 1)
        assert "being scored already" in answer.text

    def test_that_have_figures_are_not_scored_again(self, htmx, database, shop, failed):
        choose_baselines(database, shop, "nmf")

        answer = htmx(f"{PAGE}/rounds/1/score-baselines")

        assert answer.status_code == 409
        assert "No baseline of round 1 is without figures." in answer.text

    def test_chosen_since_can_be_scored_beside_the_live_round_alone(
        self, admin_client, database, shop, make_round
    ):
        make_round(1)
        make_round(2)
        choose_baselines(database, shop, "nmf")

        words = admin_client.get(PAGE).text

        assert words.count("NMF topics</strong> It has not been scored yet.") == 1

    def test_without_htmx_go_back_to_the_page(self, admin_client, failed, sent_jobs):
        answer = admin_client.post(f"{PAGE}/rounds/1/score-baselines")

        assert (answer.status_code, answer.location, len(sent_jobs)) == (303, PAGE, 1)

    def test_are_for_admins(self, client, failed, sent_jobs):
        assert client.post(f"{PAGE}/rounds/1/score-baselines").status_code == 403
        assert sent_jobs == []

    def test_that_are_scored_need_no_word(self, admin_client, database, scoring):
        self.end(database, scoring, result={})

        assert "scored" not in admin_client.get(PAGE).text


class TestStart:
    def test_adds_a_job_sends_it_and_answers_with_the_bar(self, htmx, database, shop, sent_jobs):
        answer = htmx(f"{PAGE}/start")

        assert sent_jobs == [latest(database, shop).id]
        assert 'id="progress"' in answer.text
        assert "<html" not in answer.text
        assert "waiting for a worker" in answer.text

    def test_without_htmx_goes_back_to_the_page(self, admin_client, shop):
        answer = admin_client.post(f"{PAGE}/start")

        assert (answer.status_code, answer.location) == (303, PAGE)

    def test_twice_is_refused_in_plain_words(self, htmx, shop, sent_jobs):
        htmx(f"{PAGE}/start")

        answer = htmx(f"{PAGE}/start")

        assert answer.status_code == 409
        assert "already queued or running" in answer.text
        assert len(sent_jobs) == 1

    def test_is_for_admins(self, client, shop, sent_jobs):
        assert client.post(f"{PAGE}/start").status_code == 403
        assert sent_jobs == []


class TestProgress:
    def test_moves_and_asks_again(self, htmx, database, shop):
        running(database, shop)

        answer = htmx(f"{PAGE}/progress", "GET")

        assert 'value="0.3"' in answer.text
        assert "training on the text" in answer.text
        assert 'hx-trigger="load delay:1s"' in answer.text
        assert 'aria-current="step"' in answer.text
        assert "HX-Trigger" not in answer.headers

    def test_bar_stops_asking_once_the_job_is_over_and_tells_the_page(self, htmx, database, shop):
        fail(database, running(database, shop), "why")

        answer = htmx(f"{PAGE}/progress", "GET")

        assert "load delay" not in answer.text
        assert answer.headers["HX-Trigger"] == "round-finished"

    def test_speaks_the_language_of_the_person(self, admin_client, database, shop):
        running(database, shop)

        answer = admin_client.get(f"{PAGE}/progress", headers={"Accept-Language": "fr"})

        assert answer.status_code == 200


class TestCancel:
    def test_asks_the_round_to_stop(self, htmx, database, shop):
        running(database, shop)

        answer = htmx(f"{PAGE}/cancel")

        assert latest(database, shop).is_cancel_requested
        assert "Stopping" in answer.text

    def test_of_a_queued_round_ends_it(self, htmx, database, shop):
        htmx(f"{PAGE}/start")

        answer = htmx(f"{PAGE}/cancel")

        assert latest(database, shop).state is JobState.CANCELLED
        assert "The last round was cancelled." in answer.text

    def test_without_a_round_is_refused(self, htmx, shop):
        assert htmx(f"{PAGE}/cancel").status_code == 409


class TestPublish:
    def test_goes_back_in_one_click(self, htmx, database, shop, make_round, sent_jobs):
        make_round(1)
        make_round(2)

        answer = htmx(f"{PAGE}/rounds/1/publish")

        with database.read() as session:
            live = rounds.find_live(session, catalogue_id=shop.id)
            assert catalogues.get(session, slug="shop").live_round_id == live.id
        assert live.number == 1
        assert 'id="rounds"' in answer.text
        assert "Publish round 2" in answer.text
        assert sent_jobs == [latest(database, shop, JobKind.REFRESH_PREDICTIONS).id]

    def test_without_htmx_says_so_on_the_page(self, admin_client, make_round):
        make_round(1)
        make_round(2)

        answer = admin_client.post(f"{PAGE}/rounds/1/publish", follow_redirects=True)

        assert "Round 1 is live." in answer.text

    def test_offers_the_way_back(self, admin_client, make_round):
        make_round(1)
        make_round(2)

        page = admin_client.get(PAGE)

        assert "Go back to round 1" in page.text
        assert "round 2</button>" not in page.text
