"""Text that a spreadsheet shows and never runs."""

from __future__ import annotations

import re
from typing import TypeVar

Value = str | int | float | None
V = TypeVar("V", bound=Value)

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")  # noqa: RUF001
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*")


def safe_cell(value: V) -> V | str:
    """Put an apostrophe before what a spreadsheet would take for a formula; numbers stay.

    What begins with an apostrophe already gets one more, so that taking one off always gives
    the original back.

    References
    ----------
    OWASP, CSV Injection.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-4.50"), safe_cell(-4.5), safe_cell("'90s lamp")
    ("'=1+1", '-4.50', -4.5, "''90s lamp")
    """
    if isinstance(value, str) and value.startswith(_DANGEROUS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
