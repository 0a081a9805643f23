from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ml.training_set import MIN_ROWS
from webapp.domain.catalogue_settings import read_settings
from webapp.domain.triggers import MIN_PRODUCTS, Obstacle, Slot, Trigger, TriggerState, decide

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATE = TriggerState(n_new_labels=0, newest_label=70, last_slot=None, obstacle=None)
NIGHTLY = read_settings(
    {"retrain_cron": "0 3 * * *", "retrain_cron_since": "2026-03-01T12:00:00+00:00"}
)
EVERY_50 = read_settings({"retrain_every_n_labels": 50})


def test_the_least_that_a_round_needs_is_what_it_refuses_below():
    assert MIN_PRODUCTS == MIN_ROWS


def test_nothing_is_due_where_nothing_is_set():
    assert decide(read_settings({}), replace(STATE, n_new_labels=10_000), now=NOW) is None


@pytest.mark.parametrize(("n_labels", "fires"), [(49, False), (50, True), (51, True)])
def test_labels_start_a_round_once_there_are_enough(n_labels, fires):
    slot = decide(EVERY_50, replace(STATE, n_new_labels=n_labels), now=NOW)

    assert slot == (Slot(Trigger.LABELS, "70") if fires else None)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_labels_wait_while_something_stands_in_the_way(obstacle):
    state = replace(STATE, n_new_labels=80, obstacle=obstacle)

    assert decide(EVERY_50, state, now=NOW) is None


def test_the_schedule_starts_for_its_minute():
    assert decide(NIGHTLY, STATE, now=NOW) == Slot(Trigger.SCHEDULE, "2026-03-02T03:00Z")


def test_the_schedule_starts_a_minute_once():
    state = replace(STATE, last_slot=datetime(2026, 3, 2, 3, 0, tzinfo=UTC))

    assert decide(NIGHTLY, state, now=NOW) is None


def test_what_was_due_before_the_schedule_was_set_is_not_made_up_for():
    settings = replace(NIGHTLY, retrain_cron_since="2026-03-02T08:00:00+00:00")

    assert decide(settings, STATE, now=NOW) is None


def test_a_start_that_meets_an_obstacle_is_left_out_and_noted():
    slot = decide(NIGHTLY, replace(STATE, obstacle=Obstacle.RUNNING), now=NOW)

    assert slot == Slot(Trigger.SCHEDULE, "2026-03-02T03:00Z", Obstacle.RUNNING)


def test_the_schedule_comes_first_where_both_are_due():
    settings = replace(NIGHTLY, retrain_every_n_labels=50)

    slot = decide(settings, replace(STATE, n_new_labels=50), now=NOW)

    assert slot.trigger is Trigger.SCHEDULE
