"""Which function does which kind of job; found by name, so that a page loads no model library."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import Any, cast

from webapp.domain.jobs import JobKind
from webapp.jobs.context import JobContext

JOBS = {
    JobKind.IMPORT: "webapp.jobs.import_file:run",
    JobKind.RETRAIN: "webapp.jobs.retrain:run",
    JobKind.REFRESH_PREDICTIONS: "webapp.jobs.refresh_predictions:run",
    JobKind.ORDER_QUEUE: "webapp.jobs.order_queue:run",
    JobKind.SCORE_BASELINES: "webapp.jobs.score_baselines:run",
    JobKind.EXPLAIN: "webapp.jobs.explain:run",
    JobKind.EXPLAIN_PRODUCT: "webapp.jobs.explain:run_product",
    JobKind.MEASURE_AGREEMENT: "webapp.jobs.agreement:run",
}


def resolve(kind: JobKind) -> Callable[[JobContext], dict[str, Any]]:
    """Return the function of a kind of job; what it returns is kept as the job's result."""
    return cast("Callable[[JobContext], dict[str, Any]]", pkgutil.resolve_name(JOBS[kind]))
