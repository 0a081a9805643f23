"""Scores baselines beside a published round, each by itself, after the round."""

from __future__ import annotations

import logging
from typing import Any

from ml.baselines import score_baseline
from ml.errors import MlError
from ml.round_records import RoundSettings
from ml.snapshots import Snapshot
from webapp.domain.baselines import without_figures
from webapp.domain.errors import JobCancelledError
from webapp.domain.jobs import MAX_ATTEMPTS
from webapp.jobs.batches import pipeline_settings
from webapp.jobs.context import JobContext
from webapp.jobs.kept_snapshot import retake_snapshot
from webapp.jobs.runner import utc_now
from webapp.jobs.writing import holding
from webapp.storage import job_claims, round_writes, rounds

_LOG = logging.getLogger(__name__)
FAILED = "Something went wrong on our side; the worker's log says what."
DIED = (
    "Its process ended each time that it was scored, perhaps for want of memory; the worker's log "
    "says more."
)


def run(context: JobContext) -> dict[str, Any]:
    """Score what the round has no figures of; again after a crash, go on where it was.

    A baseline that ends the process is tried once more, and then left with its reason: those
    behind it have their own attempts.
    """
    arguments = context.job.arguments
    round_id, begun = int(arguments["round_id"]), arguments.get("begun")
    with context.database.read() as session:
        found = rounds.get_by_id(session, round_id=round_id)
    missing = _missing(arguments, found.baselines)
    if begun in missing and context.job.n_attempts >= MAX_ATTEMPTS:
        _store(context, round_id, begun, {"reason": DIED})
        missing.remove(begun)
    if not missing:
        return {"round": found.number, "scored": []}
    context.report("read", 0, 1)
    retaken = retake_snapshot(context.config, context.database, found)
    settings = RoundSettings.from_manifest(found.manifest, pipeline_settings(context.config))
    for at, name in enumerate(missing):
        if name != begun:
            _begin(context, name)
        figures = _score(context, name, retaken.snapshot, settings, at, len(missing))
        _store(context, round_id, name, {**figures, "n_changed": retaken.n_changed})
    return {"round": found.number, "scored": missing}


def _missing(arguments: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """Return what this job has still to score: nothing twice that has failed in it already."""
    names, begun = arguments["pipelines"], arguments.get("begun")
    return without_figures(names[names.index(begun) :] if begun in names else names, stored)


def _begin(context: JobContext, name: str) -> None:
    job = context.job
    with context.database.begin() as session:
        job_claims.begin_part(
            session,
            job_id=job.id,
            fence=job.fence,
            arguments={**job.arguments, "begun": name},
            now=utc_now(),
        )


def _store(context: JobContext, round_id: int, name: str, figures: dict[str, Any]) -> None:
    with holding(context) as session:
        round_writes.add_baseline(session, round_id=round_id, pipeline=name, figures=figures)


def _score(
    context: JobContext,
    name: str,
    snapshot: Snapshot,
    settings: RoundSettings,
    at: int,
    n: int,
) -> dict[str, Any]:
    """Return the figures of a baseline, or why it has none: the others go on."""

    def tell(done: int, total: int) -> None:
        context.report("baselines", at * 100 + 100 * done // max(total, 1), n * 100)

    tell(0, 1)
    try:
        return score_baseline(name, snapshot, settings, tell).as_dict()
    except JobCancelledError:
        raise
    except MlError as error:
        return {"reason": str(error)}
    except Exception:
        _LOG.exception("the baseline %s failed", name)
        return {"reason": FAILED}
