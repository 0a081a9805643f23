"""A person's last decisions, and taking one of them back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.services import bulk, recent_acts
from webapp.storage import catalogues
from webapp.views.context import (
    config,
    current_user,
    database,
    fragment,
    now,
    requires,
    stored_number,
    wants_fragment,
)
from webapp.views.review_answers import answer, count_today

blueprint = Blueprint("recent_acts", __name__, url_prefix="/c/<slug>/review")
TEMPLATE = "review/recent.html"


@blueprint.get("/recent")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """List the person's last decisions, each with a button that takes it back."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        acts = recent_acts.list_recent(session, catalogue=catalogue, user_id=current_user().id)
    values = {"catalogue": catalogue, "acts": acts}
    if wants_fragment():
        return fragment(TEMPLATE, "recent", **values)
    return render_template(TEMPLATE, **values)


@blueprint.post("/undo")
@requires(Permission.REVIEW)
def undo(slug: str) -> ResponseReturnValue:
    """Take a decision back and answer with its card: the one that is named, else the last one."""
    bulk_act_id = request.form.get("bulk_act_id", type=stored_number)
    if bulk_act_id is not None:
        return _undo_many(slug, bulk_act_id)
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        card = recent_acts.undo(
            session,
            catalogue=catalogue,
            user_id=current_user().id,
            now=now(),
            idempotency_key=request.form.get("idempotency_key", ""),
            lease_s=config().lease_s,
            annotation_id=request.form.get("annotation_id", type=stored_number),
        )
        today = count_today(session, catalogue)
    return answer(catalogue, [card], today, first_id=card.product.id)


def _undo_many(slug: str, bulk_act_id: int) -> ResponseReturnValue:
    """Take back an act on many products; they wait in the queue again, none on this desk."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        bulk.undo(
            session,
            catalogue=catalogue,
            bulk_act_id=bulk_act_id,
            user_id=current_user().id,
            may_undo_others=False,
            idempotency_key=request.form.get("idempotency_key", ""),
            now=now(),
        )
        today = count_today(session, catalogue)
    return answer(catalogue, [], today)
