"""Means and ratios as the report writes them."""

from __future__ import annotations

from ml.simulation.records import Mean, Ratio
from ml.study.report_numbers import NONE, decimal, percent

_DASH = "\N{EN DASH}"
_AT_LEAST, _AT_MOST = "\N{GREATER-THAN OR EQUAL TO}", "\N{LESS-THAN OR EQUAL TO}"


def labels(mean: Mean) -> str:
    """Write a mean number of labels, such as 62, or that it is at least that.

    Examples
    --------
    >>> labels(Mean(62.4, 50.0, 74.8, 20.1, 10, 10)), labels(Mean(3.26, 3.0, 3.5, 0.4, 10, 10))
    ('62', '3.3')
    """
    if mean.value is None:
        return "never"
    at_least = f"{_AT_LEAST}\N{NO-BREAK SPACE}" if mean.is_at_least else ""
    return at_least + _amount(mean.value)


def spread(mean: Mean) -> str:
    """Write the interval of a mean and how many repeats got there, where not all did."""
    said = [] if mean.low is None or mean.high is None else [_ends(mean.low, mean.high)]
    if mean.n_reached < mean.n:
        said.append(f"{mean.n_reached} of {mean.n} repeats")
    return ", ".join(said)


def deviation(mean: Mean) -> str:
    """Write the standard deviation from repeat to repeat, or nothing where there is none."""
    return "" if mean.sd is None or mean.value is None else f"± {_amount(mean.sd)}"


def ratio(found: Ratio | None) -> str:
    """Write a ratio, such as 0.28, or that it is at most that."""
    if found is None:
        return NONE
    sign = _AT_MOST if found.is_at_most else _AT_LEAST if found.is_at_least else ""
    if found.is_at_most and found.is_at_least:
        sign = "about"
    return f"{sign}\N{NO-BREAK SPACE}{decimal(found.value, 2)}" if sign else decimal(found.value, 2)


def ratio_ends(found: Ratio | None) -> str:
    """Write the interval of a ratio, or nothing where there is none."""
    if found is None or found.low is None or found.high is None:
        return ""
    return f"{decimal(found.low, 2)}{_DASH}{decimal(found.high, 2)}"


def share(mean: Mean) -> str:
    """Write a mean share as a percentage."""
    return percent(mean.value)


def _ends(low: float, high: float) -> str:
    return f"{_amount(max(low, 0.0))}{_DASH}{_amount(high)}"


def _amount(value: float) -> str:
    return decimal(value, 1 if value < 10 else 0)
