"""Suspects: products whose recorded category looks wrong, to be corrected or kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.domain.errors import InvalidInputError
from webapp.domain.suspects import Recorder
from webapp.services import review, suspects
from webapp.storage import catalogues
from webapp.storage.database import Session
from webapp.views import suspects_wording as wording
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

blueprint = Blueprint("suspects", __name__, url_prefix="/c/<slug>/suspects")
TEMPLATE = "suspects/page.html"
TAKE, KEEP = "take", "keep"


@blueprint.get("")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """Show a page of the list."""
    with database().read() as session:
        values = _values(session, slug)
    return render_template(TEMPLATE, **values)


@blueprint.post("/<int:product_id>/decide")
@requires(Permission.REVIEW)
def decide(slug: str, product_id: int) -> ResponseReturnValue:
    """Take the proposal or keep what is recorded, and answer with the list as it is then."""
    answer = request.form.get("answer", "")
    if answer not in {TAKE, KEEP}:
        raise InvalidInputError("Take the proposal, or keep the recorded category.")
    with database().begin() as session:
        suspects.decide(
            session,
            catalogue=catalogues.get(session, slug=slug),
            product_id=product_id,
            user_id=current_user().id,
            round_id=request.form.get("round", 0, type=stored_number),
            seen_annotation_id=request.form.get("seen", 0, type=stored_number),
            is_taken=answer == TAKE,
            idempotency_key=request.form.get("idempotency_key", ""),
            took_ms=request.form.get("took_ms", type=int),
            now=now(),
        )
    return _list_or_page(slug)


@blueprint.post("/undo")
@requires(Permission.REVIEW)
def undo(slug: str) -> ResponseReturnValue:
    """Take the last decision back; the product is among the suspects again."""
    with database().begin() as session:
        review.undo(
            session,
            catalogue=catalogues.get(session, slug=slug),
            user_id=current_user().id,
            now=now(),
            idempotency_key=request.form.get("idempotency_key", ""),
            lease_s=config().lease_s,
            annotation_id=request.form.get("annotation", 0, type=stored_number),
        )
    return _list_or_page(slug)


def _list_or_page(slug: str) -> ResponseReturnValue:
    if not wants_fragment():
        page_number = request.values.get("page", type=int)
        address = url_for(".page", slug=slug, recorder=_recorder(), page=page_number)
        return redirect(address, code=303)
    with database().read() as session:
        values = _values(session, slug)
    return fragment(TEMPLATE, "suspects", **values)


def _values(session: Session, slug: str) -> dict[str, Any]:
    catalogue = catalogues.get(session, slug=slug)
    recorder = _recorder()
    return {
        "catalogue": catalogue,
        "found": suspects.look(
            session,
            catalogue=catalogue,
            user_id=current_user().id,
            recorder=recorder,
            page=request.values.get("page", 1, type=int),
        ),
        "recorder": recorder,
        "recorders": list(Recorder),
        "wording": wording,
    }


def _recorder() -> Recorder | None:
    """Return whose records are asked for, or None for everybody's."""
    word = request.values.get("recorder", "")
    return Recorder(word) if word in {each.value for each in Recorder} else None
