"""The first page: every catalogue and how far it is."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.storage import catalogues
from webapp.views.context import database

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """List the catalogues."""
    with database().read() as session:
        progress = catalogues.list_progress(session)
    return render_template("catalogue/index.html", catalogues=progress)
