"""Uploading a file of products on a page, looking at it, and having a job import it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import IO

from webapp.config import Config
from webapp.domain.category_paths import MAX_LEVELS
from webapp.domain.errors import InvalidInputError
from webapp.domain.import_columns import choose
from webapp.domain.import_files import read_table
from webapp.domain.import_preview import Preview, make_preview
from webapp.domain.jobs import Job, JobKind
from webapp.domain.slugs import slug_of
from webapp.storage import archives, catalogues, jobs, uploads
from webapp.storage.archives import ArchiveLimits
from webapp.storage.database import Session
from webapp.storage.uploads import Upload

_MAX_ARCHIVED_FILES = 200_000
_MAX_FILE_NAME_CHARS = 120


def limits_of(config: Config) -> ArchiveLimits:
    """Return what an archive of images may unpack to; images hardly shrink in an archive."""
    return ArchiveLimits(
        n_files=_MAX_ARCHIVED_FILES,
        file_bytes=config.max_image_mb * 1_000_000,
        total_bytes=2 * config.max_upload_mb * 1_000_000,
    )


def keep(
    config: Config,
    *,
    table: IO[bytes],
    file_name: str,
    catalogue_name: str,
    archive: IO[bytes] | None,
) -> Upload:
    """Store what was uploaded until it is imported.

    Raises
    ------
    InvalidInputError
        If the name of the catalogue, the table or the archive cannot be used; nothing is kept.
    """
    slug_of(catalogue_name)
    upload = uploads.add(
        config.uploads_dir,
        table=table,
        file_name=file_name[-_MAX_FILE_NAME_CHARS:],
        catalogue_name=catalogue_name.strip(),
        archive=archive,
    )
    try:
        preview(config, upload=upload, said={})
        if archive is not None:
            path = uploads.archive_path(config.uploads_dir, upload.token)
            upload = replace(upload, n_archived=archives.check(path, limits_of(config)))
            uploads.describe(config.uploads_dir, upload)
    except InvalidInputError:
        uploads.remove(config.uploads_dir, token=upload.token)
        raise
    return upload


def preview(config: Config, *, upload: Upload, said: Mapping[str, str | None]) -> Preview:
    """Return what an import by that mapping would make of the first rows."""
    with uploads.table_path(config.uploads_dir, upload.token).open("rb") as stream:
        return make_preview(read_table(stream, file_name=upload.file_name), said)


def request_import(
    session: Session,
    config: Config,
    *,
    upload: Upload,
    said: Mapping[str, str | None],
    level: int,
    requested_by: int,
    now: datetime,
) -> Job:
    """Add the job that imports an upload; send its id once the transaction is committed.

    Parameters
    ----------
    level
        Of the categories to decide; a catalogue that exists keeps its own.

    Raises
    ------
    InvalidInputError
        If the mapping does not fit the file, or there is no such level.
    """
    if not 1 <= level <= MAX_LEVELS:
        raise InvalidInputError(
            "Categories have the levels 1 to %(most)s; %(level)s was chosen.",
            most=MAX_LEVELS,
            level=level,
        )
    with uploads.table_path(config.uploads_dir, upload.token).open("rb") as stream:
        choose(read_table(stream, file_name=upload.file_name).columns, said)
    existing = catalogues.find(session, slug=slug_of(upload.catalogue_name))
    return jobs.add(
        session,
        kind=JobKind.IMPORT,
        catalogue_id=existing.id if existing else None,
        requested_by=requested_by,
        arguments={
            "upload": upload.token,
            "file_name": upload.file_name,
            "name": upload.catalogue_name,
            "level": None if existing else level,
            "mapping": dict(said),
        },
        now=now,
    )
