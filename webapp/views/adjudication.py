"""Adjudication: products that people have decided differently, judged one after the other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.services import adjudication, review
from webapp.storage import catalogues, choosable_categories
from webapp.storage.database import Session
from webapp.views.category_paths import read_typed_id
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

blueprint = Blueprint("adjudication", __name__, url_prefix="/c/<slug>/adjudication")
TEMPLATE = "adjudication/page.html"
FLAG = "flag"


@blueprint.get("")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """Show the disputes and one of them; ``?product=`` says which."""
    with database().read() as session:
        values = _values(session, slug, request.args.get("product", type=stored_number))
    return render_template(TEMPLATE, **values)


@blueprint.post("/<int:product_id>/decide")
@requires(Permission.REVIEW)
def decide(slug: str, product_id: int) -> ResponseReturnValue:
    """Record what the reader judges and answer with the next dispute."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        adjudication.judge(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user=current_user(),
            category_id=_chosen(session, catalogue),
            note=request.form.get("note", ""),
            idempotency_key=request.form.get("idempotency_key", ""),
            took_ms=request.form.get("took_ms", type=int),
            now=now(),
        )
    return _desk_or_page(slug)


@blueprint.post("/undo")
@requires(Permission.REVIEW)
def undo(slug: str) -> ResponseReturnValue:
    """Take the last judgement back; the product is disputed again."""
    with database().begin() as session:
        card = review.undo(
            session,
            catalogue=catalogues.get(session, slug=slug),
            user_id=current_user().id,
            now=now(),
            idempotency_key=request.form.get("idempotency_key", ""),
            lease_s=config().lease_s,
            annotation_id=request.form.get("annotation", 0, type=stored_number),
        )
    return _desk_or_page(slug, card.product.id)


def _chosen(session: Session, catalogue: Catalogue) -> int | None:
    """Return the category of the pressed button, or the one that was typed; None flags."""
    answer = request.form.get("answer", "")
    if answer == FLAG:
        return None
    category_id = request.form.get("answer", type=stored_number)
    if category_id is None and not answer:
        category_id = read_typed_id(session, catalogue)
    if category_id is None:
        raise InvalidInputError("Choose one of the answers, or another category.")
    return category_id


def _desk_or_page(slug: str, product_id: int | None = None) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(url_for(".page", slug=slug, product=product_id), code=303)
    with database().read() as session:
        values = _values(session, slug, product_id)
    return fragment(TEMPLATE, "answer", **values)


def _values(session: Session, slug: str, product_id: int | None) -> dict[str, Any]:
    catalogue = catalogues.get(session, slug=slug)
    return {
        "catalogue": catalogue,
        "desk": adjudication.look(
            session, catalogue=catalogue, user=current_user(), product_id=product_id
        ),
        "extent": choosable_categories.measure(session, catalogue=catalogue),
        "flag": FLAG,
    }
