"""An import: the rows of its file, what is wrong with some, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.errors import InvalidInputError

_SHOWN_CHARS = 80


class ImportRejectedError(InvalidInputError):
    """The file as a whole cannot be imported; nothing of it was."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as the file has it; ``line`` is the physical line on which it begins, from 1.

    A row that ``ends_the_file`` has no line end after it: it may have been cut off.
    """

    line: int
    values: Mapping[str, object]
    ends_the_file: bool = False


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A row that was rejected or an image that could not be used as it is, and why.

    ``column`` and ``value`` are empty where the row as a whole is meant; long values are cut.
    """

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """What a row says of a product."""

    line: int
    external_id: str
    name: str
    description: str
    specifications: tuple[tuple[str, str], ...]
    brand: str
    price: str
    category: tuple[str, ...]
    image_names: tuple[str, ...]

    @property
    def has_text(self) -> bool:
        """Tell whether there is anything to read."""
        return bool(self.name or self.description or self.specifications)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many rows did what; ``without_*`` are among the rows that went in."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    without_image: int = 0
    without_text: int = 0


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import of one file; its counts are final once it is finished."""

    id: int
    catalogue_id: int
    job_id: int | None
    file_name: str
    created_at: datetime
    finished_at: datetime | None
    counts: ImportCounts


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A finished import with everything that was wrong.

    ``refresh_job_id`` is the job that finds the new products their places: send it.
    """

    import_id: int
    catalogue: str
    counts: ImportCounts
    errors: tuple[ImportProblem, ...]
    image_problems: tuple[ImportProblem, ...]
    refresh_job_id: int | None = None


def shorten(value: object) -> str:
    """Return a value in a length that fits a message, with what cannot be stored replaced."""
    text = "" if value is None else str(value)
    cut = text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"
    return cut.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
