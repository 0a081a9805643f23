"""Groups of look-alikes, side by side; each can be decided in one act."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.services import look_alike_groups
from webapp.storage import catalogues, choosable_categories
from webapp.views import bulk, wording
from webapp.views.category_paths import paths_of
from webapp.views.context import database, fragment, stored_number, wants_fragment

blueprint = Blueprint("groups", __name__)
TEMPLATE = "groups/page.html"


@blueprint.get("/c/<slug>/groups")
def page(slug: str) -> ResponseReturnValue:
    """Show groups of near-duplicates, those with different labels first."""
    mixed_only = request.args.get("mixed") == "1"
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        categories = choosable_categories.list_all(session, catalogue=catalogue)
        found = look_alike_groups.look(
            session,
            catalogue=catalogue,
            mixed_only=mixed_only,
            page=request.args.get("page", 1, type=stored_number),
        )
        values = bulk.bar_values(session, catalogue)
        paths = paths_of(
            session,
            categories,
            named=[
                *(member.label_id for group in found.groups for member in group.members),
                values["story"].act.category_id if values["story"] else None,
            ],
        )
    values |= {
        "catalogue": catalogue,
        "categories": categories,
        "paths": paths,
        "found": found,
        "mixed_only": mixed_only,
        "wording": wording,
    }
    if not wants_fragment():
        return render_template(TEMPLATE, **values)
    response = make_response(fragment(TEMPLATE, "results", **values))
    response.headers["HX-Push-Url"] = request.full_path
    return response
