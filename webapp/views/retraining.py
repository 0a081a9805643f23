"""Retraining: what a round would learn from, start, watch, stop, publish, go back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import JobKind, JobState
from webapp.services import retraining
from webapp.storage import catalogues, jobs, rounds
from webapp.storage.database import Session
from webapp.views import retraining_wording as wording
from webapp.views.context import (
    current_user,
    database,
    fragment,
    now,
    queue,
    requires,
    wants_fragment,
)

blueprint = Blueprint("retraining", __name__, url_prefix="/c/<slug>/retraining")
TEMPLATE = "retraining/page.html"


@blueprint.get("")
@requires(Permission.MANAGE)
def page(slug: str) -> ResponseReturnValue:
    """Show the next round and those before."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        values = _progress_values(session, catalogue) | _rounds_values(session, catalogue)
    return render_template(TEMPLATE, **values)


@blueprint.get("/progress")
@requires(Permission.MANAGE)
def progress(slug: str) -> ResponseReturnValue:
    """Answer the bar's question; tell the page once when the round is over."""
    with database().read() as session:
        values = _progress_values(session, catalogues.get(session, slug=slug))
    response = _fragment("progress", values)
    job = values["job"]
    if job is None or job.is_over:
        response.headers["HX-Trigger"] = "round-finished"
    return response


@blueprint.get("/rounds")
@requires(Permission.MANAGE)
def rounds_list(slug: str) -> ResponseReturnValue:
    """Show the rounds as they are now."""
    with database().read() as session:
        values = _rounds_values(session, catalogues.get(session, slug=slug))
    return _fragment("rounds", values)


@blueprint.post("/start")
@requires(Permission.MANAGE)
def start(slug: str) -> ResponseReturnValue:
    """Ask for a round."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        job = retraining.request_round(
            session, catalogue=catalogue, requested_by=current_user().id, now=now()
        )
    queue().send(job.id)
    return _progress_or_page(slug)


@blueprint.post("/cancel")
@requires(Permission.MANAGE)
def cancel(slug: str) -> ResponseReturnValue:
    """Stop the round."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        retraining.cancel(session, catalogue=catalogue, now=now())
    return _progress_or_page(slug)


@blueprint.post("/rounds/<int:number>/publish")
@requires(Permission.MANAGE)
def publish(slug: str, number: int) -> ResponseReturnValue:
    """Let another round feed the queue and the cards."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        following = retraining.publish(
            session,
            catalogue=catalogue,
            number=number,
            requested_by=current_user().id,
            now=now(),
        )
    for job in following:
        queue().send(job.id)
    if wants_fragment():
        return rounds_list(slug)
    flash(gettext("Round %(number)s is live.", number=number), "done")
    return redirect(url_for(".page", slug=slug), code=303)


@blueprint.post("/rounds/<int:number>/score-baselines")
@requires(Permission.MANAGE)
def score_baselines(slug: str, number: int) -> ResponseReturnValue:
    """Have the baselines scored that are without figures beside a round."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        job = retraining.request_baselines_again(
            session, catalogue=catalogue, number=number, requested_by=current_user().id, now=now()
        )
    queue().send(job.id)
    if wants_fragment():
        return rounds_list(slug)
    return redirect(url_for(".page", slug=slug), code=303)


def _progress_or_page(slug: str) -> ResponseReturnValue:
    return progress(slug) if wants_fragment() else redirect(url_for(".page", slug=slug), code=303)


def _fragment(block: str, values: dict[str, Any]) -> Response:
    return make_response(fragment(TEMPLATE, block, **values))


def _progress_values(session: Session, catalogue: Catalogue) -> dict[str, Any]:
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.RETRAIN)
    refresh = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.REFRESH_PREDICTIONS)
    is_running = job is not None and not job.is_over
    baselines = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.SCORE_BASELINES)
    has_failed = refresh is not None and refresh.state is JobState.FAILED
    return {
        "catalogue": catalogue,
        "job": job,
        "is_running": is_running,
        "failed_refresh": refresh if has_failed else None,
        "baselines_job": None if baselines and baselines.state is JobState.DONE else baselines,
        "outlook": None if is_running else retraining.outlook(session, catalogue=catalogue),
        "wording": wording,
    }


def _rounds_values(session: Session, catalogue: Catalogue) -> dict[str, Any]:
    found = rounds.list_all(session, catalogue_id=catalogue.id)
    live = next((each for each in found if each.id == catalogue.live_round_id), None)
    return {
        "catalogue": catalogue,
        "rounds": found[::-1],
        "live": live,
        "is_scoring": bool(
            jobs.list_open(session, catalogue_id=catalogue.id, kind=JobKind.SCORE_BASELINES)
        ),
        "wording": wording,
    }
