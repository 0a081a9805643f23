"""Taking a job so that nobody else can, and what only its holder may write.

A claim raises the job's fence. Every later write names the fence that it got: after a sweeper has
given the job to another worker, the slow one's writes change nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, case, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.errors import JobCancelledError
from webapp.domain.jobs import GAVE_UP, MAX_ATTEMPTS, Job, JobState
from webapp.storage import jobs
from webapp.storage.tables import JobRow


def claim(session: Session, *, job_id: int, now: datetime) -> Job | None:
    """Take a queued job; None where it is not queued any more."""
    n = _change(
        session,
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == JobState.QUEUED.value)
        .values(
            state=JobState.RUNNING.value,
            fence=JobRow.fence + 1,
            n_attempts=JobRow.n_attempts + 1,
            started_at=now,
            heartbeat_at=now,
            stage="",
            done=0,
            total=0,
        ),
    )
    return jobs.get(session, job_id=job_id) if n else None


def heartbeat(session: Session, *, job_id: int, fence: int, now: datetime) -> bool:
    """Show that the holder is alive; False where it no longer holds the job."""
    return _change(session, _held(job_id, fence).values(heartbeat_at=now)) == 1


def report(
    session: Session, *, job_id: int, fence: int, stage: str, done: int, total: int, now: datetime
) -> None:
    """Store the progress.

    Raises
    ------
    JobCancelledError
        If the job shall stop, or somebody else holds it.
    """
    going_on = _going_on(job_id, fence)
    _require(session, going_on.values(stage=stage, done=done, total=total, heartbeat_at=now))


def hold(session: Session, *, job_id: int, fence: int, now: datetime) -> None:
    """Make sure, until this transaction ends, that the job is still held and shall go on.

    Raises
    ------
    JobCancelledError
        If the job shall stop, or somebody else holds it.
    """
    _require(session, _going_on(job_id, fence).values(heartbeat_at=now))


def begin_part(
    session: Session, *, job_id: int, fence: int, arguments: dict[str, Any], now: datetime
) -> None:
    """Note in its arguments which part a job begins; each part has attempts of its own.

    Raises
    ------
    JobCancelledError
        If the job shall stop, or somebody else holds it.
    """
    going_on = _going_on(job_id, fence)
    _require(session, going_on.values(arguments=arguments, n_attempts=1, heartbeat_at=now))


def finish(
    session: Session, *, job_id: int, fence: int, result: dict[str, Any], now: datetime
) -> bool:
    """End a job that is done; False where somebody else holds it."""
    done = {"state": JobState.DONE.value, "result": result, "finished_at": now}
    return _change(session, _held(job_id, fence).values(done)) == 1


def fail(session: Session, *, job_id: int, fence: int, reason: str, now: datetime) -> bool:
    """End a job that failed, with the reason in plain words."""
    failed = {"state": JobState.FAILED.value, "reason": reason, "finished_at": now}
    return _change(session, _held(job_id, fence).values(failed)) == 1


def cancel(session: Session, *, job_id: int, fence: int, now: datetime) -> bool:
    """End a running job that was asked to stop."""
    cancelled = {"state": JobState.CANCELLED.value, "finished_at": now}
    return _change(session, _held(job_id, fence).values(cancelled)) == 1


def cancel_queued(session: Session, *, job_id: int, now: datetime) -> bool:
    """End a job that nobody has taken yet; False where somebody has."""
    queued = update(JobRow).where(JobRow.id == job_id, JobRow.state == JobState.QUEUED.value)
    cancelled = {"state": JobState.CANCELLED.value, "finished_at": now}
    return _change(session, queued.values(cancelled)) == 1


def release(session: Session, *, job_id: int, fence: int) -> bool:
    """Put a job back because its worker ends; that is no attempt that failed."""
    released = _held(job_id, fence).values(
        state=JobState.QUEUED.value, n_attempts=JobRow.n_attempts - 1
    )
    return _change(session, released) == 1


def put_back(session: Session, *, job_id: int, fence: int, now: datetime) -> bool:
    """Queue a job again whose process died, or end it after too many attempts."""
    return _change(session, _put_back(_held(job_id, fence), now)) == 1


def requeue_stale(session: Session, *, now: datetime, stale_s: int) -> list[int]:
    """Put back the jobs whose holders are silent; end those that failed too often.

    Returns
    -------
    list of int
        The jobs that are queued again: send them.
    """
    is_stale = or_(
        JobRow.heartbeat_at < now - timedelta(seconds=stale_s), JobRow.heartbeat_at.is_(None)
    )
    running = update(JobRow).where(JobRow.state == JobState.RUNNING.value, is_stale)
    statement = _put_back(running, now).returning(JobRow.id, JobRow.state)
    rows = session.execute(statement, execution_options={"synchronize_session": False})
    return [job_id for job_id, state in rows if state == JobState.QUEUED.value]


def list_queued(session: Session, *, before: datetime) -> list[int]:
    """Return the jobs added before that time which nobody has taken, the oldest first."""
    return list(
        session.scalars(
            select(JobRow.id)
            .where(JobRow.state == JobState.QUEUED.value, JobRow.created_at < before)
            .order_by(JobRow.id)
        )
    )


def _held(job_id: int, fence: int) -> Update:
    return update(JobRow).where(
        JobRow.id == job_id, JobRow.fence == fence, JobRow.state == JobState.RUNNING.value
    )


def _going_on(job_id: int, fence: int) -> Update:
    """Return the update of a job that is held and was not asked to stop."""
    return _held(job_id, fence).where(~JobRow.is_cancel_requested)


def _put_back(statement: Update, now: datetime) -> Update:
    """Queue, cancel or fail what the statement selects, whichever the job's past asks for."""
    is_spent = JobRow.n_attempts >= MAX_ATTEMPTS
    return statement.values(
        state=case(
            (JobRow.is_cancel_requested, JobState.CANCELLED.value),
            (is_spent, JobState.FAILED.value),
            else_=JobState.QUEUED.value,
        ),
        reason=case((is_spent & ~JobRow.is_cancel_requested, GAVE_UP), else_=JobRow.reason),
        finished_at=case((JobRow.is_cancel_requested | is_spent, now), else_=None),
    )


def _require(session: Session, statement: Update) -> None:
    if _change(session, statement) == 0:
        raise JobCancelledError("The job was asked to stop, or somebody else runs it now.")


def _change(session: Session, statement: Update) -> int:
    """Run an update without loading rows and return how many it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount
