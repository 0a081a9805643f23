"""The export page, its downloads and their manifests."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import InvalidInputError
from webapp.domain.export import COLUMNS, ExportRequest, Format, read_moment, write_time
from webapp.services import export
from webapp.storage import catalogues, users
from webapp.views.context import database, now, requires

blueprint = Blueprint("export", __name__)


@blueprint.get("/c/<slug>/export")
@requires(Permission.EXPORT)
def page(slug: str) -> ResponseReturnValue:
    """Ask what to export; say what the columns mean and who is behind a number."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        people = users.list_all(session)
    return render_template(
        "export/page.html",
        catalogue=catalogue,
        formats=Format,
        moment=now().replace(microsecond=0, tzinfo=None),
        columns=[(column.name, gettext(column.meaning)) for column in COLUMNS],
        people=people,
    )


@blueprint.get("/c/<slug>/export/data")
@requires(Permission.EXPORT)
def data(slug: str) -> ResponseReturnValue:
    """Stream the rows; whatever is refused is refused before the first byte."""
    asked = _read_request(slug)
    if not request.args.get("as_of", "").strip():
        return redirect(_address(".data", asked), code=303)  # the address tells the moment
    chunks = export.stream(database(), asked)
    response = Response((chunk.content for chunk in chunks), mimetype=asked.format.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{asked.file_name}"'
    return response


@blueprint.get("/c/<slug>/export/manifest")
@requires(Permission.EXPORT)
def manifest(slug: str) -> ResponseReturnValue:
    """Answer with the manifest of the same bytes that the data of this moment have."""
    asked = _read_request(slug)
    if not request.args.get("as_of", "").strip():
        return redirect(_address(".manifest", asked), code=303)
    response = jsonify(export.describe(database(), asked))
    name = f"{asked.file_name}.manifest.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _read_request(slug: str) -> ExportRequest:
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
    try:
        chosen = Format(request.args.get("format", Format.CSV))
    except ValueError as error:
        raise InvalidInputError(
            "There is no format %(name)s; csv, csv-excel and jsonl can be written.",
            name=request.args["format"],
        ) from error
    return ExportRequest(
        catalogue=catalogue,
        format=chosen,
        as_of=read_moment(request.args.get("as_of", ""), now=now()),
        is_labelled_only="labelled_only" in request.args,
    )


def _address(endpoint: str, asked: ExportRequest) -> str:
    return url_for(
        endpoint,
        slug=asked.catalogue.slug,
        format=asked.format.value,
        as_of=write_time(asked.as_of),
        labelled_only=1 if asked.is_labelled_only else None,
    )
