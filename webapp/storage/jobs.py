"""Jobs: adding and looking; claiming and finishing them is in ``job_claims``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.errors import ConflictError, NotFoundError
from webapp.domain.jobs import Job, JobKind, JobState
from webapp.storage.tables import JobRow


def add(
    session: Session,
    *,
    kind: JobKind,
    catalogue_id: int | None,
    requested_by: int | None,
    arguments: dict[str, Any],
    now: datetime,
) -> Job:
    """Add a queued job; send its id to the queue once the transaction is committed.

    Raises
    ------
    ConflictError
        If it is a round and the catalogue has one that is queued or running.
    """
    row = JobRow(
        kind=kind.value,
        catalogue_id=catalogue_id,
        requested_by=requested_by,
        arguments=arguments,
        state=JobState.QUEUED.value,
        created_at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError("A round of this catalogue is already queued or running.") from error
    return job_of(row)


def get(session: Session, *, job_id: int) -> Job:
    """Return the job with that id."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFoundError("There is no such job.")
    return job_of(row)


def find_latest(session: Session, *, catalogue_id: int, kind: JobKind) -> Job | None:
    """Return the newest job of that kind, or None."""
    row = session.scalar(
        select(JobRow)
        .where(JobRow.catalogue_id == catalogue_id, JobRow.kind == kind.value)
        .order_by(JobRow.id.desc())
        .limit(1)
    )
    return job_of(row) if row else None


def list_open(session: Session, *, catalogue_id: int, kind: JobKind) -> list[Job]:
    """Return the jobs of a kind that are queued or running, the oldest first."""
    rows = session.scalars(
        select(JobRow)
        .where(
            JobRow.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
            JobRow.catalogue_id == catalogue_id,
            JobRow.kind == kind.value,
        )
        .order_by(JobRow.id)
    )
    return [job_of(row) for row in rows]


def is_any_queued(session: Session, *, kinds: Collection[JobKind]) -> bool:
    """Tell whether work of one of these kinds waits for a worker, of whichever catalogue."""
    waiting = select(JobRow.id).where(
        JobRow.state == JobState.QUEUED.value, JobRow.kind.in_([kind.value for kind in kinds])
    )
    return session.scalar(waiting.limit(1)) is not None


def add_or_run_again(
    session: Session, *, kind: JobKind, catalogue_id: int, now: datetime, pause: timedelta
) -> int | None:
    """Have a kind of job done that comes up all the time: one row a catalogue, used again.

    Returns
    -------
    int or None
        The job to send after the transaction; None while it is queued or running, or ended less
        than the pause ago.
    """
    again = (
        update(JobRow)
        .where(
            JobRow.catalogue_id == catalogue_id,
            JobRow.kind == kind.value,
            JobRow.finished_at <= now - pause,
        )
        .values(
            state=JobState.QUEUED.value,
            n_attempts=0,
            is_cancel_requested=False,
            reason="",
            result=None,
            created_at=now,
            finished_at=None,
        )
        .returning(JobRow.id)
    )
    job_id = session.scalar(again, execution_options={"synchronize_session": False})
    if job_id is not None or find_latest(session, catalogue_id=catalogue_id, kind=kind):
        return job_id
    job = add(
        session, kind=kind, catalogue_id=catalogue_id, requested_by=None, arguments={}, now=now
    )
    return job.id


def request_cancel(session: Session, *, job_id: int) -> None:
    """Ask a job to stop; it does so at its next report."""
    session.execute(update(JobRow).where(JobRow.id == job_id).values(is_cancel_requested=True))


def job_of(row: JobRow) -> Job:
    """Return the record of a row."""
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        catalogue_id=row.catalogue_id,
        requested_by=row.requested_by,
        arguments=row.arguments,
        state=JobState(row.state),
        fence=row.fence,
        n_attempts=row.n_attempts,
        stage=row.stage,
        done=row.done,
        total=row.total,
        is_cancel_requested=row.is_cancel_requested,
        reason=row.reason,
        result=row.result,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
    )
