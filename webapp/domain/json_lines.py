"""Rows of a JSON Lines file: one object a line; broken lines are named and stepped over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from webapp.domain.imports import ImportProblem, ImportRejectedError, SourceRow, shorten
from webapp.domain.text_lines import MAX_LINE_CHARS, TextLines

_N_LOOKED_AT = 100  # objects from which the names of the columns are taken


def iterate_rows(lines: TextLines) -> Iterator[SourceRow | ImportProblem]:
    """Yield the objects, and what is wrong in place of the lines that are none."""
    while True:
        number = lines.next_number
        line = lines.take()
        if line is None:
            return
        if lines.is_cut(number, number):
            reason = f"the line is longer than {MAX_LINE_CHARS:,} characters"
            yield ImportProblem(number, "", shorten(line), reason)
        elif line.strip():
            yield _row(number, line.strip())


def read_columns(
    rows: Iterator[SourceRow | ImportProblem],
) -> tuple[tuple[str, ...], list[SourceRow | ImportProblem]]:
    """Return the names of the first objects in their order, and the rows taken for it.

    Raises
    ------
    ImportRejectedError
        If there are rows, and none of them is an object.
    """
    taken = list(islice(rows, _N_LOOKED_AT))
    objects = [row for row in taken if isinstance(row, SourceRow)]
    if not objects:
        raise ImportRejectedError(
            "The file holds no JSON object. Expected is JSON Lines: one object a line, such as "
            '{"id": "1", "name": "Blue mug"}.'
        )
    return tuple(dict.fromkeys(name for row in objects for name in row.values)), taken


def _row(number: int, line: str) -> SourceRow | ImportProblem:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        reason = f"the line is no whole JSON object: {error.msg} at character {error.colno}"
        return ImportProblem(number, "", shorten(line), reason)
    except (ValueError, RecursionError):
        reason = "the line holds a number that is too long, or is nested too deep"
        return ImportProblem(number, "", shorten(line), reason)
    if not isinstance(found, dict):
        return ImportProblem(number, "", shorten(line), "the line is no JSON object")
    return SourceRow(number, found)
