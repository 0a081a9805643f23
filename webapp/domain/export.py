"""What an export says of a product, and how it is written: CSV or JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.spreadsheets import Value, safe_cell

NOBODY, AUTO = "nobody", "auto"
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# OWASP, CSV Injection: what makes a spreadsheet run a cell. The apostrophe is marked as well, so
# that taking one off gives every original back.


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"
    EXCEL = "csv-excel"
    JSON_LINES = "jsonl"

    @property
    def suffix(self) -> str:
        """The end of the file name, with its dot."""
        return ".jsonl" if self is Format.JSON_LINES else ".csv"

    @property
    def media_type(self) -> str:
        """What a browser is told."""
        return "application/x-ndjson" if self is Format.JSON_LINES else "text/csv"


NOTES = {
    Format.CSV: (
        "UTF-8 without a byte order mark, commas, lines end with CR LF (RFC 4180).",
        "A text that a spreadsheet could run as a formula (it begins with = + - @, a tab or a line "
        "break), or that begins with an apostrophe, has an apostrophe before it; take one off to "
        "get the original. Numbers stay numbers.",
    ),
    Format.JSON_LINES: (
        "UTF-8, one object a line, the keys in the order of the columns; null where there is "
        "nothing to say. Texts are exactly as stored.",
    ),
}
NOTES[Format.EXCEL] = (
    "UTF-8 with a byte order mark, without which Excel reads accents wrongly; commas, lines end "
    "with CR LF (RFC 4180).",
    NOTES[Format.CSV][1],
)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is exported: a catalogue as of a moment, all rows or those with a label."""

    catalogue: Catalogue
    format: Format
    as_of: datetime
    is_labelled_only: bool

    @property
    def file_name(self) -> str:
        """A name that tells the catalogue and the moment."""
        return f"{self.catalogue.slug}-{self.as_of:%Y%m%dT%H%M%SZ}{self.format.suffix}"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One product as an export has it; ``COLUMNS`` says what each field means."""

    external_id: str
    name: str
    brand: str
    price: str
    description: str
    source_path: str
    source_category: str | None
    state: str
    category: str | None
    decided_by: str
    decided_at: str | None
    verdict: str | None
    annotation_id: int | None
    shown_category: str | None
    shown_probability: float | None
    shown_round: int | None
    predicted_category: str | None
    predicted_probability: float | None
    predicted_round: int | None
    split: str | None
    accepted_by_rule: int | None = None
    accepted_round: int | None = None
    accepted_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export and its meaning, in English; the page translates it."""

    name: str
    meaning: str


COLUMNS = (
    Column("external_id", "The seller's id of the product."),
    Column("name", "The seller's name for the product."),
    Column("brand", "The brand, as the seller gave it."),
    Column("price", "The price, as the seller gave it."),
    Column("description", "The seller's description."),
    Column("source_path", "The category that the seller claims, the whole path: never a label."),
    Column("source_category", "The same, up to the level at which products are decided."),
    Column(
        "state",
        "labelled, flagged (a moderator set it aside), accepted (by a certified rule) or open "
        "(nobody has decided).",
    ),
    Column(
        "category",
        "The final category, by a person's decision or else by a certified rule; empty until "
        "there is one.",
    ),
    Column(
        "decided_by",
        "Who decided or flagged: moderator: and the person's number; auto: a certified rule; or "
        "nobody.",
    ),
    Column("decided_at", "When, in UTC."),
    Column("verdict", "confirmed or corrected: what the card claimed; flagged: set aside."),
    Column("annotation_id", "The number of that decision in the product's history."),
    Column("shown_category", "The suggestion that the person saw; empty where none was shown."),
    Column("shown_probability", "The probability that stood beside it, 0 to 1."),
    Column("shown_round", "The round of training that the suggestion came from."),
    Column("predicted_category", "What the model that was live says of the product: no decision."),
    Column("predicted_probability", "How sure it is, 0 to 1."),
    Column("predicted_round", "The round of training that made this model."),
    Column("split", "evaluation: never trained on; training; empty before a round has drawn it."),
    Column("accepted_by_rule", "Where auto decided: the number of the rule."),
    Column("accepted_round", "The round of training whose prediction that rule accepted."),
    Column("accepted_probability", "The probability that was high enough for the rule, 0 to 1."),
)
COLUMN_NAMES = tuple(field.name for field in fields(ExportRow))


def header(format: Format) -> str:
    """Return what comes before the rows."""
    if format is Format.JSON_LINES:
        return ""
    mark = _BYTE_ORDER_MARK if format is Format.EXCEL else ""
    return mark + _csv_lines([COLUMN_NAMES])


def write_rows(format: Format, rows: Iterable[ExportRow]) -> str:
    """Return the lines of some rows."""
    if format is Format.JSON_LINES:
        return "".join(
            json.dumps(dict(zip(COLUMN_NAMES, astuple(row), strict=True)), ensure_ascii=False)
            + "\n"
            for row in rows
        )
    return _csv_lines([safe_cell(value) for value in astuple(row)] for row in rows)


def write_time(moment: datetime) -> str:
    """Return a moment in UTC as it stands in files and addresses.

    Examples
    --------
    >>> write_time(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str, *, now: datetime) -> datetime:
    """Return the moment that a person wrote; without a zone it is UTC, empty means now.

    Raises
    ------
    InvalidInputError
        If it is no moment, or lies in the future: what is not known yet cannot be exported.
    """
    if not text.strip():
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            "%(text)s is no point in time. Write it like 2026-03-01T12:00:00Z.", text=text
        ) from error
    if moment > now:
        raise InvalidInputError(
            "%(text)s lies in the future. An export tells what was known at a moment that is past.",
            text=text,
        )
    return moment


def _csv_lines(rows: Iterable[Iterable[Value]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
