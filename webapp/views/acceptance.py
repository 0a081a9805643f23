"""Auto-accept: how right it has to be, what that allows, how audits went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.acceptance import CONFIDENCES, N_AUDITS, TARGETS
from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.services import acceptance
from webapp.storage import catalogues
from webapp.storage.database import Session
from webapp.views import acceptance_wording as wording
from webapp.views.context import (
    current_user,
    database,
    fragment,
    now,
    queue,
    requires,
    wants_fragment,
)

blueprint = Blueprint("acceptance", __name__, url_prefix="/c/<slug>/acceptance")
TEMPLATE = "acceptance/page.html"
OFF = "off"


@blueprint.get("")
@requires(Permission.MANAGE)
def page(slug: str) -> ResponseReturnValue:
    """Show what is accepted and why; htmx gets the rules alone, while they are worked out."""
    with database().read() as session:
        values = _values(session, catalogues.get(session, slug=slug))
    if wants_fragment():
        return fragment(TEMPLATE, "rules", **values)
    return render_template(TEMPLATE, **values)


@blueprint.post("")
@requires(Permission.MANAGE)
def save(slug: str) -> ResponseReturnValue:
    """Store how right accepted products have to be, and have that worked out."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        job = acceptance.choose(
            session,
            catalogue=catalogue,
            target=None if request.form.get("target") == OFF else _share("target"),
            confidence=_share("confidence"),
            is_per_category="per_category" in request.form,
            requested_by=current_user().id,
            now=now(),
        )
    if job is not None:
        queue().send(job.id)
    flash(gettext("Saved. What it allows is worked out in the background."), "done")
    return redirect(url_for(".page", slug=slug), code=303)


def _share(name: str) -> float:
    value = request.form.get(name, type=float)
    if value is None:
        raise InvalidInputError("Choose how right accepted products have to be, and how sure.")
    return value


def _values(session: Session, catalogue: Catalogue) -> dict[str, Any]:
    categories = catalogues.list_categories(
        session, catalogue_id=catalogue.id, level=catalogue.decision_level
    )
    return {
        "catalogue": catalogue,
        "settings": catalogue.settings,
        "found": acceptance.look(session, catalogue=catalogue),
        "paths": {category.id: category.path for category in categories},
        "targets": sorted({*TARGETS, catalogue.settings.accept_target or TARGETS[0]}),
        "confidences": sorted({*CONFIDENCES, catalogue.settings.accept_confidence}),
        "n_audits": N_AUDITS,
        "wording": wording,
    }
