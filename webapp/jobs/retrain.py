"""One round: snapshot, train, store what it predicts unseen, judge, order the queue, publish."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from datetime import datetime
from typing import Any

from ml.round_records import RoundOutcome, RoundSettings
from ml.rounds import run_round
from webapp.domain.catalogue import Catalogue
from webapp.domain.triggers import Trigger
from webapp.jobs import choosing_features
from webapp.jobs.batches import model_dir, round_settings
from webapp.jobs.catalogue_snapshot import TakenSnapshot, take_snapshot
from webapp.jobs.context import JobContext
from webapp.jobs.estimating import estimate
from webapp.jobs.gating import Gate, judge_round
from webapp.jobs.ordering import reorder
from webapp.jobs.ranking import rank_predictions
from webapp.jobs.requesting import request_evidence
from webapp.jobs.runner import utc_now
from webapp.jobs.suspects import store_suspects
from webapp.jobs.writing import ROWS_AT_ONCE, holding, write_in_pieces
from webapp.services import retraining, team
from webapp.storage import catalogues, prediction_writes, round_writes, rounds
from webapp.storage.database import Session

_LOG = logging.getLogger(__name__)


def run(context: JobContext) -> dict[str, Any]:
    """Run the round of a job; run again after a crash, it makes one round all the same."""
    started_at = utc_now()
    job = context.job
    with context.database.read() as session:
        catalogue = catalogues.get_by_id(session, catalogue_id=job.catalogue_id or 0)
        finished = round_writes.find_complete(session, job_id=job.id)
    if finished is not None:  # the process died between publishing and the end of the job
        return _result(finished.number, is_held=finished.is_held)
    _remove_leftovers(context, catalogue)
    taken = take_snapshot(context, catalogue)
    directory = model_dir(context.config, catalogue_id=catalogue.id, job_id=job.id)
    settings = round_settings(context.config)
    outcome = run_round(taken.snapshot, settings, directory, context.report)
    features = choosing_features.compute(context, catalogue, taken)
    context.report("estimate", 0, 1)
    estimates = estimate(
        context,
        catalogue,
        taken,
        outcome.fused,
        features,
        min_evaluation_labels=settings.min_evaluation_labels,
    )
    round_id, number = _store_unseen(context, catalogue, taken, outcome, estimates, started_at)
    gate = _publish_or_hold(context, catalogue, taken, outcome, settings, round_id)
    return _result(number, is_held=not gate.is_passed)


def _result(number: int, *, is_held: bool) -> dict[str, Any]:
    return {"round": number, "is_held": is_held}


def _publish_or_hold(
    context: JobContext,
    catalogue: Catalogue,
    taken: TakenSnapshot,
    outcome: RoundOutcome,
    settings: RoundSettings,
    round_id: int,
) -> Gate:
    """Let the round go live, its queue ordered first, or keep it back and all else as it is.

    Training takes long: what the settings say and what is live is read now, and looked at again
    in the end.
    """
    while True:
        context.report("gate", 0, 1)
        with context.database.read() as session:
            catalogue = catalogues.get_by_id(session, catalogue_id=catalogue.id)
            live = rounds.find_live(session, catalogue_id=catalogue.id)
            gate = judge_round(session, live=live, taken=taken, outcome=outcome, settings=settings)
        if gate.is_passed:
            reorder(context, catalogue, round_id)
        with holding(context) as session:
            if catalogues.get_by_id(session, catalogue_id=catalogue.id) != catalogue:
                continue  # an admin has published another one, or wants another order, meanwhile
            sent = _complete(session, context, catalogue, round_id, gate)
        for job_id in sent:
            context.send(job_id)
        if gate.is_passed:
            request_evidence(context, replace(catalogue, live_round_id=round_id))
        return gate


def _complete(
    session: Session, context: JobContext, catalogue: Catalogue, round_id: int, gate: Gate
) -> list[int]:
    """Show the round, live or held; return the jobs that follow."""
    now, requested_by = utc_now(), context.job.requested_by
    round_writes.complete(session, round_id=round_id, gate=gate.record, finished_at=now)
    following = []
    if gate.is_passed:
        round_writes.publish(
            session, catalogue_id=catalogue.id, round_id=round_id, reason=gate.reason, now=now
        )
        following.append(
            retraining.request_baselines(
                session,
                catalogue_id=catalogue.id,
                round_id=round_id,
                requested_by=requested_by,
                now=now,
            )
        )
        following.append(
            team.request_agreement(
                session, catalogue_id=catalogue.id, requested_by=requested_by, now=now
            )
        )
    else:
        round_writes.hold(session, round_id=round_id, reason=gate.reason)
    live = rounds.find_live(session, catalogue_id=catalogue.id)
    accepts = gate.is_passed and catalogue.settings.accept_target is not None
    if live is not None and (
        accepts
        or prediction_writes.count_missing(session, catalogue_id=catalogue.id, round_id=live.id)
    ):
        following.append(
            retraining.request_refresh(
                session, catalogue_id=catalogue.id, requested_by=requested_by, now=now
            )
        )
    return [job.id for job in following if job is not None]


def _store_unseen(
    context: JobContext,
    catalogue: Catalogue,
    taken: TakenSnapshot,
    outcome: RoundOutcome,
    estimates: dict[str, Any],
    started_at: datetime,
) -> tuple[int, int]:
    """Store the round and its predictions where no page sees them yet."""
    with holding(context) as session:
        round_id, number = round_writes.add_unseen(
            session,
            catalogue_id=catalogue.id,
            job_id=context.job.id,
            facts=_facts(taken, outcome, started_at)
            | {"estimates": estimates}
            | {"trigger": context.job.arguments.get("trigger", Trigger.BUTTON.value)},
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
    store_suspects(context, taken, outcome.fused, round_id)
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
