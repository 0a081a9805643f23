"""Runs one claimed job: its function, its progress, its signs of life, and how it ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from ml.errors import MlError
from webapp.config import Config
from webapp.domain.errors import AppError, JobCancelledError
from webapp.domain.jobs import UNEXPECTED, Job
from webapp.jobs import table
from webapp.jobs.context import JobContext
from webapp.processes import quieten_tensorflow
from webapp.storage import job_claims
from webapp.storage.database import Database

_LOG = logging.getLogger(__name__)
_HEARTBEAT_S = 1.0
_REPORT_S = 0.25

Report = Callable[[str, int, int], None]


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def claim(database: Database, job_id: int) -> Job | None:
    """Take a queued job; None where somebody was faster, or it was cancelled."""
    with database.begin() as session:
        return job_claims.claim(session, job_id=job_id, now=utc_now())


def run_claimed(
    job: Job,
    *,
    config: Config,
    database: Database,
    send: Callable[[int], None],
    on_report: Report | None = None,
) -> None:
    """Run a job to its end and store how it ended; errors become its reason in plain words."""
    quieten_tensorflow()
    report = _Reporter(database, job, on_report)
    try:
        result = table.resolve(job.kind)(JobContext(job, config, database, report, send))
    except JobCancelledError:
        with database.begin() as session:  # changes nothing where somebody else holds the job
            job_claims.cancel(session, job_id=job.id, fence=job.fence, now=utc_now())
    except (AppError, MlError) as error:
        _fail(database, job, str(error))
    except Exception:
        _LOG.exception("job %d (%s) failed", job.id, job.kind)
        _fail(database, job, UNEXPECTED)
    else:
        with database.begin() as session:
            job_claims.finish(session, job_id=job.id, fence=job.fence, result=result, now=utc_now())


def _fail(database: Database, job: Job, reason: str) -> None:
    with database.begin() as session:
        job_claims.fail(session, job_id=job.id, fence=job.fence, reason=reason, now=utc_now())


class _Reporter:
    """Stores progress at most four times a second, and at once when the stage changes."""

    def __init__(self, database: Database, job: Job, on_report: Report | None) -> None:
        self._database = database
        self._job = job
        self._on_report = on_report
        self._stage = ""
        self._next_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage or time.monotonic() >= self._next_at:
            with self._database.begin() as session:
                job_claims.report(
                    session,
                    job_id=self._job.id,
                    fence=self._job.fence,
                    stage=stage,
                    done=done,
                    total=total,
                    now=utc_now(),
                )
            self._stage, self._next_at = stage, time.monotonic() + _REPORT_S
        if self._on_report is not None:
            self._on_report(stage, done, total)


class Heartbeat:
    """Shows every second that the holder of a job is alive, from a thread of its own."""

    def __init__(self, database: Database, job: Job) -> None:
        self._database = database
        self._job = job
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.id}", daemon=True)
        self.is_lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(_HEARTBEAT_S) and not self.is_lost:
            try:
                with self._database.begin() as session:
                    is_held = job_claims.heartbeat(
                        session, job_id=self._job.id, fence=self._job.fence, now=utc_now()
                    )
            except Exception:  # the database may be back at the next beat
                _LOG.warning("no heartbeat of job %d", self._job.id, exc_info=True)
            else:
                self.is_lost = not is_held
