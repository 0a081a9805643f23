"""Why a card suggests what it suggests: words that are marked, and the region of a photo."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Blueprint
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.domain.accounts import Permission
from webapp.services import explanations
from webapp.services.explanations import AskedRegion
from webapp.storage import catalogues
from webapp.views.context import current_user, database, now, queue, requires

blueprint = Blueprint("evidence", __name__)
_WORDS = re.compile(r"(\w+)")


@blueprint.get("/c/<slug>/review/<int:product_id>/region")
@requires(Permission.REVIEW)
def show_region(slug: str, product_id: int) -> ResponseReturnValue:
    """Tell what the image network goes by on a product's photo, or whether that is on its way."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        asked = explanations.find_region(session, catalogue=catalogue, product_id=product_id)
    return _region_answer(asked)


@blueprint.post("/c/<slug>/review/<int:product_id>/region")
@requires(Permission.REVIEW)
def ask_region(slug: str, product_id: int) -> ResponseReturnValue:
    """Tell the same, and have a worker find it out where nobody has."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        asked = explanations.request_region(
            session,
            catalogue=catalogue,
            product_id=product_id,
            requested_by=current_user().id,
            now=now(),
        )
    if asked.new_job_id is not None:
        queue().send(asked.new_job_id)
    return _region_answer(asked)


def _region_answer(asked: AskedRegion) -> ResponseReturnValue:
    region = asked.region
    if region is None:
        return {"is_coming": asked.is_coming}, 202 if asked.is_coming else 200
    return {"is_coming": False, "photo": region.image_sha256, "rows": region.rows}


@blueprint.app_template_filter("marked")
def marked(text: str, words: Sequence[str]) -> Markup:
    """Return a text in which each of those words stands in a ``mark``, all else escaped.

    >>> marked("A <b>dial</b>", ["dial"])
    Markup('A &lt;b&gt;<mark>dial</mark>&lt;/b&gt;')
    """
    if not words:
        return Markup.escape(text)
    wanted = frozenset(words)
    found = Markup()
    plain: list[str] = []
    for at, piece in enumerate(_WORDS.split(text)):
        if at % 2 and piece.lower() in wanted:
            found += "".join(plain)  # escaped: Markup takes nothing else in as it is
            found += Markup("<mark>{}</mark>").format(piece)
            plain = []
        else:
            plain.append(piece)
    return found + "".join(plain)
