from dataclasses import replace

import pytest

from webapp.domain.next_step import NextStep, Situation, n_to_measure, next_step

WORKING = Situation(
    n_products=1000,
    n_open=600,
    has_live_round=True,
    is_round_running=False,
    n_held=None,
    is_rule_suspended=False,
    n_evaluation=200,
    n_evaluation_labels=80,
    n_labels=320,
    n_new_labels=5,
    n_left=120,
    is_advised_to_stop=False,
)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({}, NextStep.GO_ON),
        ({"n_products": 0}, NextStep.IMPORT),
        ({"has_live_round": False}, NextStep.FIRST_ROUND),
        ({"is_round_running": True}, NextStep.WAIT),
        ({"n_held": 4}, NextStep.LOOK_AT_HELD),
        ({"n_held": 1, "has_live_round": False}, NextStep.LOOK_AT_HELD),
        ({"is_rule_suspended": True}, NextStep.RESTORE_RULE),
        ({"n_new_labels": 32}, NextStep.RETRAIN),
        ({"n_evaluation_labels": 10}, NextStep.MEASURE),
        ({"n_left": 0}, NextStep.STOP),
        ({"is_advised_to_stop": True}, NextStep.STOP),
        ({"n_left": None}, NextStep.GO_ON),
        ({"n_open": 0}, NextStep.DONE),
        ({"n_open": 0, "n_new_labels": 40}, NextStep.RETRAIN),
    ],
)
def test_each_situation_has_its_step(change, step):
    assert next_step(replace(WORKING, **change)) is step


def test_few_labels_are_worth_a_round_only_where_few_are_known():
    few = replace(WORKING, n_labels=0, n_new_labels=20)

    assert next_step(few) is NextStep.RETRAIN
    assert next_step(replace(few, n_new_labels=19)) is NextStep.GO_ON


def test_a_small_evaluation_set_is_measured_once_it_is_labelled():
    assert n_to_measure(replace(WORKING, n_evaluation=12, n_evaluation_labels=9)) == 3
    assert n_to_measure(replace(WORKING, n_evaluation=12, n_evaluation_labels=12)) == 0
