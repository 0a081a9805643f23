"""What an admin does with rounds: ask for one, stop it, publish another, go back."""

from __future__ import annotations

from datetime import datetime

from webapp.domain.baselines import without_figures
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError
from webapp.domain.jobs import Job, JobKind, JobState
from webapp.domain.retraining import Outlook, Round
from webapp.domain.triggers import Trigger
from webapp.storage import catalogues, job_claims, jobs, round_writes, rounds, training_counts
from webapp.storage.database import Session

PUBLISHED_BY_HAND = "published: an admin chose this round"


def outlook(session: Session, *, catalogue: Catalogue) -> Outlook:
    """Count what a round would train on now."""
    return training_counts.count(session, catalogue_id=catalogue.id)


def request_round(
    session: Session,
    *,
    catalogue: Catalogue,
    requested_by: int | None,
    now: datetime,
    trigger: Trigger = Trigger.BUTTON,
) -> Job:
    """Add a round; send its id once the transaction is committed.

    Raises
    ------
    ConflictError
        If one is queued or running.
    """
    return jobs.add(
        session,
        kind=JobKind.RETRAIN,
        catalogue_id=catalogue.id,
        requested_by=requested_by,
        arguments={"trigger": trigger.value},
        now=now,
    )


def find_abandoned(
    session: Session, *, catalogue: Catalogue, now: datetime, stale_s: int
) -> Job | None:
    """Return the round that was begun by a process which is gone, and waits for another."""
    job_claims.requeue_stale(session, now=now, stale_s=stale_s)
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.RETRAIN)
    if job is None or job.state is not JobState.QUEUED or not job.n_attempts:
        return None
    return job


def request_refresh(
    session: Session, *, catalogue_id: int, requested_by: int | None, now: datetime
) -> Job | None:
    """Have products looked at that came since the last round, and the queue ordered.

    Returns
    -------
    Job or None
        Send its id once the transaction is committed. None where such a job is waiting already,
        or the first round is, and will see the new products too.
    """
    if rounds.find_live(session, catalogue_id=catalogue_id) is None:
        first = jobs.find_latest(session, catalogue_id=catalogue_id, kind=JobKind.RETRAIN)
        if first is not None and not first.is_over:
            return None
    latest = jobs.find_latest(session, catalogue_id=catalogue_id, kind=JobKind.REFRESH_PREDICTIONS)
    if latest is not None and latest.state is JobState.QUEUED:
        return None
    return jobs.add(
        session,
        kind=JobKind.REFRESH_PREDICTIONS,
        catalogue_id=catalogue_id,
        requested_by=requested_by,
        arguments={},
        now=now,
    )


def request_baselines(
    session: Session,
    *,
    catalogue_id: int,
    round_id: int,
    requested_by: int | None,
    now: datetime,
) -> Job | None:
    """Have the catalogue's baselines scored beside a round, those without figures.

    Returns
    -------
    Job or None
        Send its id once the transaction is committed. None where nothing is left to score.
    """
    chosen = catalogues.get_by_id(session, catalogue_id=catalogue_id).settings.baselines
    missing = without_figures(chosen, rounds.get_baselines(session, round_id=round_id))
    if not missing:
        return None
    return jobs.add(
        session,
        kind=JobKind.SCORE_BASELINES,
        catalogue_id=catalogue_id,
        requested_by=requested_by,
        arguments={"round_id": round_id, "pipelines": missing},
        now=now,
    )


def request_baselines_again(
    session: Session, *, catalogue: Catalogue, number: int, requested_by: int | None, now: datetime
) -> Job:
    """Have the baselines scored that have failed beside a round, or were never begun.

    Raises
    ------
    ConflictError
        If baselines are waiting or being scored, or none is without figures.
    """
    catalogues.lock(session, catalogue_id=catalogue.id)
    if jobs.list_open(session, catalogue_id=catalogue.id, kind=JobKind.SCORE_BASELINES):
        raise ConflictError("Baselines are being scored already.")
    job = request_baselines(
        session,
        catalogue_id=catalogue.id,
        round_id=rounds.get(session, catalogue_id=catalogue.id, number=number).id,
        requested_by=requested_by,
        now=now,
    )
    if job is None:
        raise ConflictError("No baseline of round %(number)s is without figures.", number=number)
    return job


def cancel(session: Session, *, catalogue: Catalogue, now: datetime) -> Job:
    """Stop the round that is queued or running; a running one ends at its next report."""
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.RETRAIN)
    if job is None or job.is_over:
        raise ConflictError("No round is queued or running.")
    if not job_claims.cancel_queued(session, job_id=job.id, now=now):
        jobs.request_cancel(session, job_id=job.id)
    return jobs.get(session, job_id=job.id)


def publish(
    session: Session,
    *,
    catalogue: Catalogue,
    number: int,
    now: datetime,
    requested_by: int | None = None,
) -> list[Job]:
    """Let that round feed the queue and the cards, from the next card on, held or not.

    Returns
    -------
    list of Job
        Jobs that bring the queue into the round's order, and score the baselines of one that goes
        live for the first time; send them after the transaction.
    """
    chosen = rounds.get(session, catalogue_id=catalogue.id, number=number)
    if chosen.id == catalogue.live_round_id:
        raise ConflictError("Round %(number)s is live already.", number=number)
    round_writes.publish(
        session,
        catalogue_id=catalogue.id,
        round_id=chosen.id,
        reason=PUBLISHED_BY_HAND,
        now=now,
    )
    following = [
        request_refresh(session, catalogue_id=catalogue.id, requested_by=requested_by, now=now)
    ]
    if not chosen.is_published:
        following.append(
            request_baselines(
                session,
                catalogue_id=catalogue.id,
                round_id=chosen.id,
                requested_by=requested_by,
                now=now,
            )
        )
    return [job for job in following if job is not None]


def find_previous(session: Session, *, catalogue: Catalogue) -> Round | None:
    """Return the published round before the live one: what going back leads to."""
    before = None
    for each in rounds.list_all(session, catalogue_id=catalogue.id):
        if each.id == catalogue.live_round_id:
            return before
        if each.is_published:
            before = each
    return None


def roll_back(session: Session, *, catalogue: Catalogue, now: datetime) -> tuple[Round, list[Job]]:
    """Go back to the published round before the live one; publishing that one undoes it."""
    previous = find_previous(session, catalogue=catalogue)
    if previous is None:
        raise ConflictError("There is no earlier round to go back to.")
    following = publish(session, catalogue=catalogue, number=previous.number, now=now)
    return previous, following
