"""Products outside the queue: search, filter, and the whole story of one."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import InvalidInputError
from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import ProductState
from webapp.services import products
from webapp.storage import catalogues
from webapp.views import wording
from webapp.views.context import (
    current_user,
    database,
    fragment,
    now,
    requires,
    stored_number,
    wants_fragment,
)

blueprint = Blueprint("products", __name__)
_Choice = TypeVar("_Choice", bound=StrEnum)


@blueprint.get("/c/<slug>/products")
def page(slug: str) -> ResponseReturnValue:
    """List the products that match, or only the results when htmx asks."""
    only = ProductFilter(
        words=request.args.get("q", "").strip()[:200],
        state=_choice(ProductState, "state"),
        label_id=_number("label") or _number("category"),
        source_id=_number("source"),
        predicted_id=_number("predicted"),
    )
    order = _choice(ProductOrder, "sort") or ProductOrder.IMPORTED
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        categories = catalogues.list_categories(
            session, catalogue_id=catalogue.id, level=catalogue.decision_level
        )
        found = products.search(
            session,
            catalogue=catalogue,
            only=only,
            order=order,
            after=_number("after"),
            before=_number("before"),
        )
    values_asked = {
        "q": only.words,
        "state": only.state,
        "label": only.label_id,
        "source": only.source_id,
        "predicted": only.predicted_id,
        "sort": None if order is ProductOrder.IMPORTED else order,
    }
    asked = {name: str(value) for name, value in values_asked.items() if value}
    values = {
        "catalogue": catalogue,
        "categories": categories,
        "paths": {category.id: category.path for category in categories},
        "found": found,
        "only": only,
        "order": order,
        "asked": asked,
        "states": list(ProductState),
        "orders": list(ProductOrder),
        "wording": wording,
    }
    if not wants_fragment():
        return render_template("products/page.html", **values)
    response = make_response(fragment("products/page.html", "results", **values))
    query = f"?{urlencode(asked)}" if asked else ""
    response.headers["HX-Push-Url"] = f"{request.path}{query}"  # without the empty filters
    return response


@blueprint.get("/c/<slug>/products/<int:product_id>")
def show(slug: str, product_id: int) -> ResponseReturnValue:
    """Show one product, what is said of it, and all that happened to it."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        categories = catalogues.list_categories(
            session, catalogue_id=catalogue.id, level=catalogue.decision_level
        )
        story = products.tell_story(session, catalogue=catalogue, product_id=product_id)
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
        products.decide(
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
        products.flag(
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
        products.put_back(
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
    whole = url_for(".page", slug=slug)
    came_from = urlsplit(request.referrer or "")
    is_list = came_from.netloc == request.host and came_from.path == whole
    return f"{whole}?{came_from.query}" if is_list and came_from.query else whole


def _number(name: str) -> int | None:
    """Return an id of the address, or None; one that no database can hold is none."""
    number = request.args.get(name, type=stored_number)
    return number if number is not None and number > 0 else None


def _choice(kind: type[_Choice], name: str) -> _Choice | None:
    """Return one of a list of words of the address, or None where it is another."""
    found = request.args.get(name, "")
    return kind(found) if found in {choice.value for choice in kind} else None
