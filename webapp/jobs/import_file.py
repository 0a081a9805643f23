"""Imports an uploaded file; run again after it was cut short, it goes on as the same import."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from webapp.domain.imports import ImportReport
from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.services import catalogue, uploads
from webapp.storage import archives
from webapp.storage.uploads import archive_path, get, images_path, remove, table_path


def run(context: JobContext) -> dict[str, Any]:
    """Unpack the images, import the rows, forget the upload."""
    job, uploads_dir = context.job, context.config.uploads_dir
    finished = catalogue.find_finished(context.database, job_id=job.id)
    if finished is None:
        finished = _import(context)
    remove(uploads_dir, token=job.arguments["upload"])
    if finished.refresh_job_id is not None:
        context.send(finished.refresh_job_id)
    return {"catalogue": finished.catalogue, **asdict(finished.counts)}


def _import(context: JobContext) -> ImportReport:
    job, uploads_dir = context.job, context.config.uploads_dir
    upload = get(uploads_dir, token=job.arguments["upload"])
    images_dir = None
    if upload.n_archived is not None:
        images_dir = images_path(uploads_dir, upload.token)
        if not images_dir.is_dir():
            context.report("unpack", 0, upload.n_archived)
            limits = uploads.limits_of(context.config)
            archives.unpack(archive_path(uploads_dir, upload.token), images_dir, limits)
    return catalogue.import_file(
        context.database,
        context.config,
        path=table_path(uploads_dir, upload.token),
        file_name=upload.file_name,
        name=job.arguments["name"],
        level=job.arguments["level"],
        mapping=job.arguments["mapping"],
        images_dir=images_dir,
        requested_by=job.requested_by,
        job_id=job.id,
        now=utc_now(),
        on_progress=lambda done, total: context.report("import", done, total),
    )
