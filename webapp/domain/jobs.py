"""Background work as the pages see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_ATTEMPTS = 3  # what kills its process three times will do so again
GAVE_UP = (
    "The work was begun three times and its process ended each time, perhaps for want of memory. "
    "Look into the worker's log before you start it again."
)
UNEXPECTED = (
    "Something went wrong on our side. The worker's log says what; nothing was published or lost."
)


class JobState(StrEnum):
    """Where a job is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What a job does; the table ``webapp.jobs.table.JOBS`` says which function does it."""

    IMPORT = "import"
    RETRAIN = "retrain"
    REFRESH_PREDICTIONS = "refresh_predictions"
    ORDER_QUEUE = "order_queue"
    SCORE_BASELINES = "score_baselines"
    EXPLAIN = "explain"
    EXPLAIN_PRODUCT = "explain_product"
    MEASURE_AGREEMENT = "measure_agreement"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of background work; ``done`` of ``total`` belong to the current ``stage``.

    ``fence`` grows with every claim: whoever holds an older number can no longer report.
    """

    id: int
    kind: JobKind
    catalogue_id: int | None
    requested_by: int | None
    arguments: dict[str, Any]
    state: JobState
    fence: int
    n_attempts: int
    stage: str
    done: int
    total: int
    is_cancel_requested: bool
    reason: str
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
