"""Settings of a catalogue: what is asked first, when to retrain, which baselines."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.storage import catalogues
from webapp.views.context import database, requires

blueprint = Blueprint("settings", __name__, url_prefix="/c/<slug>/settings")


@blueprint.get("")
@requires(Permission.MANAGE)
def page(slug: str) -> ResponseReturnValue:
    """Show the page."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
    return render_template("settings/page.html", catalogue=catalogue)
