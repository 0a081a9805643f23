"""Imports, their counts, and what was wrong in their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.domain.imports import ImportCounts, ImportProblem, ImportRun
from webapp.storage.tables import ImportProblemRow, ImportRow


def start(
    session: Session,
    *,
    catalogue_id: int,
    job_id: int | None,
    requested_by: int | None,
    file_name: str,
    file_sha256: str,
    now: datetime,
) -> ImportRun:
    """Add an import, or begin again the one of a job that was cut short."""
    row = session.scalar(select(ImportRow).where(ImportRow.job_id == job_id)) if job_id else None
    if row is not None:
        session.execute(delete(ImportProblemRow).where(ImportProblemRow.import_id == row.id))
        return _run(row)
    row = ImportRow(
        catalogue_id=catalogue_id,
        job_id=job_id,
        requested_by=requested_by,
        file_name=file_name,
        file_sha256=file_sha256,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _run(row)


def find_by_job(session: Session, *, job_id: int) -> ImportRun | None:
    """Return the import that a job did or does, or None."""
    row = session.scalar(select(ImportRow).where(ImportRow.job_id == job_id))
    return _run(row) if row else None


def finish(session: Session, *, import_id: int, counts: ImportCounts, now: datetime) -> None:
    """Store the final counts."""
    session.execute(
        update(ImportRow)
        .where(ImportRow.id == import_id)
        .values(
            n_new=counts.new,
            n_changed=counts.changed,
            n_unchanged=counts.unchanged,
            n_rejected=counts.rejected,
            n_without_image=counts.without_image,
            n_without_text=counts.without_text,
            finished_at=now,
        )
    )


def add_problems(
    session: Session, *, import_id: int, problems: Sequence[ImportProblem], is_rejected: bool
) -> None:
    """Keep what was wrong with rows (``is_rejected``) or with images."""
    session.add_all(
        ImportProblemRow(
            import_id=import_id,
            is_rejected=is_rejected,
            line=problem.line,
            column_name=problem.column,
            value=problem.value,
            reason=problem.reason,
        )
        for problem in problems
    )


def iterate_problems(
    session: Session, *, import_id: int, is_rejected: bool, limit: int | None = None
) -> Iterator[ImportProblem]:
    """Yield what was wrong, in the order of the lines."""
    rows = session.execute(
        select(
            ImportProblemRow.line,
            ImportProblemRow.column_name,
            ImportProblemRow.value,
            ImportProblemRow.reason,
        )
        .where(ImportProblemRow.import_id == import_id, ImportProblemRow.is_rejected == is_rejected)
        .order_by(ImportProblemRow.line, ImportProblemRow.id)
        .limit(limit)
        .execution_options(yield_per=500)
    )
    for line, column, value, reason in rows:
        yield ImportProblem(line, column, value, reason)


def _run(row: ImportRow) -> ImportRun:
    return ImportRun(
        id=row.id,
        catalogue_id=row.catalogue_id,
        job_id=row.job_id,
        file_name=row.file_name,
        created_at=row.created_at,
        finished_at=row.finished_at,
        counts=ImportCounts(
            new=row.n_new,
            changed=row.n_changed,
            unchanged=row.n_unchanged,
            rejected=row.n_rejected,
            without_image=row.n_without_image,
            without_text=row.n_without_text,
        ),
    )
