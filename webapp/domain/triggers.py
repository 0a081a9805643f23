"""What starts a round: a person, enough new labels, or the clock; and the rule for the latter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.domain.catalogue_settings import CatalogueSettings
from webapp.domain.schedule import Schedule, find_due

MIN_PRODUCTS = 10  # a round refuses to learn from fewer: ml.training_set.MIN_ROWS


class Trigger(StrEnum):
    """What started a round."""

    BUTTON = "button"
    COMMAND = "command"
    LABELS = "labels"  # so many new labels
    SCHEDULE = "schedule"


class Obstacle(StrEnum):
    """Why a round does not start by itself although its time has come."""

    RUNNING = "running"  # another one is queued or running
    TOO_FEW = "too_few"  # products with a category outside the evaluation set
    ONE_CATEGORY = "one_category"
    FAILED = "failed"  # the last one failed, and nothing that it could learn from has come since


@dataclass(frozen=True, slots=True)
class TriggerState:
    """What the triggers of a catalogue depend on.

    Parameters
    ----------
    n_new_labels
        Labels that no round has seen, nor asked for: since the newest complete round, or since
        labels last started one.
    newest_label
        The annotation that set the newest of them, 0 where there is none.
    last_slot
        The newest minute for which the schedule has started a round, or left one out.
    obstacle
        Why a round cannot start now, or None.
    """

    n_new_labels: int
    newest_label: int
    last_slot: datetime | None
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Slot:
    """One start of a round: made once, or left out for a reason."""

    trigger: Trigger
    key: str
    left_out: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A start of the schedule that was left out."""

    at: datetime
    obstacle: Obstacle


def schedule_of(settings: CatalogueSettings) -> Schedule | None:
    """Return the schedule of a catalogue, or None."""
    if settings.retrain_cron is None:
        return None
    return Schedule(settings.retrain_cron, settings.retrain_timezone)


def find_due_minute(
    settings: CatalogueSettings, *, last_slot: datetime | None, now: datetime
) -> datetime | None:
    """Return the minute for which the schedule has to act now, or None.

    What was due before the schedule was set is not made up for; of what a stopped worker missed,
    the newest minute stands for all.
    """
    schedule = schedule_of(settings)
    if schedule is None or settings.retrain_cron_since is None:
        return None
    since = datetime.fromisoformat(settings.retrain_cron_since)
    after = since if last_slot is None else max(since, last_slot)
    return find_due(schedule, after=after, until=now)


def has_enough_labels(settings: CatalogueSettings, n_new_labels: int) -> bool:
    """Tell whether so many new labels start a round."""
    every = settings.retrain_every_n_labels
    return every is not None and n_new_labels >= every


def decide(settings: CatalogueSettings, state: TriggerState, *, now: datetime) -> Slot | None:
    """Return the slot that is due, or None.

    The schedule does not wait: a start that meets an obstacle is left out, and noted. Labels do:
    they start a round as soon as they can. Labels that come while a scheduled round starts are
    learnt by it, so they start none of their own.
    """
    minute = find_due_minute(settings, last_slot=state.last_slot, now=now)
    if minute is not None:
        return Slot(Trigger.SCHEDULE, minute_key(minute), state.obstacle)
    if state.obstacle is None and has_enough_labels(settings, state.n_new_labels):
        return Slot(Trigger.LABELS, str(state.newest_label))
    return None


def minute_key(minute: datetime) -> str:
    """Return the key of a minute in UTC; keys sort as the minutes do."""
    return minute.strftime("%Y-%m-%dT%H:%MZ")


def minute_of(key: str) -> datetime:
    """Return the minute of a key.

    >>> minute_of("2026-03-29T01:00Z").isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    return datetime.fromisoformat(key)
