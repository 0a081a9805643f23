"""Physical lines of a text file with their numbers, of which some can be put back."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper
from typing import BinaryIO

# More than a product's text ever has; what is longer is a broken quote or no text file at all.
MAX_LINE_CHARS = 1_000_000
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Borrowed(TextIOWrapper):
    """Decodes a stream that belongs to somebody else, who closes it."""

    def close(self) -> None:
        with suppress(ValueError):  # detached or closed already
            self.detach()


class TextLines:
    """The lines of a file in UTF-8, or in UTF-16 with a byte order mark.

    Bytes that are no UTF-8 come out as lone surrogates, so that only the rows that hold them
    are refused. Memory is bounded: the rest of a line over ``MAX_LINE_CHARS`` is dropped.
    """

    def __init__(self, stream: BinaryIO) -> None:
        mark = stream.read(2)
        stream.seek(0)
        is_utf16 = mark in _UTF16_MARKS
        self._text = _Borrowed(
            stream,
            encoding="utf-16" if is_utf16 else "utf-8-sig",
            errors="replace" if is_utf16 else "surrogateescape",
            newline="",
        )
        self._ahead: deque[str] = deque()
        self._last_line = 0
        self._cut: set[int] = set()

    @property
    def next_number(self) -> int:
        """The number of the line that ``take`` returns next, from 1."""
        return self._last_line + 1

    def take(self) -> str | None:
        """Return the next line with its end, or None at the end of the file."""
        line = self._ahead.popleft() if self._ahead else self._read()
        if line is not None:
            self._last_line += 1
        return line

    def put_back(self, lines: Iterable[str]) -> None:
        """Return lines that were taken last, in their order."""
        returned = list(lines)
        self._ahead.extendleft(reversed(returned))
        self._last_line -= len(returned)

    def is_cut(self, first: int, last: int) -> bool:
        """Tell whether one of those lines was longer than what is read."""
        return any(number in self._cut for number in range(first, last + 1))

    def _read(self) -> str | None:
        line = self._text.readline(MAX_LINE_CHARS)
        if len(line) == MAX_LINE_CHARS and line[-1] not in "\r\n":
            self._cut.add(self._last_line + 1)
            while (rest := self._text.readline(MAX_LINE_CHARS)) and rest[-1] not in "\r\n":
                pass
            line += "\n"
        return line or None
