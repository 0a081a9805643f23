from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests import factories
from webapp.domain.jobs import JobState
from webapp.domain.review import Verdict
from webapp.domain.triggers import Obstacle, Trigger
from webapp.services import retraining, triggers
from webapp.storage import catalogues, job_claims, jobs
from webapp.storage import triggers as stored
from webapp.storage.tables import ImportRow, ProductRow, RetrainingSlotRow, RoundRow


@pytest.fixture
def shop(database, alice):
    """A catalogue of 12 products of two categories that retrains every three labels."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        for number in range(12):
            source = ("Watches", "Kitchen")[number % 2]
            factories.make_product(session, catalogue, external_id=f"x{number}", source=source)
        change(session, catalogue, retrain_every_n_labels=3)
    return catalogue


def change(session, catalogue, **settings):
    before = catalogues.get_by_id(session, catalogue_id=catalogue.id).settings
    catalogues.write_settings(
        session, catalogue_id=catalogue.id, settings=replace(before, **settings)
    )


@pytest.fixture
def label(database, shop, alice, now):
    """Label the next ``n`` products; return the newest annotation."""
    ids = iter(range(1, 13))

    def add(n, at=now):
        with database.begin() as session:
            for _ in range(n):
                last = factories.make_annotation(
                    session, shop, next(ids), alice, Verdict.CORRECTED, category="Kitchen", at=at
                )
        return last

    return add


@pytest.fixture
def fire(database, shop, now):
    def fire_at(at=now):
        with database.begin() as session:
            return triggers.fire(session, catalogue_id=shop.id, now=at)

    return fire_at


def end(database, job, now, *, state=JobState.DONE, last_annotation_id=None):
    """Let a job run and end; a round that is done knows the annotations up to that one."""
    with database.begin() as session:
        claimed = job_claims.claim(session, job_id=job.id, now=now)
        held = {"job_id": job.id, "fence": claimed.fence, "now": now}
        if state is JobState.FAILED:
            job_claims.fail(session, **held, reason="no memory")
        elif state is JobState.CANCELLED:
            job_claims.cancel(session, **held)
        else:
            job_claims.finish(session, **held, result={})
            catalogue = catalogues.get_by_id(session, catalogue_id=job.catalogue_id)
            row = session.get_one(
                RoundRow, factories.make_round(session, catalogue, {}, number=job.id)
            )
            row.last_annotation_id = last_annotation_id


def slots(database):
    with database.read() as session:
        return [
            (row.trigger, row.slot, row.left_out)
            for row in session.scalars(select(RetrainingSlotRow).order_by(RetrainingSlotRow.id))
        ]


class TestLabels:
    def test_start_one_round_for_every_n(self, database, label, fire, now):
        label(2)
        early = fire()
        last = label(1)
        first = fire()
        again = fire()

        assert (early, again) == (None, None)
        assert first.arguments == {"trigger": "labels"}
        assert first.requested_by is None
        assert slots(database) == [("labels", str(last.id), "")]

    def test_that_a_round_has_read_do_not_count_again(self, database, label, fire, now):
        label(3)
        job = fire()
        read_meanwhile = label(2)
        end(database, job, now, last_annotation_id=read_meanwhile.id)

        label(2)
        early = fire()
        label(1)

        assert early is None
        assert fire() is not None

    def test_wait_for_the_round_that_runs(self, database, shop, label, fire, now):
        with database.begin() as session:
            job = retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
        last = label(4)
        meanwhile = fire()
        end(database, job, now, last_annotation_id=last.id - 3)

        assert meanwhile is None
        assert fire() is not None

    def test_that_are_taken_back_do_not_count(self, database, shop, label, alice, fire):
        last = label(3)
        with database.begin() as session:
            factories.make_annotation(
                session, shop, last.product_id, alice, Verdict.UNDONE, undoes=last
            )

        assert fire() is None

    def test_of_a_cancelled_round_start_none_again(self, database, label, fire, now):
        label(3)
        end(database, fire(), now, state=JobState.CANCELLED)

        assert fire() is None


class TestAfterAFailure:
    @pytest.fixture
    def failed(self, database, label, fire, now):
        label(3)
        end(database, fire(), now, state=JobState.FAILED)

    def test_nothing_starts_until_something_new_came(self, database, shop, failed, fire, label):
        with database.begin() as session:
            change(session, shop, retrain_every_n_labels=None, **nightly())
        later = factories.NOW + timedelta(days=1)

        left_out = fire(later)

        assert left_out is None
        assert slots(database)[-1] == ("schedule", "2026-03-02T03:00Z", "failed")

    def test_new_labels_start_the_next(self, database, failed, fire, label, now):
        label(3, at=now + timedelta(minutes=5))

        assert fire(now + timedelta(minutes=6)) is not None

    def test_new_products_let_the_schedule_go_on(self, database, shop, failed, fire, now):
        with database.begin() as session:
            change(session, shop, **nightly())
            session.add(
                ImportRow(
                    catalogue_id=shop.id,
                    file_name="new.csv",
                    file_sha256="0" * 64,
                    created_at=now,
                    finished_at=now + timedelta(hours=1),
                    n_new=5,
                )
            )

        assert fire(now + timedelta(days=1)) is not None

    def test_one_that_somebody_asked_for_is_no_obstacle(self, database, shop, label, fire, now):
        with database.begin() as session:
            job = retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
        end(database, job, now, state=JobState.FAILED)
        label(3)

        assert fire() is not None


def nightly():
    return {
        "retrain_cron": "0 3 * * *",
        "retrain_timezone": "UTC",
        "retrain_cron_since": factories.NOW.isoformat(),
    }


class TestSchedule:
    @pytest.fixture
    def shop(self, database, shop):
        with database.begin() as session:
            change(session, shop, retrain_every_n_labels=None, **nightly())
        return shop

    def test_starts_a_missed_round_once(self, database, fire, now):
        three_nights_later = now + timedelta(days=3)

        job = fire(three_nights_later)
        end(database, job, three_nights_later)

        assert job.arguments == {"trigger": "schedule"}
        assert fire(three_nights_later) is None
        assert slots(database) == [("schedule", "2026-03-04T03:00Z", "")]

    def test_leaves_a_start_out_while_a_round_runs(self, database, shop, fire, now):
        with database.begin() as session:
            job = retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
        tomorrow = now + timedelta(days=1)

        assert fire(tomorrow) is None
        assert slots(database) == [("schedule", "2026-03-02T03:00Z", "running")]
        end(database, job, tomorrow)
        assert fire(tomorrow) is None
        with database.read() as session:
            ahead = triggers.look_ahead(
                session,
                catalogue=catalogues.get_by_id(session, catalogue_id=shop.id),
                now=tomorrow,
            )
        assert [each.obstacle for each in ahead.left_out] == [Obstacle.RUNNING]
        assert ahead.starts[0] == now.replace(day=3, hour=3)

    @pytest.mark.parametrize(
        ("n_kept", "category", "obstacle"),
        [(9, None, Obstacle.TOO_FEW), (12, "Watches", Obstacle.ONE_CATEGORY), (12, None, None)],
    )
    def test_starts_nothing_that_could_not_learn(
        self, database, shop, fire, now, n_kept, category, obstacle
    ):
        with database.begin() as session:
            only = category and factories.category_id(session, shop, category)
            for row in session.scalars(select(ProductRow)):
                if row.id > n_kept:
                    row.source_category_id = None
                elif only:
                    row.source_category_id = only

        job = fire(now + timedelta(days=1))

        assert (job is None) == (obstacle is not None)
        assert slots(database)[0][2] == (obstacle.value if obstacle else "")


def test_products_of_the_evaluation_set_are_none_to_learn_from(database, shop, label, fire):
    label(3)
    with database.begin() as session:
        for row in session.scalars(select(ProductRow).where(ProductRow.id > 9)):
            row.is_evaluation = True

    assert fire() is None


@pytest.mark.usefixtures("on_sqlite")
def test_counting_new_labels_reads_the_newest_annotations_alone(database, shop, label):
    """It is asked every few seconds, also where there are millions."""
    label(1)
    asked = []

    def note(connection, cursor, statement, parameters, context, executemany):
        asked.append((statement, parameters))

    with database.read() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        stored.read_state(session, catalogue_id=shop.id)
        event.remove(database.engine, "before_cursor_execute", note)
        (counting,) = [pair for pair in asked if "annotation.created_at > ?" in pair[0]]
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {counting[0]}", counting[1]
        )
        steps = [row[3] for row in plan]

    assert steps[0].endswith("(catalogue_id=? AND created_at>?)")
    assert steps[1].endswith("label USING INTEGER PRIMARY KEY (rowid=?)")


def test_a_job_that_is_started_by_hand_says_so(database, shop, now):
    with database.begin() as session:
        job = retraining.request_round(
            session, catalogue=shop, requested_by=None, trigger=Trigger.COMMAND, now=now
        )

    with database.read() as session:
        assert jobs.get(session, job_id=job.id).arguments == {"trigger": "command"}


def test_catalogues_without_triggers_are_not_watched(database, shop):
    with database.begin() as session:
        factories.make_catalogue(session, slug="other")
        watched = stored.list_with_triggers(session)

    assert [each.id for each in watched] == [shop.id]
