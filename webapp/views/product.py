"""One product: all that happened to it, and deciding it outside the queue."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from webapp.domain.accounts import Permission
from webapp.services import product_page, product_story
from webapp.storage import catalogues, choosable_categories, gold
from webapp.views import wording
from webapp.views.category_paths import list_if_few, read_category_id
from webapp.views.context import current_user, database, now, requires
from webapp.views.product_filters import read_filter, read_order, write_filter

blueprint = Blueprint("product", __name__)


@blueprint.get("/c/<slug>/products/<int:product_id>")
def show(slug: str, product_id: int) -> ResponseReturnValue:
    """Show one product, what is said of it, and all that happened to it."""
    asked = _asked_list(slug)
    previous_id = next_id = None
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        story = product_story.tell_story(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            now=now(),
        )
        extent = choosable_categories.measure(session, catalogue=catalogue)
        choosable = list_if_few(session, catalogue, extent)
        vouched = gold.find(session, product_id=product_id)
        if asked is not None:
            previous_id, next_id = product_story.find_beside(
                session,
                catalogue=catalogue,
                only=read_filter(asked),
                order=read_order(asked),
                product_id=product_id,
            )
    return render_template(
        "products/product.html",
        catalogue=catalogue,
        choosable=choosable,
        extent=extent,
        gold=vouched,
        story=story,
        product=story.product,
        paths=story.paths,
        list_query=_list_query(asked),
        previous_id=previous_id,
        next_id=next_id,
        wording=wording,
        idempotency_key=secrets.token_urlsafe(12),
    )


@blueprint.post("/c/<slug>/products/<int:product_id>/decide")
@requires(Permission.REVIEW)
def decide(slug: str, product_id: int) -> ResponseReturnValue:
    """Record the category that somebody chose for a product that she opened herself."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        category_id = read_category_id(session, catalogue)
        product_page.decide(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            category_id=category_id,
            idempotency_key=_idempotency_key(),
            now=now(),
        )
    flash(gettext("Your decision is recorded."), "done")
    return _back(slug, product_id)


@blueprint.post("/c/<slug>/products/<int:product_id>/flag")
@requires(Permission.REVIEW)
def flag(slug: str, product_id: int) -> ResponseReturnValue:
    """Take a product out of the queue, with a note that says why."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        product_page.flag(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            note=request.form.get("note", ""),
            idempotency_key=_idempotency_key(),
            now=now(),
        )
    flash(gettext("The product is flagged and no longer asked."), "done")
    return _back(slug, product_id)


@blueprint.post("/c/<slug>/products/<int:product_id>/restore/<int:annotation_id>")
@requires(Permission.REVIEW)
def restore(slug: str, product_id: int, annotation_id: int) -> ResponseReturnValue:
    """Let an earlier decision hold again."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        product_page.restore(
            session,
            catalogue=catalogue,
            product_id=product_id,
            annotation_id=annotation_id,
            user_id=current_user().id,
            idempotency_key=_idempotency_key(),
            now=now(),
        )
    flash(gettext("The earlier decision holds again."), "done")
    return _back(slug, product_id)


@blueprint.post("/c/<slug>/products/<int:product_id>/put-back")
@requires(Permission.REVIEW)
def put_back(slug: str, product_id: int) -> ResponseReturnValue:
    """Put a flagged product back in the queue."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        product_page.put_back(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            idempotency_key=_idempotency_key(),
            now=now(),
        )
    flash(gettext("The product is asked again."), "done")
    return _back(slug, product_id)


def _idempotency_key() -> str:
    """Return the key of the form, so that a form that is sent twice counts once."""
    return request.form.get("idempotency_key", "")[:100] or secrets.token_urlsafe(12)


def _back(slug: str, product_id: int) -> ResponseReturnValue:
    """Return to the page of the product, which still knows its list."""
    query = urlencode(_list_query(request.args or None))
    address = url_for(".show", slug=slug, product_id=product_id)
    return redirect(f"{address}?{query}" if query else address, code=303)


def _asked_list(slug: str) -> MultiDict[str, str] | None:
    """Return what the list asks for that somebody walks along; None for a single product.

    The address says it, or else the list from which somebody comes.
    """
    if request.args:
        return request.args
    came_from = urlsplit(request.referrer or "")
    is_list = came_from.netloc == request.host and came_from.path == url_for(
        "products.page", slug=slug
    )
    return MultiDict(parse_qsl(came_from.query)) if is_list else None


def _list_query(asked: MultiDict[str, str] | None) -> dict[str, str]:
    """Return a list as it stands in the address of its products, and of itself."""
    if asked is None:
        return {}
    as_table = {"view": "table"} if asked.get("view") == "table" else {}
    return {**write_filter(read_filter(asked)), "sort": read_order(asked).value, **as_table}
