"""What an admin or a moderator does next: one step, the most useful one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ENOUGH_TO_MEASURE = 30  # evaluation labels from which figures need no source categories
WORTH_A_ROUND = 0.1  # new labels, as a share of those that the live round knows
FEWEST_NEW = 20


class NextStep(StrEnum):
    """Steps in the order in which they come first."""

    IMPORT = "import"
    FIRST_ROUND = "first_round"
    WAIT = "wait"
    LOOK_AT_HELD = "look_at_held"
    RESTORE_RULE = "restore_rule"
    MEASURE = "measure"
    RETRAIN = "retrain"
    DONE = "done"
    STOP = "stop"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rule looks at.

    Parameters
    ----------
    has_live_round, is_round_running
    n_held
        The number of the newest round, if it is held; None otherwise.
    is_rule_suspended
        Whether automatic acceptance was stopped by an audit.
    n_labels
        Labels that the live round was trained on; ``n_new_labels`` came since.
    n_left
        Decisions until the target is reached, by estimate; None where nobody can say.
    is_advised_to_stop
        Whether more decisions are likely to change little.
    """

    n_products: int
    n_open: int
    has_live_round: bool
    is_round_running: bool
    n_held: int | None
    is_rule_suspended: bool
    n_evaluation: int
    n_evaluation_labels: int
    n_labels: int
    n_new_labels: int
    n_left: int | None
    is_advised_to_stop: bool


def next_step(now: Situation) -> NextStep:
    """Return the most useful step in a situation."""
    if not now.n_products:
        return NextStep.IMPORT
    if now.is_round_running:
        return NextStep.WAIT
    if not now.has_live_round and now.n_held is None:
        return NextStep.FIRST_ROUND
    if now.n_held is not None:
        return NextStep.LOOK_AT_HELD
    if now.is_rule_suspended:
        return NextStep.RESTORE_RULE
    if now.n_new_labels >= max(FEWEST_NEW, WORTH_A_ROUND * now.n_labels):
        return NextStep.RETRAIN
    if not now.n_open:
        return NextStep.DONE
    if n_to_measure(now):
        return NextStep.MEASURE
    if now.is_advised_to_stop or now.n_left == 0:
        return NextStep.STOP
    return NextStep.GO_ON


def n_to_measure(now: Situation) -> int:
    """Return how many labels the evaluation set needs before its figures are no longer provisional.

    Never more than it has products.
    """
    return max(0, min(ENOUGH_TO_MEASURE, now.n_evaluation) - now.n_evaluation_labels)
