"""What an analyst does: export a catalogue as of a moment, and prove what was exported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from webapp.domain.export import (
    COLUMNS,
    NOTES,
    ExportRequest,
    header,
    write_rows,
    write_time,
)
from webapp.domain.review import ProductState
from webapp.storage import export_rows, rounds
from webapp.storage.database import Database


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes of an export, the rows in them, and the products that were looked at."""

    content: bytes
    n_rows: int
    n_products: int


@dataclass(slots=True)
class Tally:
    """Counts an export while it is written."""

    n_rows: int = 0
    n_bytes: int = 0
    n_products: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, chunk: Chunk) -> None:
        """Count one more chunk."""
        self.n_rows += chunk.n_rows
        self.n_bytes += len(chunk.content)
        self.n_products += chunk.n_products
        self._digest.update(chunk.content)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes so far."""
        return str(self._digest.hexdigest())


def stream(database: Database, request: ExportRequest) -> Iterator[Chunk]:
    """Yield an export, a few hundred rows at a time, from a reading transaction of its own.

    The same request gives the same bytes whenever it is made, also while people decide: what is
    being saved when it begins is waited for.
    """
    yield Chunk(header(request.format).encode(), 0, 0)
    database.wait_for_writers()
    with database.read() as session:
        for batch in export_rows.iterate(
            session,
            catalogue_id=request.catalogue.id,
            level=request.catalogue.decision_level,
            as_of=request.as_of,
        ):
            rows = [
                row
                for row in batch
                if not request.is_labelled_only or row.state == ProductState.LABELLED
            ]
            yield Chunk(write_rows(request.format, rows).encode(), len(rows), len(batch))


def describe(database: Database, request: ExportRequest) -> dict[str, Any]:
    """Return the manifest of an export by making it once more, without keeping it."""
    tally = Tally()
    for chunk in stream(database, request):
        tally.add(chunk)
    return manifest(database, request, tally, file_name=request.file_name)


def manifest(
    database: Database, request: ExportRequest, tally: Tally, *, file_name: str
) -> dict[str, Any]:
    """Return what proves an export: its hash, its moment, its models, what its columns mean."""
    catalogue = request.catalogue
    with database.read() as session:
        models = [
            {
                "round": each.number,
                "finished_at": write_time(each.finished_at),
                "text_pipeline": each.text_pipeline,
                "image_pipeline": each.image_pipeline,
                "fallback": each.fallback,
                "n_labels": each.n_labels,
                "n_source_categories": each.n_source_categories,
                "last_annotation_id": each.last_annotation_id,
                "is_provisional": each.is_provisional,
                "metrics": each.metrics,
            }
            for each in rounds.list_all(session, catalogue_id=catalogue.id)
            if each.finished_at <= request.as_of
        ]
    return {
        "catalogue": catalogue.slug,
        "file": file_name,
        "format": request.format.value,
        "as_of": write_time(request.as_of),
        "rows_wanted": "labelled" if request.is_labelled_only else "all",
        "rows": tally.n_rows,
        "bytes": tally.n_bytes,
        "sha256": tally.sha256,
        "notes": list(NOTES[request.format]),
        "columns": [asdict(column) for column in COLUMNS],
        "models": models,
        "settings": {
            "decision_level": catalogue.decision_level,
            "evaluation_share": catalogue.evaluation_share,
        },
        "program": {"name": "shelfwise", "version": version("shelfwise")},
    }
