"""The products page: search, filter, and what is done with what was found."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import ProductState
from webapp.services import products
from webapp.storage import catalogues
from webapp.views import wording
from webapp.views.context import database, fragment, stored_number, wants_fragment

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


def _number(name: str) -> int | None:
    """Return an id of the address, or None; one that no database can hold is none."""
    number = request.args.get(name, type=stored_number)
    return number if number is not None and number > 0 else None


def _choice(kind: type[_Choice], name: str) -> _Choice | None:
    """Return one of a list of words of the address, or None where it is another."""
    found = request.args.get(name, "")
    return kind(found) if found in {choice.value for choice in kind} else None
