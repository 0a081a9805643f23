from dataclasses import replace
from datetime import timedelta

import pytest

from ml.pipelines import PIPELINES
from tests import factories
from webapp.domain.catalogue_settings import Strategy
from webapp.domain.triggers import Obstacle, Slot, Trigger
from webapp.storage import catalogues, triggers
from webapp.views.settings_wording import BASELINES

PAGE = "/c/shop/settings"
FORM = {
    "share-recommended": "90",
    "share-random": "10",
    "every": "",
    "cron": "",
    "timezone": "UTC",
    "people": "1",
    "shared-below": "75",
    "hidden": "5",
    "planted": "0",
}


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        for number in range(12):
            source = ("Watches", "Kitchen")[number % 2]
            factories.make_product(session, catalogue, source=source)
    return catalogue


def leave_out_a_start(database, shop, now, **changed):
    """Change the settings, and let the schedule have left a start out under them."""
    with database.begin() as session:
        settings = replace(shop.settings, **changed)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)
        triggers.add_slot(
            session,
            catalogue_id=shop.id,
            slot=Slot(Trigger.SCHEDULE, "2026-03-02T02:00Z", Obstacle.RUNNING),
            job_id=None,
            now=now + timedelta(days=1),
        )


def saved(database):
    with database.read() as session:
        return catalogues.get(session, slug="shop").settings


def test_every_row_of_pipelines_can_be_a_baseline(app, admin_client, shop):
    page = admin_client.get(PAGE)

    assert list(BASELINES) == [name for name in BASELINES if f'value="{name}"' in page.text]
    assert set(BASELINES) == set(PIPELINES)


class TestPage:
    def test_shows_what_is_set(self, admin_client, shop):
        page = admin_client.get(PAGE)

        assert page.status_code == 200
        assert 'name="share-recommended"' in page.text
        assert 'value="90"' in page.text
        assert "No schedule" in page.text

    def test_is_for_admins(self, client, shop):
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data=FORM).status_code == 403

    def test_says_why_no_round_can_start_by_itself(self, admin_client, database):
        with database.begin() as session:
            factories.make_catalogue(session)

        assert "fewer than ten products" in admin_client.get(PAGE).text

    def test_tells_which_start_was_left_out_on_the_clock_of_the_catalogue(
        self, admin_client, database, shop, now
    ):
        leave_out_a_start(database, shop, now, retrain_timezone="Europe/Paris")

        page = admin_client.get(PAGE)

        assert "Monday 2 March 2026, 03:00 was left out: a round was running." in page.text


class TestSave:
    def test_keeps_everything_and_comes_back(self, admin_client, database, shop):
        form = FORM | {
            "share-recommended": "70",
            "share-conflict": "20",
            "every": "250",
            "cron": " 0 3  * * 1",
            "timezone": "Europe/Paris",
            "baselines": ["lda", "cnn"],
        }

        answer = admin_client.post(PAGE, data=form)

        found = saved(database)
        assert (answer.status_code, answer.location) == (303, PAGE)
        assert dict(found.shares) == {"recommended": 70, "conflict": 20, "random": 10}
        assert found.retrain_every_n_labels == 250
        assert (found.retrain_cron, found.retrain_timezone) == ("0 3 * * 1", "Europe/Paris")
        assert found.baselines == ("lda", "cnn")
        page = admin_client.get(PAGE).text
        assert "Monday" in page
        assert "03:00" in page
        assert "The settings are saved." in page

    def test_leaves_the_settings_of_other_pages_alone(self, admin_client, database, shop):
        with database.begin() as session:
            catalogues.write_settings(
                session,
                catalogue_id=shop.id,
                settings=replace(shop.settings, accept_target=0.99, is_accepted_per_category=True),
            )

        admin_client.post(PAGE, data=FORM | {"every": "40"})

        found = saved(database)
        assert (found.accept_target, found.is_accepted_per_category) == (0.99, True)
        assert found.retrain_every_n_labels == 40

    def test_keeps_how_many_people_decide_and_how_they_are_kept_awake(
        self, admin_client, database, shop
    ):
        form = {
            "people": "3",
            "only-unsure": "on",
            "shared-below": "60",
            "hidden": "10",
            "planted": "2",
            "inner": "on",
        }

        admin_client.post(PAGE, data=FORM | form)

        found = saved(database)
        assert (found.people_per_product, found.are_only_unsure_shared) == (3, True)
        assert found.shared_below == 0.6
        assert (found.hidden_share, found.planted_share) == (10, 2)
        assert found.are_inner_categories_allowed
        page = admin_client.get(PAGE).text
        assert 'name="only-unsure" checked' in page
        assert 'name="inner" checked' in page
        admin_client.post(PAGE, data=FORM)
        assert not saved(database).are_only_unsure_shared
        assert not saved(database).are_inner_categories_allowed

    def test_a_schedule_that_stays_keeps_the_time_since_which_it_holds(
        self, admin_client, database, shop
    ):
        admin_client.post(PAGE, data=FORM | {"cron": "0 3 * * *"})
        first = saved(database)
        admin_client.post(PAGE, data=FORM | {"cron": "0 3 * * *", "every": "5"})
        second = saved(database)
        admin_client.post(PAGE, data=FORM | {"cron": "0 4 * * *"})

        assert second.retrain_cron_since == first.retrain_cron_since
        assert saved(database).retrain_cron_since > first.retrain_cron_since

    def test_other_shares_deal_the_queue_anew(self, admin_client, database, shop, sent_jobs):
        with database.begin() as session:
            factories.make_round(session, shop, {})

        admin_client.post(PAGE, data=FORM)
        unchanged = list(sent_jobs)
        admin_client.post(PAGE, data=FORM | {"share-recommended": "80", "share-random": "20"})

        assert unchanged == []
        assert len(sent_jobs) == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"share-random": "4", "share-recommended": "96"}, "At least 5% have to be drawn"),
            ({"share-recommended": "80"}, "The shares sum to 90%; they have to sum to 100%."),
            ({"share-recommended": "-1"}, "A whole number from 0 to 100 is expected."),
            ({"every": "0"}, "A whole number from 1 to 1000000 is expected"),
            ({"every": "soon"}, "A whole number from 1 to 1000000 is expected"),
            ({"cron": "at night"}, "A schedule has five parts"),
            ({"cron": "0 99 * * *"}, "0 99 * * * cannot be read as a schedule"),
            ({"cron": "1," * 80}, "The schedule is longer than 100 characters."),
            ({"timezone": "Atlantis"}, "Atlantis is no time zone."),
            ({"people": "0"}, "A whole number from 1 to 5 is expected."),
            ({"people": "6"}, "A whole number from 1 to 5 is expected."),
            ({"shared-below": "101"}, "A whole number from 1 to 100 is expected."),
            ({"hidden": "51"}, "A whole number from 0 to 50 is expected."),
            ({"planted": "11"}, "A whole number from 0 to 10 is expected."),
            ({"baselines": "os.system"}, "There is no baseline called os.system."),
        ],
    )
    def test_says_so_beside_the_field_and_loses_nothing(
        self, admin_client, database, shop, fields, words
    ):
        before = saved(database)

        answer = admin_client.post(PAGE, data=FORM | {"every": "77"} | fields)

        assert answer.status_code == 422
        assert words in answer.text
        assert "one field needs another value" in answer.text
        assert f'value="{fields.get("every", "77")}"' in answer.text
        assert saved(database) == before

    def test_names_every_field_at_once(self, admin_client, shop):
        answer = admin_client.post(
            PAGE, data=FORM | {"every": "x", "cron": "0 99 * * *", "timezone": "Atlantis"}
        )

        assert "3 fields need other values" in answer.text
        assert answer.text.count('aria-invalid="true"') == 3


class TestBrokenInTheDatabase:
    @pytest.mark.parametrize(
        ("broken", "words"),
        [
            ({"retrain_cron": "0 99 * * *"}, "0 99 * * * cannot be read as a schedule"),
            ({"retrain_cron": "nightly"}, "A schedule has five parts"),
            (
                {"retrain_cron": "0 3 * * *", "retrain_timezone": "Atlantis"},
                "Atlantis is no time zone.",
            ),
        ],
    )
    def test_a_schedule_is_shown_with_its_error_and_can_be_mended(
        self, admin_client, database, shop, now, broken, words
    ):
        leave_out_a_start(database, shop, now, **broken)

        page = admin_client.get(PAGE)

        assert page.status_code == 200
        assert words in page.text
        assert "One field cannot be used as it is stored" in page.text
        assert f'value="{broken["retrain_cron"]}"' in page.text
        assert admin_client.post(PAGE, data=FORM).status_code == 303
        assert "cannot be used as it is stored" not in admin_client.get(PAGE).text


class TestStarts:
    def test_says_when_the_next_rounds_would_start(self, admin_client, shop):
        answer = admin_client.get(
            f"{PAGE}/starts?cron=0+3+*+*+1&timezone=Europe/Paris", headers={"HX-Request": "true"}
        )

        assert answer.text.count("<li>Monday") == 3
        assert "<html" not in answer.text

    def test_of_what_cannot_be_read_are_none(self, admin_client, shop):
        answer = admin_client.get(f"{PAGE}/starts?cron=0+3&timezone=UTC")

        assert answer.status_code == 200
        assert "A schedule has five parts" in answer.text


def test_every_strategy_has_a_field_and_words(admin_client, shop):
    page = admin_client.get(PAGE).text

    assert [each for each in Strategy if f'id="share-{each.value}-hint"' not in page] == []
