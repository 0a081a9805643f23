"""Auto-accept: what a certified rule may decide by itself."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.storage import catalogues
from webapp.views.context import database, requires

blueprint = Blueprint("acceptance", __name__, url_prefix="/c/<slug>/acceptance")


@blueprint.get("")
@requires(Permission.MANAGE)
def page(slug: str) -> ResponseReturnValue:
    """Show the page."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
    return render_template("acceptance/page.html", catalogue=catalogue)
