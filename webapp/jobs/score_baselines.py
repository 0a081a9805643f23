"""Scores baselines beside a published round, each once, after the round itself."""

from __future__ import annotations

import logging
from typing import Any

from ml.baselines import score_baseline
from ml.errors import MlError
from ml.round_records import RoundSettings
from ml.snapshots import Snapshot
from webapp.domain.errors import JobCancelledError
from webapp.jobs.batches import pipeline_settings
from webapp.jobs.context import JobContext
from webapp.jobs.kept_snapshot import retake_snapshot
from webapp.jobs.writing import holding
from webapp.storage import round_writes, rounds

_LOG = logging.getLogger(__name__)
FAILED = "Something went wrong on our side; the worker's log says what."


def run(context: JobContext) -> dict[str, Any]:
    """Score what the round has no figures of yet; again after a crash, only what is missing."""
    arguments = context.job.arguments
    round_id = int(arguments["round_id"])
    with context.database.read() as session:
        found = rounds.get_by_id(session, round_id=round_id)
    missing = [name for name in arguments["pipelines"] if name not in found.baselines]
    if not missing:
        return {"round": found.number, "scored": []}
    context.report("read", 0, 1)
    retaken = retake_snapshot(context.config, context.database, found)
    settings = RoundSettings.from_manifest(found.manifest, pipeline_settings(context.config))
    for at, name in enumerate(missing):
        figures = _score(context, name, retaken.snapshot, settings, at, len(missing))
        with holding(context) as session:
            round_writes.add_baseline(
                session,
                round_id=round_id,
                pipeline=name,
                figures={**figures, "n_changed": retaken.n_changed},
            )
    return {"round": found.number, "scored": missing}


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
