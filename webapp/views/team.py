"""The team page: how each person decides, how well people agree, and gold products."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.services import gold, team
from webapp.storage import catalogues, choosable_categories
from webapp.storage.database import Session
from webapp.views import team_wording as wording
from webapp.views.category_paths import list_if_few, read_category_id
from webapp.views.context import (
    current_user,
    database,
    fragment,
    now,
    queue,
    requires,
    wants_fragment,
)

blueprint = Blueprint("team", __name__, url_prefix="/c/<slug>/team")
TEMPLATE = "team/page.html"
# Everybody's figures are read from 2,000 acts each: 0.9 s of CPU for 20 people, her own 0.08 s.
KEPT_FOR = timedelta(minutes=10)


@blueprint.get("")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """Show the figures that this person may see; while the worker compares answers, that part."""
    with database().read() as session:
        values = _agreement(session, slug)
        seen = None
        if not wants_fragment():
            seen = _look(session, values["catalogue"])
    if seen is None:
        return fragment(TEMPLATE, "agreement", **values)
    figures = wording.own_figures(seen.own, seen.others) if seen.own else []
    return render_template(TEMPLATE, **values, seen=seen, figures=figures)


@blueprint.post("/agreement")
@requires(Permission.MANAGE)
def measure(slug: str) -> ResponseReturnValue:
    """Have all answers compared anew."""
    with database().begin() as session:
        job = team.request_agreement(
            session,
            catalogue_id=catalogues.get(session, slug=slug).id,
            requested_by=current_user().id,
            now=now(),
        )
    if job is not None:
        queue().send(job.id)
    if not wants_fragment():
        return redirect(url_for(".page", slug=slug), code=303)
    with database().read() as session:
        values = _agreement(session, slug)
    return fragment(TEMPLATE, "agreement", **values)


@blueprint.get("/gold")
@requires(Permission.REVIEW)
def question(slug: str) -> ResponseReturnValue:
    """Ask where a gold product belongs, without any hint."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        asked = gold.next_question(session, catalogue=catalogue, user_id=current_user().id)
        extent = choosable_categories.measure(session, catalogue=catalogue)
        choosable = list_if_few(session, catalogue, extent)
    return render_template(
        "team/gold.html", catalogue=catalogue, asked=asked, choosable=choosable, extent=extent
    )


@blueprint.post("/gold/<int:product_id>")
@requires(Permission.REVIEW)
def answer(slug: str, product_id: int) -> ResponseReturnValue:
    """Keep what a person says of a gold product, and ask the next one."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        gold.answer(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            category_id=read_category_id(session, catalogue),
            now=now(),
        )
    return redirect(url_for(".question", slug=slug), code=303)


@blueprint.post("/gold/<int:product_id>/mark")
@requires(Permission.MANAGE)
def mark(slug: str, product_id: int) -> ResponseReturnValue:
    """Vouch for the label of a product."""
    with database().begin() as session:
        gold.mark(
            session,
            catalogue=catalogues.get(session, slug=slug),
            product_id=product_id,
            user_id=current_user().id,
            now=now(),
        )
    flash(gettext("This product is gold now: who has not decided it is asked once."), "done")
    return redirect(url_for("product.show", slug=slug, product_id=product_id), code=303)


@blueprint.post("/gold/<int:product_id>/unmark")
@requires(Permission.MANAGE)
def unmark(slug: str, product_id: int) -> ResponseReturnValue:
    """Let a product be gold no more."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        gold.unmark(session, catalogue=catalogue, product_id=product_id)
    flash(gettext("This product is not gold any more; its label stays."), "done")
    return redirect(url_for("product.show", slug=slug, product_id=product_id), code=303)


def _look(session: Session, catalogue: Catalogue) -> team.TeamView:
    """Return what the person may see; but for admins, others' figures may be minutes old."""
    user, moment = current_user(), now()
    kept: dict[int, team.Everybody] = current_app.extensions.setdefault("shelfwise_team", {})
    everybody = None if user.may(Permission.MANAGE) else kept.get(catalogue.id)
    if everybody is None or moment - everybody.read_at > KEPT_FOR:
        everybody = team.read_everybody(session, catalogue=catalogue, now=moment)
        kept[catalogue.id] = everybody
    return team.look(session, catalogue=catalogue, user=user, now=moment, everybody=everybody)


def _agreement(session: Session, slug: str) -> dict[str, Any]:
    """Return what the part shows that asks again while the worker compares answers."""
    catalogue = catalogues.get(session, slug=slug)
    agreement = team.look_at_agreement(session, catalogue=catalogue, user=current_user())
    return {"catalogue": catalogue, "agreement": agreement, "wording": wording}
