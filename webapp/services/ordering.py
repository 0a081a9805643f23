"""When the front of a queue is ordered again while people decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp.domain.jobs import JobKind
from webapp.storage import jobs
from webapp.storage.database import Session

EVERY_N_ACTS = 5  # batches of five measured best (ADR 0015)
# The work takes about two seconds of one core at low priority; eight busy moderators would
# otherwise keep that core to themselves.
_PAUSE = timedelta(seconds=5)


def request_order(
    session: Session, *, catalogue_id: int, act_ids: Sequence[int], now: datetime
) -> int | None:
    """Have the front of the queue ordered after some acts, if it is time.

    Every fifth act of the installation is one of those that ask for it: counting those of one
    catalogue would cost each decision a query, and save nothing.

    Returns
    -------
    int or None
        A job to send after the transaction.
    """
    if all(act_id % EVERY_N_ACTS for act_id in act_ids):
        return None
    return jobs.add_or_run_again(
        session, kind=JobKind.ORDER_QUEUE, catalogue_id=catalogue_id, now=now, pause=_PAUSE
    )
