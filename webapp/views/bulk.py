"""Acts on many products at once: from the list of products or a group of look-alikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from webapp.domain.accounts import Permission
from webapp.domain.bulk import MAX_AT_ONCE
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import NotFoundError
from webapp.services import bulk
from webapp.storage import bulk as bulk_acts
from webapp.storage import catalogues, choosable_categories
from webapp.storage.database import Session
from webapp.views import bulk_wording
from webapp.views.category_paths import read_category_id
from webapp.views.context import current_user, database, now, requires, stored_number
from webapp.views.product_filters import read_filter

blueprint = Blueprint("bulk", __name__, url_prefix="/c/<slug>/bulk")
_PAGES = {"products": "products.page", "groups": "groups.page"}
_MAX_LIST_LENGTH = 2000  # of the query of a list


@blueprint.post("/decide")
@requires(Permission.REVIEW)
def decide(slug: str) -> ResponseReturnValue:
    """File or flag what is selected, or all that matches, and go back to the list."""
    chosen = _chosen()
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        act = bulk.decide(
            session,
            catalogue=catalogue,
            user_id=current_user().id,
            category_id=_category_id(session, catalogue),
            note=request.form.get("note", ""),
            chosen=chosen,
            seen_id=request.form.get("seen", 0, type=stored_number),
            idempotency_key=request.form.get("idempotency_key", ""),
            now=now(),
        )
    return _back(slug, act.id)


@blueprint.post("/<int:act_id>/undo")
@requires(Permission.REVIEW)
def undo(slug: str, act_id: int) -> ResponseReturnValue:
    """Take a whole act back and go back to the list."""
    with database().begin() as session:
        bulk.undo(
            session,
            catalogue=catalogues.get(session, slug=slug),
            bulk_act_id=act_id,
            user_id=current_user().id,
            may_undo_others=current_user().may(Permission.MANAGE),
            idempotency_key=request.form.get("idempotency_key", ""),
            now=now(),
        )
    return _back(slug, act_id)


def bar_values(session: Session, catalogue: Catalogue) -> dict[str, Any]:
    """Return what a page shows of acts on many products: its bar, and the act that led to it."""
    return {
        "seen_id": bulk_acts.find_newest_annotation_id(session),
        "max_at_once": MAX_AT_ONCE,
        "extent": choosable_categories.measure(session, catalogue=catalogue),
        "story": _find_story(session, catalogue),
        "list_query": urlencode([pair for pair in request.args.items() if pair[0] != "act"]),
        "bulk_wording": bulk_wording,
    }


def _find_story(session: Session, catalogue: Catalogue) -> bulk.BulkStory | None:
    """Return the act that the address names; where several decide, nobody sees those of others."""
    act_id = request.args.get("act", type=stored_number)
    if act_id is None or not current_user().may(Permission.REVIEW):
        return None
    try:
        story = bulk.tell(session, catalogue=catalogue, bulk_act_id=act_id)
    except NotFoundError:  # an old address
        return None
    is_told = catalogue.settings.people_per_product == 1 or current_user().may(Permission.MANAGE)
    return story if is_told or story.act.user_id == current_user().id else None


def _chosen() -> Sequence[int] | bulk.Query:
    if request.form.get("all") == "1":
        return bulk.Query(
            only=read_filter(_list()),
            n_expected=request.form.get("expected", 0, type=stored_number),
        )
    return request.form.getlist("product", type=stored_number)


def _category_id(session: Session, catalogue: Catalogue) -> int | None:
    """Return the category that was chosen by its id or typed as a path; None flags."""
    if request.form.get("act") == "flag":
        return None
    return read_category_id(session, catalogue)


def _list() -> MultiDict[str, str]:
    """Return the query of the list from which the form came."""
    return MultiDict(parse_qsl(request.form.get("list", "")[:_MAX_LIST_LENGTH]))


def _back(slug: str, act_id: int) -> ResponseReturnValue:
    endpoint = _PAGES.get(request.form.get("from", ""), "products.page")
    query = [pair for pair in _list().items() if pair[0] != "act"]
    address = url_for(endpoint, slug=slug)
    return redirect(f"{address}?{urlencode([*query, ('act', act_id)])}", code=303)
