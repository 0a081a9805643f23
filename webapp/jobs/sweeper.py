"""Puts back what dead workers held, sends again what was lost, starts the rounds that are due."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from webapp.jobs.queues import JobQueue
from webapp.jobs.runner import utc_now
from webapp.jobs.triggers import fire_due
from webapp.storage import job_claims
from webapp.storage.database import Database

_LOG = logging.getLogger(__name__)
_EVERY_S = 2.0
_UNCLAIMED_S = 5.0


def sweep(database: Database, queue: JobQueue, *, now: datetime, stale_s: int) -> list[int]:
    """Sweep once and return the jobs that were sent.

    A queued job is sent again only while the queue is empty: otherwise its id still waits there.
    """
    with database.begin() as session:
        sent = job_claims.requeue_stale(session, now=now, stale_s=stale_s)
    if queue.is_empty():
        with database.read() as session:
            before = now - timedelta(seconds=_UNCLAIMED_S)
            lost = job_claims.list_queued(session, before=before)
        sent += [job_id for job_id in lost if job_id not in sent]
    for job_id in sent:
        queue.send(job_id)
    return sent


def keep_sweeping(
    database: Database, queue: JobQueue, *, stale_s: int, stopping: threading.Event
) -> None:
    """Sweep now and every few seconds, until the worker stops."""
    while True:
        try:
            for job_id in sweep(database, queue, now=utc_now(), stale_s=stale_s):
                _LOG.info("job %d is sent again", job_id)
            for job_id in fire_due(database, now=utc_now()):
                queue.send(job_id)
        except Exception:  # the database or the queue may be back the next time
            _LOG.warning("the sweeper failed, and tries again", exc_info=True)
        if stopping.wait(_EVERY_S):
            return
