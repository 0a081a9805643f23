"""One product: all that happened to it, and deciding it outside the queue."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import InvalidInputError
from webapp.services import product_page
from webapp.storage import catalogues
from webapp.views import wording
from webapp.views.context import current_user, database, now, requires, stored_number

blueprint = Blueprint("product", __name__)


@blueprint.get("/c/<slug>/products/<int:product_id>")
def show(slug: str, product_id: int) -> ResponseReturnValue:
    """Show one product, what is said of it, and all that happened to it."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        categories = catalogues.list_categories(
            session, catalogue_id=catalogue.id, level=catalogue.decision_level
        )
        story = product_page.tell_story(session, catalogue=catalogue, product_id=product_id)
    return render_template(
        "products/product.html",
        catalogue=catalogue,
        categories=categories,
        paths={category.id: category.path for category in categories},
        story=story,
        product=story.product,
        list_address=_list_address(slug),
        wording=wording,
        idempotency_key=secrets.token_urlsafe(12),
    )


@blueprint.post("/c/<slug>/products/<int:product_id>/decide")
@requires(Permission.REVIEW)
def decide(slug: str, product_id: int) -> ResponseReturnValue:
    """Record the category that somebody chose for a product that she opened herself."""
    category_id = request.form.get("category", type=stored_number)
    if category_id is None:
        raise InvalidInputError("Choose a category first.")
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
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
    return redirect(url_for(".show", slug=slug, product_id=product_id), code=303)


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
    return redirect(url_for(".show", slug=slug, product_id=product_id), code=303)


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
    return redirect(url_for(".show", slug=slug, product_id=product_id), code=303)


def _idempotency_key() -> str:
    """Return the key of the form, so that a form that is sent twice counts once."""
    return request.form.get("idempotency_key", "")[:100] or secrets.token_urlsafe(12)


def _list_address(slug: str) -> str:
    """Return the list that somebody comes from, with its filters, or the whole list."""
    whole = url_for("products.page", slug=slug)
    came_from = urlsplit(request.referrer or "")
    is_list = came_from.netloc == request.host and came_from.path == whole
    return f"{whole}?{came_from.query}" if is_list and came_from.query else whole
