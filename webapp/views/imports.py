"""Importing a file on pages: choose it, look at what it would become, follow the job."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import AppError, InvalidInputError, NotFoundError
from webapp.domain.import_columns import FIELDS
from webapp.domain.imports import ImportProblem
from webapp.domain.jobs import Job, JobKind
from webapp.domain.slugs import MAX_NAME_CHARS, slug_of
from webapp.domain.spreadsheets import safe_cell
from webapp.services import uploads
from webapp.storage import catalogues, imports, jobs
from webapp.storage import uploads as kept_uploads
from webapp.storage.database import Database
from webapp.storage.uploads import Upload
from webapp.views.context import (
    config,
    current_user,
    database,
    fragment,
    now,
    queue,
    requires,
    wants_fragment,
)
from webapp.views.imports_wording import field_names

blueprint = Blueprint("imports", __name__, url_prefix="/admin/import")
_SHOWN_PROBLEMS = 100


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.MANAGE)
def upload() -> ResponseReturnValue:
    """Ask for a file and the name of its catalogue; keep them until the import."""
    status = 200
    if request.method == "POST":
        try:
            kept = _keep()
        except AppError as error:
            _flash(error)
            status = 422
        else:
            return redirect(url_for(".preview", token=kept.token), code=303)
    with database().read() as session:
        names = [row.catalogue.name for row in catalogues.list_progress(session)]
    page = render_template(
        "imports/upload.html",
        names=names,
        name=request.values.get("catalogue", ""),
        max_name_chars=MAX_NAME_CHARS,
        max_mb=config().max_upload_mb,
    )
    return page, status


@blueprint.route("/<token>", methods=["GET", "POST"])
@requires(Permission.MANAGE)
def preview(token: str) -> ResponseReturnValue:
    """Show what the file would become, and what a mapping makes of it.

    A posted mapping ends up in the address, so that going back or loading again keeps it.
    """
    kept = kept_uploads.get(config().uploads_dir, token=token)
    chosen = {name: request.values[name] for name in (*FIELDS, "level") if name in request.values}
    address = f"{url_for('.preview', token=token)}?{urlencode(chosen)}"
    if wants_fragment():
        shown = fragment("imports/preview.html", "preview", **_preview_values(kept, _said()))
        response = make_response(shown)
        response.headers["HX-Replace-Url"] = address
        return response
    if request.method == "POST":
        return redirect(address, code=303)
    return render_template("imports/preview.html", **_preview_values(kept, _said()))


@blueprint.post("/<token>/start")
@requires(Permission.MANAGE)
def start(token: str) -> ResponseReturnValue:
    """Have a job import the file, and go to its page."""
    kept = kept_uploads.get(config().uploads_dir, token=token)
    try:
        with database().begin() as session:
            job = uploads.request_import(
                session,
                config(),
                upload=kept,
                said=_said(),
                level=request.form.get("level", 1, type=int),
                requested_by=current_user().id,
                now=now(),
            )
    except InvalidInputError as error:
        _flash(error)
        return render_template("imports/preview.html", **_preview_values(kept, _said())), 422
    queue().send(job.id)
    return redirect(url_for(".progress", job_id=job.id), code=303)


@blueprint.get("/jobs/<int:job_id>")
@requires(Permission.MANAGE)
def progress(job_id: int) -> ResponseReturnValue:
    """Show how far an import is, and in the end what it brought and what was wrong."""
    with database().read() as session:
        job = _import_job(jobs.get(session, job_id=job_id))
        values: dict[str, Any] = {"job": job, "run": None, "catalogue": None}
        values["most_shown"] = _SHOWN_PROBLEMS
        run = imports.find_by_job(session, job_id=job_id)
        if run is not None and job.is_over:
            values["run"] = run
            values["catalogue"] = catalogues.get_by_id(session, catalogue_id=run.catalogue_id)
            for name, is_rejected in (("rejected", True), ("image_problems", False)):
                values[name] = list(
                    imports.iterate_problems(
                        session, import_id=run.id, is_rejected=is_rejected, limit=_SHOWN_PROBLEMS
                    )
                )
    if not wants_fragment():
        return render_template("imports/progress.html", **values)
    return fragment("imports/progress.html", "progress", **values)


@blueprint.get("/jobs/<int:job_id>/problems.csv")
@requires(Permission.MANAGE)
def problems(job_id: int) -> ResponseReturnValue:
    """Send every rejected row and every image that could not be used as it is."""
    with database().read() as session:
        _import_job(jobs.get(session, job_id=job_id))
        run = imports.find_by_job(session, job_id=job_id)
    if run is None:
        raise NotFoundError("This import has not begun.")
    response = Response(_problem_lines(database(), run.id), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{job_id}-problems.csv"'
    return response


def _problem_lines(source: Database, import_id: int) -> Iterator[str]:
    """Yield the lines of the file with a transaction of their own, which outlives the view."""
    yield _csv_line(["kind", "line", "column", "value", "reason"])
    with source.read() as session:
        for kind, is_rejected in (("rejected row", True), ("image", False)):
            for problem in imports.iterate_problems(
                session, import_id=import_id, is_rejected=is_rejected
            ):
                yield _csv_line([kind, *_cells(problem)])


def _cells(problem: ImportProblem) -> list[str]:
    texts = (problem.column, problem.value, problem.reason)
    return [str(problem.line), *(safe_cell(text) for text in texts)]


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _keep() -> Upload:
    table, archive = request.files.get("file"), request.files.get("images")
    if table is None or not table.filename:
        raise InvalidInputError("Choose a CSV or JSON Lines file.")
    return uploads.keep(
        config(),
        table=table.stream,
        file_name=table.filename,
        catalogue_name=request.form.get("catalogue", ""),
        archive=archive.stream if archive is not None and archive.filename else None,
    )


def _said() -> dict[str, str | None]:
    """Return the mapping of the form; a field that it leaves open is left out on purpose."""
    return {name: request.values[name] or None for name in FIELDS if name in request.values}


def _preview_values(kept: Upload, said: dict[str, str | None]) -> dict[str, Any]:
    with database().read() as session:
        existing = catalogues.find(session, slug=slug_of(kept.catalogue_name))
    try:
        found = uploads.preview(config(), upload=kept, said=said)
    except InvalidInputError:  # the form was made for another file
        found = uploads.preview(config(), upload=kept, said={})
    return {
        "upload": kept,
        "preview": found,
        "existing": existing,
        "level": request.values.get("level", 1, type=int),
        "fields": field_names(),
        "is_problem": lambda row: isinstance(row, ImportProblem),
    }


def _import_job(job: Job) -> Job:
    if job.kind is not JobKind.IMPORT:
        raise NotFoundError("There is no such import.")
    return job


def _flash(error: AppError) -> None:
    flash(
        gettext(error.message, **error.values) if error.values else gettext(error.message), "error"
    )
