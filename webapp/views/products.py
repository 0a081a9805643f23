"""The products page: search, filter, and what is done with what was found."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from webapp.domain.product_search import ProductOrder
from webapp.domain.review import AskedBecause, ProductState
from webapp.services import products
from webapp.storage import catalogues, choosable_categories
from webapp.views import bulk, wording
from webapp.views.category_paths import paths_of
from webapp.views.context import database, fragment, wants_fragment
from webapp.views.product_chips import chips_of
from webapp.views.product_filters import read_filter, read_order, read_product_id, write_filter

blueprint = Blueprint("products", __name__)
_KEPT = ("after", "before", "act")  # of the address, after an act on many products


@blueprint.get("/c/<slug>/products")
def page(slug: str) -> ResponseReturnValue:
    """List the products that match, or only the results when htmx asks."""
    only = read_filter(request.args)
    order = read_order(request.args)
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        categories = choosable_categories.list_all(session, catalogue=catalogue)
        found = products.search(
            session,
            catalogue=catalogue,
            only=only,
            order=order,
            after=read_product_id(request.args, "after"),
            before=read_product_id(request.args, "before"),
        )
        choices = products.list_choices(session, catalogue=catalogue)
        bar = bulk.bar_values(session, catalogue)
        paths = paths_of(
            session,
            categories,
            named=[
                *(row.label_id for row in found.page.rows),
                *(only.label_id, only.predicted_id, only.source_id),
                bar["story"].act.category_id if bar["story"] else None,
            ],
        )
    asked = write_filter(only)
    if order is not read_order(MultiDict(asked)):
        asked["sort"] = order.value
    is_table = request.args.get("view") == "table"
    if is_table:
        asked["view"] = "table"
    names = {each.id: each.name for each in choices.people}
    values = bar | {
        "catalogue": catalogue,
        "categories": categories,
        "paths": paths,
        "is_table": is_table,
        "chips": chips_of(only, asked, slug=slug, paths=paths, people=names),
        "found": found,
        "only": only,
        "asked": asked,
        "states": list(ProductState),
        "orders": list(ProductOrder),
        "people": choices.people,
        "round_numbers": choices.round_numbers,
        "reasons": list(AskedBecause),
        "wording": wording,
    }
    if not wants_fragment():
        return render_template("products/page.html", **values)
    response = make_response(fragment("products/page.html", "results", **values))
    kept = {name: request.args[name] for name in _KEPT if name in request.args}
    query = f"?{urlencode(asked | kept)}" if asked or kept else ""
    response.headers["HX-Push-Url"] = f"{request.path}{query}"  # without the empty filters
    return response
