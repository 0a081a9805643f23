"""Rounds that start by themselves: what is due, what comes next, and what stands in the way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.jobs import Job
from webapp.domain.schedule import next_starts, read_schedule
from webapp.domain.triggers import LeftOut, Obstacle, Slot, decide, schedule_of
from webapp.services import retraining
from webapp.storage import catalogues, triggers
from webapp.storage.database import Session

_N_STARTS = 3
_N_LEFT_OUT = 3


@dataclass(frozen=True, slots=True)
class TriggerOutlook:
    """What the settings page tells of the rounds to come; ``starts`` are the next ones, in UTC."""

    n_new_labels: int
    starts: tuple[datetime, ...]
    left_out: tuple[LeftOut, ...]
    obstacle: Obstacle | None


def find_due(session: Session, *, catalogue: Catalogue, now: datetime) -> Slot | None:
    """Return what is due in a catalogue, without doing it."""
    state = triggers.read_state(session, catalogue_id=catalogue.id)
    return decide(catalogue.settings, state, now=now)


def fire(session: Session, *, catalogue_id: int, now: datetime) -> Job | None:
    """Start the round that is due, once: the slot and the job are of one transaction.

    Returns
    -------
    Job or None
        Send its id once the transaction is committed. None where nothing is due, or a start of
        the schedule was left out.

    Raises
    ------
    ConflictError
        If somebody else starts a round at this moment.
    """
    catalogues.lock(session, catalogue_id=catalogue_id)
    catalogue = catalogues.get_by_id(session, catalogue_id=catalogue_id)
    slot = find_due(session, catalogue=catalogue, now=now)
    if slot is None:
        return None
    job = None
    if slot.left_out is None:
        job = retraining.request_round(
            session, catalogue=catalogue, requested_by=None, trigger=slot.trigger, now=now
        )
    triggers.add_slot(
        session, catalogue_id=catalogue_id, slot=slot, job_id=job.id if job else None, now=now
    )
    return job


def look_ahead(session: Session, *, catalogue: Catalogue, now: datetime) -> TriggerOutlook:
    """Return what the next rounds of a catalogue wait for; a schedule that is broken has no starts.

    The page refuses such a schedule, but a restored or edited database may hold one.
    """
    state = triggers.read_state(session, catalogue_id=catalogue.id)
    schedule = schedule_of(catalogue.settings)
    starts: list[datetime] = []
    if schedule is not None:
        with suppress(InvalidInputError):
            checked = read_schedule(schedule.expression, schedule.timezone)
            starts = next_starts(checked, after=now, n=_N_STARTS)
    left_out = triggers.list_left_out(session, catalogue_id=catalogue.id, n=_N_LEFT_OUT)
    return TriggerOutlook(state.n_new_labels, tuple(starts), tuple(left_out), state.obstacle)
