"""Long writes in small pieces, each only while the job is still held."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.storage import job_claims
from webapp.storage.database import Session

T = TypeVar("T")

ROWS_AT_ONCE = 1000
# On SQLite a waiting moderator looks for the lock every few milliseconds, and needs a gap to find.
_PAUSE_S = 0.02


@contextmanager
def holding(context: JobContext) -> Iterator[Session]:
    """Open a writing transaction that is refused once the job was cancelled or taken over."""
    with context.database.begin() as session:
        job_claims.hold(session, job_id=context.job.id, fence=context.job.fence, now=utc_now())
        yield session


def write_in_pieces(
    context: JobContext,
    stage: str,
    rows: Sequence[T],
    write: Callable[[Session, Sequence[T]], None],
    *,
    at_once: int | None = None,
) -> None:
    """Write so many rows at a time, reporting, with pauses for those who wait to write."""
    n = at_once or ROWS_AT_ONCE
    context.report(stage, 0, max(len(rows), 1))
    for start in range(0, len(rows), n):
        piece = rows[start : start + n]
        with holding(context) as session:
            write(session, piece)
        context.report(stage, start + len(piece), len(rows))
        if start + len(piece) < len(rows):
            time.sleep(_PAUSE_S)
