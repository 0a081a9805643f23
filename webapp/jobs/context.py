"""What a running job works with, and how it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.config import Config
from webapp.domain.jobs import Job
from webapp.storage.database import Database


@dataclass(frozen=True, slots=True)
class JobContext:
    """A claimed job and its surroundings.

    Parameters
    ----------
    report
        Called with ``(stage, done, total)`` as often as it likes: it writes at most a few times a
        second. It raises JobCancelledError when the job shall stop, or was taken by another worker.
    send
        Carries the id of a further job that this one has added, after its transaction.
    """

    job: Job
    config: Config
    database: Database
    report: Callable[[str, int, int], None]
    send: Callable[[int], None]
