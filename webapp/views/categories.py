"""All categories of a catalogue as one file that browsers keep, for searching at each key."""

from __future__ import annotations

import gzip
import json

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue

from webapp.domain.accounts import Permission
from webapp.storage import catalogues, choosable_categories
from webapp.views.context import database, requires

blueprint = Blueprint("categories", __name__, url_prefix="/c/<slug>/categories")
_FOR_A_YEAR = "private, max-age=31536000, immutable"


@blueprint.get("/<version>.json")
@requires(Permission.REVIEW)
def listing(slug: str, version: str) -> ResponseReturnValue:
    """Answer with id and path of each; kept for long where the address names this very list."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        is_current = choosable_categories.measure(session, catalogue=catalogue).version == version
        paths = choosable_categories.list_paths(session, catalogue=catalogue)
    content = json.dumps({"categories": paths}, ensure_ascii=False, separators=(",", ":")).encode()
    is_zipped = request.accept_encodings.quality("gzip") > 0
    answer = make_response(gzip.compress(content, mtime=0) if is_zipped else content)
    answer.mimetype = "application/json"
    answer.headers["Vary"] = "Accept-Encoding"
    if is_zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = _FOR_A_YEAR if is_current else "no-store"
    return answer
