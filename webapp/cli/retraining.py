"""``shelfwise retrain`` and ``shelfwise rounds``."""

from __future__ import annotations

import time
from typing import Any

import click

from webapp.cli.group import Shell, command, now, print_json
from webapp.cli.stages import stage_progress
from webapp.domain.errors import AppError
from webapp.domain.jobs import Job, JobState
from webapp.domain.retraining import Round
from webapp.domain.triggers import Trigger
from webapp.jobs import runner
from webapp.jobs.queues import JobQueue
from webapp.services import retraining
from webapp.storage import catalogues, job_claims, jobs, rounds

_LOOK_S = 0.5

catalogue_option = click.option("--catalogue", "slug", required=True, help="Which catalogue.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.command()
@catalogue_option
@click.option("--wait", is_flag=True, help="Train here and now, and print the round.")
@json_option
@command
def retrain(shell: Shell, slug: str, wait: bool, as_json: bool) -> None:
    """Request a round: train on what is known now, score it, publish it unless it is worse."""
    if not wait:
        with shell.database.begin() as session:
            catalogue = catalogues.get(session, slug=slug)
            job = retraining.request_round(
                session,
                catalogue=catalogue,
                requested_by=None,
                trigger=Trigger.COMMAND,
                now=now(),
            )
        JobQueue(shell.config).send(job.id)
        if as_json:
            print_json({"job": job.id, "state": job.state.value})
        else:
            click.echo(f"A round of {catalogue.name} is queued as job {job.id}; a worker runs it.")
        return
    found, live_round_id = train_here(shell, slug)
    if as_json:
        print_json(document_of(found, live_round_id=live_round_id))
    else:
        click.echo(line_of(found, live_round_id=live_round_id))


@click.group("rounds", invoke_without_command=True)
@click.option("--catalogue", "slug", help="Which catalogue.")
@json_option
@click.pass_context
def rounds_group(context: click.Context, slug: str | None, as_json: bool) -> None:
    """List the rounds of a catalogue; publish one, or go back."""
    if context.invoked_subcommand is None:
        context.invoke(_list_rounds, slug=slug, as_json=as_json, own_home=None)
    else:
        context.meta["slug"] = slug


@command
def _list_rounds(shell: Shell, slug: str | None, as_json: bool) -> None:
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=required_slug(slug))
        found = rounds.list_all(session, catalogue_id=catalogue.id)
    if as_json:
        print_json([document_of(each, live_round_id=catalogue.live_round_id) for each in found])
        return
    if not found:
        click.echo(f"{catalogue.name} has no round yet.")
    for each in found:
        click.echo(line_of(each, live_round_id=catalogue.live_round_id))


@rounds_group.command("publish")
@click.argument("number", type=int)
@click.option("--catalogue", "slug", help="Which catalogue.")
@command
def publish(shell: Shell, number: int, slug: str | None) -> None:
    """Let round NUMBER feed the queue and the cards."""
    with shell.database.begin() as session:
        catalogue = catalogues.get(session, slug=required_slug(slug))
        following = retraining.publish(session, catalogue=catalogue, number=number, now=now())
    _send(shell, following)
    click.echo(f"Round {number} of {catalogue.name} is live.")


@rounds_group.command("rollback")
@click.option("--catalogue", "slug", help="Which catalogue.")
@command
def rollback(shell: Shell, slug: str | None) -> None:
    """Go back to the published round before the live one."""
    with shell.database.begin() as session:
        catalogue = catalogues.get(session, slug=required_slug(slug))
        previous, following = retraining.roll_back(session, catalogue=catalogue, now=now())
    _send(shell, following)
    click.echo(f"Round {previous.number} of {catalogue.name} is live.")


def document_of(found: Round, *, live_round_id: int | None) -> dict[str, Any]:
    """Return a round as ``--json`` prints it."""
    return {
        "round": found.number,
        "state": JobState.DONE.value,
        "published": found.is_published,
        "is_live": found.id == live_round_id,
        "is_held": found.is_held,
        "trigger": found.trigger,
        "reason": found.reason,
        "n_labels": found.n_labels,
        "n_source_categories": found.n_source_categories,
        "n_evaluation": found.n_evaluation,
        "n_evaluation_labels": found.n_evaluation_labels,
        "is_provisional": found.is_provisional,
        "text_pipeline": found.text_pipeline,
        "image_pipeline": found.image_pipeline,
        "fusion": found.fusion,
        "fallback": found.fallback,
        "seconds": round((found.finished_at - found.started_at).total_seconds(), 3),
        "seconds_by_stage": found.seconds,
        "metrics": found.metrics,
        "gate": found.gate,
        "baselines": found.baselines,
        "started_at": found.started_at.isoformat(),
        "finished_at": found.finished_at.isoformat(),
    }


def line_of(found: Round, *, live_round_id: int | None) -> str:
    """Return a round as a person reads it."""
    named = (("ARI", "ari"), ("accuracy", "accuracy"), ("macro-F1", "macro_f1"))
    figures = [f"{title} {_figure(found.metrics.get(name))}" for title, name in named]
    marks = [
        "live" if found.id == live_round_id else "",
        found.reason if found.is_held else "",
        "provisional: measured against source categories" if found.is_provisional else "",
    ]
    n = (found.metrics.get("ari") or {}).get("n", 0)
    return (
        f"Round {found.number}: {', '.join(figures)}, on {n} products; trained on "
        f"{found.n_labels} labels and {found.n_source_categories} source categories"
        + "".join(f"; {mark}" for mark in marks if mark)
    )


def _figure(interval: dict[str, Any] | None) -> str:
    if interval is None or interval["value"] is None:
        return "unknown"
    return f"{interval['value']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def required_slug(slug: str | None) -> str:
    """Return the catalogue that a subcommand, or the group before it, was given."""
    slug = slug or click.get_current_context().meta.get("slug")
    if slug is None:
        raise click.UsageError("Missing option '--catalogue'.")
    return slug


def train_here(shell: Shell, slug: str) -> tuple[Round, int | None]:
    """Train a round in this process; return it, and the id of the round that is live then.

    One that was begun by a process which is gone is finished: no worker may be there to do it.

    Raises
    ------
    AppError
        If the round fails or is cancelled.
    """
    with shell.database.begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        job = retraining.find_abandoned(
            session, catalogue=catalogue, now=now(), stale_s=shell.config.job_stale_s
        ) or retraining.request_round(
            session, catalogue=catalogue, requested_by=None, trigger=Trigger.COMMAND, now=now()
        )
    job = _run_here(shell, job)
    if job.state is JobState.CANCELLED:
        raise AppError("The round was cancelled.")
    if job.state is JobState.FAILED:
        raise AppError(job.reason)
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=slug)
        number = int((job.result or {})["round"])
        found = rounds.get(session, catalogue_id=catalogue.id, number=number)
    if found.fallback:
        click.echo(f"The small network took the image branch's place: {found.fallback}", err=True)
    return found, catalogue.live_round_id


def _run_here(shell: Shell, job: Job) -> Job:
    """Run a job in this process; where a worker was faster, wait for it. Ctrl-C cancels it."""
    database = shell.database
    with stage_progress() as progress:
        claimed = runner.claim(database, job.id)
        if claimed is not None:
            try:
                with runner.Heartbeat(database, claimed):
                    runner.run_claimed(
                        claimed,
                        config=shell.config,
                        database=database,
                        send=JobQueue(shell.config).send,
                        on_report=progress,
                    )
            except KeyboardInterrupt:  # no worker shall take up what a person has stopped
                with database.begin() as session:
                    job_claims.cancel(session, job_id=job.id, fence=claimed.fence, now=now())
                raise
        while True:
            with database.read() as session:
                job = jobs.get(session, job_id=job.id)
            if job.is_over:
                return job
            if job.stage:
                progress(job.stage, job.done, job.total)
            time.sleep(_LOOK_S)


def _send(shell: Shell, following: list[Job]) -> None:
    queue = JobQueue(shell.config)
    for job in following:
        queue.send(job.id)
