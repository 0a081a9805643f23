"""A file of products as columns and rows, whether CSV or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

from webapp.domain import delimited, json_lines
from webapp.domain.imports import ImportProblem, ImportRejectedError, SourceRow
from webapp.domain.text_lines import TextLines

JSON_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_ZIP_MARK = b"PK\x03\x04"  # also Excel's workbooks


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, and the rows one by one; broken ones come as problems."""

    columns: tuple[str, ...]
    rows: Iterator[SourceRow | ImportProblem]


def read_table(stream: BinaryIO, *, file_name: str) -> Table:
    """Find out what the file is and read the names of its columns; rows follow as asked for.

    Raises
    ------
    ImportRejectedError
        If the file cannot be an import at all; the message says what was expected and found.
    """
    start = stream.read(4)
    stream.seek(0)
    if start == _ZIP_MARK:
        raise ImportRejectedError(
            "The file is an Excel workbook or a ZIP archive. Save its table as CSV in UTF-8."
        )
    lines = TextLines(stream)
    first = _first_character(lines)
    if first == "[":
        raise ImportRejectedError(
            "The file is one JSON list. Expected is JSON Lines: one object a line, no list "
            "around them."
        )
    if first == "{" or (first and PurePath(file_name).suffix.lower() in JSON_LINES_SUFFIXES):
        rows = json_lines.iterate_rows(lines)
        columns, taken = json_lines.read_columns(rows)
        return Table(columns, chain(taken, rows))
    delimiter, columns = delimited.read_header(lines)
    return Table(columns, delimited.iterate_rows(lines, delimiter, columns))


def _first_character(lines: TextLines) -> str:
    """Return the first character that is no space, leaving every line where it was."""
    blank: list[str] = []
    while (line := lines.take()) is not None:
        blank.append(line)
        if line.strip():
            break
    lines.put_back(blank)
    return blank[-1].strip()[:1] if blank else ""
