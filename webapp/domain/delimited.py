"""Rows of a CSV file, whatever its delimiter; broken ones are named and stepped over."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from webapp.domain.imports import ImportProblem, ImportRejectedError, SourceRow, shorten
from webapp.domain.text_lines import MAX_LINE_CHARS, TextLines

DELIMITERS = (",", ";", "\t")
_Record = tuple[list[str] | None, list[str], str]  # values, physical lines, what is wrong


def read_header(lines: TextLines) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter, which makes the most columns of the first line, and the columns.

    Raises
    ------
    ImportRejectedError
        If there is no line, or what is there cannot be the names of columns.
    """
    first = lines.take()
    while first is not None and not first.strip():
        first = lines.take()
    if first is None:
        raise ImportRejectedError(
            "The file is empty. Expected is a CSV file whose first line names the columns."
        )
    lines.put_back([first])
    delimiter = max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
    values, _, problem = _parse(lines, delimiter)
    columns = tuple(value.strip() for value in values or ())
    if problem or not _is_text("".join(columns)):
        raise ImportRejectedError(
            "The first line cannot be read. Expected is a CSV file in UTF-8 whose first line "
            "names the columns; found: %(found)s.",
            found=shorten(first.strip()),
        )
    twice = {column for column in columns if column and columns.count(column) > 1}
    if twice:
        raise ImportRejectedError(
            "The first line names the column %(column)s twice.", column=shorten(min(twice))
        )
    return delimiter, columns


def iterate_rows(
    lines: TextLines, delimiter: str, columns: tuple[str, ...]
) -> Iterator[SourceRow | ImportProblem]:
    """Yield the rows after the header, and what is wrong in place of those that are broken.

    Where a quote is missing the rows behind it would vanish into one value: reading goes on at
    the first line that begins a whole record again.
    """
    while True:
        line = lines.next_number
        values, taken, problem = _parse(lines, delimiter)
        if not taken:
            return
        if lines.is_cut(line, line + len(taken) - 1):
            yield ImportProblem(
                line, "", shorten(taken[0]), f"a line is longer than {MAX_LINE_CHARS:,} characters"
            )
        elif values is None:
            last = line + _step_over(lines, taken, delimiter, len(columns)) - 1
            where = f" (lines {line} to {last})" if last > line else ""
            yield ImportProblem(line, "", shorten(taken[0].strip()), problem + where)
        elif values and len(values) != len(columns):
            column = columns[len(values)] if len(values) < len(columns) else ""
            yield ImportProblem(
                line,
                column,
                shorten(values[-1]),
                f"the row has {len(values)} values and the header {len(columns)}",
            )
        elif values:
            ends_the_file = not taken[-1].endswith(("\n", "\r"))
            yield SourceRow(line, dict(zip(columns, values, strict=True)), ends_the_file)


def _parse(lines: TextLines, delimiter: str) -> _Record:
    """Take one record; where it is broken its values are None and the last text says why."""
    taken: list[str] = []
    is_endless = False

    def feed() -> Iterator[str]:
        nonlocal is_endless
        n_chars = 0
        while (line := lines.take()) is not None:
            taken.append(line)
            n_chars += len(line)
            if n_chars > MAX_LINE_CHARS:
                is_endless = True
                return
            yield line

    try:
        return next(csv.reader(feed(), delimiter=delimiter, strict=True), []), taken, ""
    except csv.Error as error:
        return None, taken, _reason(str(error), is_endless=is_endless)


def _reason(error: str, *, is_endless: bool) -> str:
    if "field larger" in error:
        return f"a value is longer than {csv.field_size_limit():,} characters"
    if is_endless:
        return "a quoted value does not end"
    if "unexpected end" in error:
        return "the file ends inside a quoted value: it was cut off, or a quote is missing"
    return "a quote is missing, or one inside a value is not doubled"


def _step_over(lines: TextLines, taken: list[str], delimiter: str, n_columns: int) -> int:
    """Go to the next line that begins a whole record; return how many lines were broken."""
    lines.put_back(taken[1:])
    for n_broken in range(1, len(taken)):
        values, tried, _ = _parse(lines, delimiter)
        lines.put_back(tried)
        if values is not None and len(values) == n_columns:
            return n_broken
        lines.take()
    return len(taken)


def _is_text(text: str) -> bool:
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
