"""Images of products, by the hash of their content: the address of one never changes."""

from __future__ import annotations

import re

from flask import Blueprint, Response, send_file

from webapp.domain.errors import NotFoundError
from webapp.storage import catalogues, images, products
from webapp.views.context import config, database

blueprint = Blueprint("images", __name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/c/<slug>/images/<sha256>/<any(display, thumb):rendition>")
def show(slug: str, sha256: str, rendition: str) -> Response:
    """Send a rendition of an image that belongs to a product of the catalogue."""
    if not _SHA256.fullmatch(sha256):
        raise NotFoundError("There is no such image.")
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        is_ours = products.has_image(session, catalogue_id=catalogue.id, sha256=sha256)
    path = images.rendition_path(
        config().images_dir, sha256=sha256, rendition=images.Rendition(rendition)
    )
    if not is_ours or not path.is_file():
        raise NotFoundError("There is no such image.")
    response = send_file(
        path, mimetype="image/jpeg", conditional=True, etag=f"{sha256}-{rendition}"
    )
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
