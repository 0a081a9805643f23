"""Importing a file of products, with their images, into a catalogue.

Images are decoded here: jobs and the command line use this module, pages must not.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from webapp.config import Config
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError
from webapp.domain.import_columns import Mapped, choose
from webapp.domain.import_files import read_table
from webapp.domain.imports import (
    ImportCounts,
    ImportProblem,
    ImportRejectedError,
    ImportReport,
)
from webapp.domain.slugs import slug_of
from webapp.services import retraining
from webapp.services.image_intake import ImageIntake
from webapp.services.import_batches import BatchImport, open_rows
from webapp.storage import catalogues, imports, prediction_writes, product_writes, rounds
from webapp.storage.database import Database, Session

OnProgress = Callable[[int, int], None]  # rows done, rows in all
DEFAULT_LEVEL = 1
# A transaction holds SQLite's write lock, and a waiting moderator looks for it every few
# milliseconds at first: short turns, and a gap after each, so that she hardly notices the import.
_BATCH_ROWS = 200
_PAUSE_S = 0.03
_DECODERS = 2


def import_file(
    database: Database,
    config: Config,
    *,
    path: Path,
    file_name: str,
    name: str,
    now: datetime,
    level: int | None = None,
    mapping: Mapping[str, str | None] | None = None,
    images_dir: Path | None = None,
    requested_by: int | None = None,
    job_id: int | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> ImportReport:
    """Create or update a catalogue from a CSV or JSON Lines file.

    Good rows go in, a batch a transaction; the others are named in the report. The same file
    again changes nothing, so an import that was cut short is simply run again: with the same
    ``job_id`` it goes on as the same import, and its counts come out as if nothing had happened.

    Parameters
    ----------
    name
        Of the catalogue; its address is made of it.
    level
        At which products are decided, from 1; only a new catalogue takes it.
    mapping
        Field to column, for what is not recognised; None leaves a field out.

    Raises
    ------
    ImportRejectedError
        If nothing of the file can be imported; then nothing was.
    ConflictError
        If the catalogue exists and is decided at another level.
    """
    began = time.monotonic()

    def moment() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    mapped, total, digest = _survey(path, file_name, mapping)
    if images_dir is not None and not images_dir.is_dir():
        raise ImportRejectedError(
            "The folder of images %(folder)s does not exist.", folder=images_dir
        )
    with database.begin() as session:
        catalogue = _find_or_add(session, name=name, level=level, now=moment())
        run = imports.start(
            session,
            catalogue_id=catalogue.id,
            job_id=job_id,
            requested_by=requested_by,
            file_name=file_name,
            file_sha256=digest,
            now=moment(),
        )
    intake = ImageIntake(
        folder=images_dir,
        store=config.images_dir,
        max_bytes=config.max_image_mb * 1_000_000,
        max_pixels=config.max_image_megapixels * 1_000_000,
    )
    on_progress(0, total)
    with open_rows(path, file_name, mapped) as rows, ThreadPoolExecutor(_DECODERS) as pool:
        batches = BatchImport(
            database=database,
            catalogue=catalogue,
            import_id=run.id,
            mapping=mapped,
            intake=intake,
            pool=pool,
            on_progress=on_progress,
            n_rows=total,
            now=moment,
        )
        while batch := list(islice(rows, _BATCH_ROWS)):
            batches.take_in(batch)
            time.sleep(_PAUSE_S)
    with database.begin() as session:
        new, changed = product_writes.count_brought(session, import_id=run.id)
        counts = ImportCounts(
            new=new,
            changed=changed,
            unchanged=batches.n_accepted - new - changed,
            rejected=batches.n_rejected,
            without_image=batches.n_without_image,
            without_text=batches.n_without_text,
        )
        ended = moment()
        imports.finish(session, import_id=run.id, counts=counts, now=ended)
        report = _report(session, catalogue, run.id, counts)
        if not _has_unseen(session, catalogue.id, counts):
            return report
        refresh = retraining.request_refresh(
            session, catalogue_id=catalogue.id, requested_by=requested_by, now=ended
        )
        return replace(report, refresh_job_id=refresh.id if refresh else None)


def find_finished(database: Database, *, job_id: int) -> ImportReport | None:
    """Return the report of a job whose import is over, or None."""
    with database.read() as session:
        run = imports.find_by_job(session, job_id=job_id)
        if run is None or run.finished_at is None:
            return None
        catalogue = catalogues.get_by_id(session, catalogue_id=run.catalogue_id)
        return _report(session, catalogue, run.id, run.counts)


def _survey(
    path: Path, file_name: str, said: Mapping[str, str | None] | None
) -> tuple[Mapped, int, str]:
    """Read the file once, changing nothing: its mapping, its number of rows, its SHA-256."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            mapping = choose(read_table(stream, file_name=file_name).columns, said)
    except OSError as error:
        raise ImportRejectedError(
            "The file %(file)s cannot be read: %(reason)s.",
            file=file_name,
            reason=error.strerror or error,
        ) from error
    n_rows, n_rejected, first = 0, 0, None
    with open_rows(path, file_name, mapping) as rows:
        for row in rows:
            n_rows += 1
            if isinstance(row, ImportProblem):
                n_rejected += 1
                first = first or row
    if n_rows == 0:
        raise ImportRejectedError("The file names its columns and holds no product.")
    if n_rejected == n_rows and first is not None:
        raise ImportRejectedError(
            "None of the %(n)s rows can be imported. The first is line %(line)s: %(reason)s.",
            n=n_rows,
            line=first.line,
            reason=first.reason,
        )
    return mapping, n_rows, digest


def _find_or_add(session: Session, *, name: str, level: int | None, now: datetime) -> Catalogue:
    slug = slug_of(name)
    found = catalogues.find(session, slug=slug)
    if found is None:
        found = catalogues.add(
            session, slug=slug, name=name.strip(), decision_level=level or DEFAULT_LEVEL, now=now
        )
    if level not in (None, found.decision_level):
        raise ConflictError(
            "The catalogue %(name)s is decided at level %(level)s. Products that are to be "
            "decided at another level need a catalogue of their own.",
            name=found.name,
            level=found.decision_level,
        )
    return found


def _has_unseen(session: Session, catalogue_id: int, counts: ImportCounts) -> bool:
    """Tell whether some product has no proper place yet, also one of an import cut short."""
    live = rounds.find_live(session, catalogue_id=catalogue_id)
    if live is None:
        return counts.new > 0
    return bool(
        prediction_writes.count_missing(session, catalogue_id=catalogue_id, round_id=live.id)
    )


def _report(
    session: Session, catalogue: Catalogue, import_id: int, counts: ImportCounts
) -> ImportReport:
    return ImportReport(
        import_id=import_id,
        catalogue=catalogue.slug,
        counts=counts,
        errors=tuple(imports.iterate_problems(session, import_id=import_id, is_rejected=True)),
        image_problems=tuple(
            imports.iterate_problems(session, import_id=import_id, is_rejected=False)
        ),
    )
