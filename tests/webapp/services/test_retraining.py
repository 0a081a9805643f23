from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from webapp.domain.errors import ConflictError, NotFoundError
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.services import retraining, review
from webapp.storage import catalogues, job_claims, jobs, round_writes, rounds
from webapp.storage.tables import PredictionRow


def reload(session):
    return catalogues.get(session, slug="shop")


class TestRequestRound:
    def test_adds_one_job(self, database, shop, now):
        with database.begin() as session:
            job = retraining.request_round(session, catalogue=shop, requested_by=None, now=now)

        assert (job.kind, job.state, job.catalogue_id) == (
            JobKind.RETRAIN,
            JobState.QUEUED,
            shop.id,
        )

    def test_a_second_one_is_refused_while_the_first_is_not_over(self, database, shop, now):
        with database.begin() as session:
            retraining.request_round(session, catalogue=shop, requested_by=None, now=now)

        with pytest.raises(ConflictError, match="already"), database.begin() as session:
            retraining.request_round(session, catalogue=shop, requested_by=None, now=now)

    def test_catalogues_do_not_wait_for_one_another(self, database, shop, now):
        with database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            for catalogue in (shop, other):
                retraining.request_round(session, catalogue=catalogue, requested_by=None, now=now)

            assert jobs.find_latest(session, catalogue_id=other.id, kind=JobKind.RETRAIN)


class TestCancel:
    def test_ends_a_queued_round_at_once(self, database, shop, now):
        with database.begin() as session:
            retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
            job = retraining.cancel(session, catalogue=shop, now=now)

        assert job.state is JobState.CANCELLED

    def test_asks_a_running_round_to_stop(self, database, shop, now):
        with database.begin() as session:
            job = retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
            job_claims.claim(session, job_id=job.id, now=now)
            asked = retraining.cancel(session, catalogue=shop, now=now)

        assert (asked.state, asked.is_cancel_requested) == (JobState.RUNNING, True)

    def test_of_nothing_is_refused(self, database, shop, now):
        with database.begin() as session, pytest.raises(ConflictError):
            retraining.cancel(session, catalogue=shop, now=now)


class TestPublish:
    @pytest.fixture
    def two_rounds(self, database, shop):
        with database.begin() as session:
            for number in (1, 2):
                factories.make_round(session, shop, {}, number=number)

    def test_moves_the_pointer_and_orders_the_queue_anew(self, database, two_rounds, now):
        with database.begin() as session:
            (job,) = retraining.publish(session, catalogue=reload(session), number=1, now=now)

        with database.read() as session:
            live = rounds.find_live(session, catalogue_id=reload(session).id)
        assert live.number == 1
        assert job.kind is JobKind.REFRESH_PREDICTIONS

    def test_of_the_live_round_is_refused(self, database, two_rounds, now):
        with database.begin() as session, pytest.raises(ConflictError, match="live already"):
            retraining.publish(session, catalogue=reload(session), number=2, now=now)

    def test_of_a_round_that_is_not_there_is_refused(self, database, two_rounds, now):
        with database.begin() as session, pytest.raises(NotFoundError):
            retraining.publish(session, catalogue=reload(session), number=9, now=now)

    def test_going_back_leads_to_the_published_round_before(self, database, two_rounds, now):
        with database.begin() as session:
            previous, _ = retraining.roll_back(session, catalogue=reload(session), now=now)

        assert previous.number == 1

    def test_going_back_from_the_first_round_is_refused(self, database, shop, now):
        with database.begin() as session:
            factories.make_round(session, shop, {})

        with database.begin() as session, pytest.raises(ConflictError, match="no earlier"):
            retraining.roll_back(session, catalogue=reload(session), now=now)

    def test_brings_predictions_and_cards_back_bit_for_bit(self, database, shop, alice, now):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)
            for number, share in ((1, 0.1 + 0.2), (2, 0.7)):
                says = {product_id: {"Kitchen": share, "Watches": 1 - share}}
                factories.make_round(session, shop, says, number=number)

        def look():
            with database.begin() as session:
                catalogue = reload(session)
                card = review.open_desk(
                    session, catalogue=catalogue, user_id=alice.id, now=now, lease_s=600, n=1
                )[0]
                rows = session.execute(
                    select(PredictionRow.__table__).order_by(PredictionRow.round_id)
                ).all()
            return repr(rows), replace(card, lease=None, leased_until=None)

        def go_to(number):
            with database.begin() as session:
                retraining.publish(session, catalogue=reload(session), number=number, now=now)

        of_second = look()
        go_to(1)
        of_first = look()
        go_to(2)

        assert look() == of_second
        assert of_first[0] == of_second[0]
        assert of_first[1].prediction.probability == 0.7  # round 1 thinks of watches: 1 - 0.3
        assert of_second[1].suggestion.category.name == "Kitchen"

    def test_of_the_round_gone_back_from_undoes_going_back(self, database, two_rounds, now):
        with database.begin() as session:
            retraining.roll_back(session, catalogue=reload(session), now=now)
            retraining.publish(session, catalogue=reload(session), number=2, now=now)
            previous = retraining.find_previous(session, catalogue=reload(session))

        with database.read() as session:
            assert rounds.find_live(session, catalogue_id=reload(session).id).number == 2
        assert previous.number == 1

    def test_of_a_held_round_lifts_the_hold_and_asks_for_its_baselines(self, database, shop, now):
        with database.begin() as session:
            factories.make_round(session, shop, {}, number=1)
            held = factories.make_round(session, shop, {}, number=2, is_live=False)
            round_writes.hold(session, round_id=held, reason="held: worse")
            settings = replace(shop.settings, baselines=("tfidf_linear",))
            catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)
            following = retraining.publish(session, catalogue=reload(session), number=2, now=now)

        with database.read() as session:
            live = rounds.find_live(session, catalogue_id=shop.id)
        assert (live.number, live.is_held) == (2, False)
        assert live.reason == retraining.PUBLISHED_BY_HAND
        assert [job.kind for job in following] == [
            JobKind.REFRESH_PREDICTIONS,
            JobKind.SCORE_BASELINES,
        ]

    def test_of_a_round_that_was_live_before_scores_nothing_anew(self, database, two_rounds, now):
        with database.begin() as session:
            catalogue = reload(session)
            settings = replace(catalogue.settings, baselines=("tfidf_linear",))
            catalogues.write_settings(session, catalogue_id=catalogue.id, settings=settings)
            following = retraining.publish(session, catalogue=catalogue, number=1, now=now)

        assert [job.kind for job in following] == [JobKind.REFRESH_PREDICTIONS]


class TestRefresh:
    def test_is_asked_for_before_the_first_round_too(self, database, shop, now):
        with database.begin() as session:
            job = retraining.request_refresh(
                session, catalogue_id=shop.id, requested_by=None, now=now
            )

        assert job is not None

    def test_is_not_needed_where_the_first_round_waits(self, database, shop, now):
        with database.begin() as session:
            retraining.request_round(session, catalogue=shop, requested_by=None, now=now)
            job = retraining.request_refresh(
                session, catalogue_id=shop.id, requested_by=None, now=now
            )

        assert job is None

    def test_is_asked_for_once_while_it_waits(self, database, shop, now):
        with database.begin() as session:
            factories.make_round(session, shop, {})
            first, second = (
                retraining.request_refresh(
                    session, catalogue_id=shop.id, requested_by=None, now=now
                )
                for _ in range(2)
            )

        assert first is not None
        assert second is None

    def test_is_asked_for_again_once_it_runs_since_it_may_have_read_already(
        self, database, shop, now
    ):
        with database.begin() as session:
            factories.make_round(session, shop, {})
            first = retraining.request_refresh(
                session, catalogue_id=shop.id, requested_by=None, now=now
            )
            job_claims.claim(session, job_id=first.id, now=now)
            second = retraining.request_refresh(
                session, catalogue_id=shop.id, requested_by=None, now=now
            )

        assert second is not None


class TestOutlook:
    def test_counts_both_sides_apart(self, database, shop, alice, now):
        with database.begin() as session:
            factories.make_product(session, shop)
            factories.make_product(session, shop, source=None)
            labelled = factories.make_product(session, shop)
            factories.make_product(session, shop, is_evaluation=True)
            measured = factories.make_product(session, shop, is_evaluation=True)
            for product_id in (labelled, measured):
                factories.make_annotation(
                    session, shop, product_id, alice, Verdict.CORRECTED, category="Kitchen"
                )

        with database.read() as session:
            outlook = retraining.outlook(session, catalogue=shop)

        assert outlook.n_products == 5
        assert (outlook.n_labels, outlook.n_source_categories) == (1, 1)
        assert (outlook.n_evaluation, outlook.n_evaluation_labels) == (2, 1)
        assert outlook.n_new_labels == 2

    def test_of_an_empty_catalogue_is_zero(self, database, shop):
        with database.read() as session:
            assert retraining.outlook(session, catalogue=shop).n_products == 0

    def test_labels_that_the_live_round_knows_are_not_new(self, database, shop, alice, now):
        with database.begin() as session:
            first, second = (factories.make_product(session, shop) for _ in range(2))
            known = factories.make_annotation(
                session, shop, first, alice, Verdict.CORRECTED, category="Kitchen"
            )
            round_id = factories.make_round(session, shop, {})
            session.get_one(rounds.RoundRow, round_id).last_annotation_id = known.id
            factories.make_annotation(
                session,
                shop,
                second,
                alice,
                Verdict.CORRECTED,
                category="Kitchen",
                at=now + timedelta(minutes=1),
            )

        with database.read() as session:
            assert retraining.outlook(session, catalogue=shop).n_new_labels == 1
