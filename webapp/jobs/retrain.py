"""One round: snapshot, train, store what it predicts unseen, order the queue, publish."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime
from typing import Any

from ml.round_records import RoundOutcome
from ml.rounds import run_round
from webapp.domain.catalogue import Catalogue
from webapp.jobs.batches import model_dir, round_settings
from webapp.jobs.catalogue_snapshot import TakenSnapshot, take_snapshot
from webapp.jobs.context import JobContext
from webapp.jobs.ordering import reorder
from webapp.jobs.ranking import rank_predictions
from webapp.jobs.runner import utc_now
from webapp.jobs.writing import ROWS_AT_ONCE, holding, write_in_pieces
from webapp.services import retraining
from webapp.storage import catalogues, prediction_writes, round_writes

_LOG = logging.getLogger(__name__)
PUBLISHED = "published: every finished round is published"


def run(context: JobContext) -> dict[str, Any]:
    """Run the round of a job; run again after a crash, it makes one round all the same."""
    started_at = utc_now()
    job = context.job
    with context.database.read() as session:
        catalogue = catalogues.get_by_id(session, catalogue_id=job.catalogue_id or 0)
        finished = round_writes.find_complete(session, job_id=job.id)
    if finished is not None:  # the process died between publishing and the end of the job
        return {"round": finished.number}
    _remove_leftovers(context, catalogue)
    taken = take_snapshot(context, catalogue)
    directory = model_dir(context.config, catalogue_id=catalogue.id, job_id=job.id)
    outcome = run_round(taken.snapshot, round_settings(context.config), directory, context.report)
    round_id, number = _store_unseen(context, catalogue, taken, outcome, started_at)
    reorder(context, catalogue, round_id)
    with holding(context) as session:
        now = utc_now()
        round_writes.complete(session, round_id=round_id, finished_at=now)
        round_writes.publish(
            session, catalogue_id=catalogue.id, round_id=round_id, reason=PUBLISHED, now=now
        )
        missing = prediction_writes.count_missing(
            session, catalogue_id=catalogue.id, round_id=round_id
        )
        refresh = missing and retraining.request_refresh(
            session, catalogue_id=catalogue.id, requested_by=job.requested_by, now=now
        )
    if refresh:
        context.send(refresh.id)
    return {"round": number}


def _store_unseen(
    context: JobContext,
    catalogue: Catalogue,
    taken: TakenSnapshot,
    outcome: RoundOutcome,
    started_at: datetime,
) -> tuple[int, int]:
    """Store the round and its predictions where no page sees them yet."""
    with holding(context) as session:
        round_id, number = round_writes.add_unseen(
            session,
            catalogue_id=catalogue.id,
            job_id=context.job.id,
            facts=_facts(taken, outcome, started_at),
        )
    predictions = list(
        rank_predictions(
            round_id,
            taken.product_ids,
            taken.snapshot.categories,
            outcome.fused,
            outcome.text,
            outcome.image,
        )
    )
    write_in_pieces(
        context,
        "store",
        predictions,
        lambda session, piece: prediction_writes.add_many(session, predictions=piece),
    )
    return round_id, number


def _facts(taken: TakenSnapshot, outcome: RoundOutcome, started_at: datetime) -> dict[str, Any]:
    return {
        "started_at": started_at,
        "finished_at": utc_now(),
        "last_annotation_id": taken.last_annotation_id,
        "n_labels": outcome.n_labels,
        "n_source_categories": outcome.n_source_categories,
        "n_evaluation": outcome.n_evaluation,
        "n_evaluation_labels": outcome.n_evaluation_labels,
        "is_provisional": outcome.is_provisional,
        "text_pipeline": outcome.text_pipeline or "",
        "image_pipeline": outcome.image_pipeline or "",
        "fusion": outcome.fusion.as_dict(),
        "fallback": outcome.fallback,
        "metrics": outcome.metrics,
        "confusion": {
            "categories": list(taken.snapshot.categories),
            "counts": outcome.confusion,
        },
        "manifest": outcome.manifest,
        "seconds": outcome.seconds,
    }


def _remove_leftovers(context: JobContext, catalogue: Catalogue) -> None:
    """Remove what rounds that failed or were cancelled have left: rows, then models."""
    with context.database.read() as session:
        unfinished = round_writes.list_unfinished(session, catalogue_id=catalogue.id)
        kept = round_writes.list_jobs_of_complete(session, catalogue_id=catalogue.id)
    for round_id in unfinished:
        n_deleted = 1
        while n_deleted:
            with holding(context) as session:
                n_deleted = round_writes.delete_some_predictions(
                    session, round_id=round_id, n=ROWS_AT_ONCE
                )
        with holding(context) as session:
            round_writes.delete_unfinished(session, round_id=round_id)
    folder = context.config.models_dir / str(catalogue.id)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in {str(job_id) for job_id in kept}:
            _LOG.info("removing %s, which no round uses", path)
            shutil.rmtree(path, ignore_errors=True)
