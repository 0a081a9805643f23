"""Suspects: products whose recorded category looks wrong."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.storage import catalogues
from webapp.views.context import database, requires

blueprint = Blueprint("suspects", __name__, url_prefix="/c/<slug>/suspects")


@blueprint.get("")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """Show the page."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
    return render_template("suspects/page.html", catalogue=catalogue)
