from datetime import timedelta

import pytest

from tests import factories
from webapp.domain.dashboard import Agreement, Labelling, PersonPace
from webapp.domain.review import Verdict
from webapp.storage import statistics
from webapp.storage.tables import RoundRow

YESTERDAY = factories.NOW - timedelta(days=1)
LAST_MONTH = factories.NOW - timedelta(days=30)


@pytest.fixture
def shop(database, alice, bob):
    """Five products: two confirmed, one corrected, one flagged, one open; one act undone."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        products = [factories.make_product(session, catalogue) for _ in range(5)]
        round_id = factories.make_round(
            session, catalogue, {p: {"Kitchen": 0.9, "Watches": 0.1} for p in products}
        )

        def act(product, user, verdict, **values):
            return factories.make_annotation(
                session, catalogue, products[product], user, verdict, **values
            )

        shown = (round_id, "Kitchen")
        act(0, alice, Verdict.CONFIRMED, category="Kitchen", shown=shown, took_ms=1000)
        act(1, alice, Verdict.CORRECTED, category="Watches", shown=shown, took_ms=3000)
        act(2, bob, Verdict.CONFIRMED, category="Kitchen", at=YESTERDAY, took_ms=9000)
        act(3, bob, Verdict.FLAGGED, shown=shown, at=LAST_MONTH, took_ms=None)
        wrong = act(4, alice, Verdict.CONFIRMED, category="Kitchen", shown=shown, took_ms=1)
        act(4, alice, Verdict.UNDONE, undoes=wrong, took_ms=None)
        act(4, alice, Verdict.SKIPPED, shown=shown, took_ms=50)
        # another catalogue, whose acts count for nothing here
        other = factories.make_catalogue(session, slug="other")
        factories.make_annotation(
            session,
            other,
            factories.make_product(session, other),
            bob,
            Verdict.CONFIRMED,
            category="Kitchen",
        )
    return catalogue, round_id


def test_products_are_counted_by_state(database, shop):
    with database.read() as session:
        found = statistics.count_states(session, catalogue_id=shop[0].id)

    assert found == Labelling(n_products=5, n_labelled=3, n_flagged=1)


def test_agreement_tells_decisions_on_a_suggestion_from_the_others(database, shop):
    with database.read() as session:
        found = statistics.count_agreement(session, catalogue_id=shop[0].id)

    assert found == Agreement(
        n_confirmed=1, n_corrected=1, n_source_confirmed=1, n_source_corrected=0
    )


def test_a_hidden_suggestion_says_nothing_of_agreement(database, shop, alice):
    catalogue, round_id = shop
    with database.begin() as session:
        factories.make_annotation(
            session,
            catalogue,
            factories.make_product(session, catalogue),
            alice,
            Verdict.CORRECTED,
            category="Watches",
            shown=(round_id, "Kitchen"),
            is_suggestion_hidden=True,
        )

    with database.read() as session:
        found = statistics.count_agreement(session, catalogue_id=catalogue.id)

    assert (found.n_corrected, found.n_source_corrected) == (1, 1)


def test_pace_counts_decisions_that_stand(database, shop, alice, bob):
    midnight = factories.NOW.replace(hour=0)
    with database.read() as session:
        found = statistics.list_pace(
            session,
            catalogue_id=shop[0].id,
            today_from=midnight,
            week_from=factories.NOW - timedelta(days=7),
        )

    assert found == [
        PersonPace(alice.id, "Alice", n_today=2, n_week=2),
        PersonPace(bob.id, "Bob", n_today=0, n_week=1),
    ]


def test_the_newest_durations_are_those_of_decisions(database, shop):
    with database.read() as session:
        every = statistics.list_durations_ms(session, catalogue_id=shop[0].id, n=10)
        newest = statistics.list_durations_ms(session, catalogue_id=shop[0].id, n=3)

    assert sorted(every) == [1, 1000, 3000, 9000]
    assert sorted(newest) == [1, 1000, 3000]


def test_coverage_counts_claims_decisions_labels_and_predictions(database, shop):
    catalogue, round_id = shop
    with database.read() as session:
        found = statistics.list_coverage(
            session, catalogue_id=catalogue.id, level=1, live_round_id=round_id
        )

    by_name = {row.name: row for row in found}
    kitchen = by_name["Kitchen"]
    assert list(by_name) == ["Computers", "Kitchen", "Watches"]
    assert (kitchen.n_source, kitchen.n_decided, kitchen.n_labels) == (5, 3, 2)
    assert kitchen.n_predicted == 5
    assert by_name["Watches"].n_labels == 1


def test_coverage_does_not_tell_what_is_predicted_of_products_that_measure(database, shop):
    catalogue, round_id = shop
    with database.begin() as session:
        asked = factories.make_product(session, catalogue, is_evaluation=True)
        factories.add_prediction(session, catalogue, round_id, asked, {"Watches": 0.9})
    with database.read() as session:
        found = statistics.list_coverage(
            session, catalogue_id=catalogue.id, level=1, live_round_id=round_id
        )

    assert {row.name: row.n_predicted for row in found}["Watches"] == 0


def test_coverage_before_a_round_knows_no_predictions(database, shop):
    with database.read() as session:
        found = statistics.list_coverage(
            session, catalogue_id=shop[0].id, level=1, live_round_id=None
        )

    assert {row.n_predicted for row in found} == {None}


def test_a_round_is_listed_once_it_is_complete(database, shop):
    catalogue, round_id = shop
    with database.begin() as session:
        second = factories.make_round(session, catalogue, {}, number=2, is_live=False)
        session.get_one(RoundRow, second).is_complete = False

    with database.read() as session:
        listed = statistics.list_rounds(session, catalogue_id=catalogue.id, live_round_id=round_id)
        newest = statistics.find_newest_round_id(session, catalogue_id=catalogue.id)

    assert [(each.number, each.is_live) for each in listed] == [(1, True)]
    assert newest == round_id
