"""Numbers as the report writes them: a dash for what there is not, never a false precision."""

from __future__ import annotations

from ml.study.records import Figure

NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
_PERCENT = "\N{NO-BREAK SPACE}%"
_S_PER_MIN = 60


def decimal(value: float | None, digits: int = 3) -> str:
    """Write a figure, such as 0.912.

    Examples
    --------
    >>> decimal(0.9116), decimal(0.9116, 1)
    ('0.912', '0.9')
    """
    if value is None:
        return NONE
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def percent(value: float | None) -> str:
    """Write a share as a percentage, such as 95.2 %."""
    return NONE if value is None else f"{100 * value:.1f}{_PERCENT}"


def written(name: str, value: float | None) -> str:
    """Write the value of the metric ``name``: accuracy as a percentage, others as decimals."""
    return percent(value) if name == "accuracy" else decimal(value)


def interval(name: str, figure: Figure) -> str:
    """Write an interval in words, such as 0.890 to 0.930, or nothing where there is none."""
    return ends(name, figure, between=" to ")


def ends(name: str, figure: Figure, between: str = "\N{EN DASH}") -> str:
    """Write an interval as short as a cell needs it, such as 0.890-0.930."""
    if figure.low is None or figure.high is None:
        return ""
    low, high = written(name, figure.low), written(name, figure.high)
    return f"{low.removesuffix(_PERCENT)}{between}{high}"


def count(value: int) -> str:
    """Write a whole number with separators, such as 2,670,631."""
    return f"{value:,}"


def seconds(value: float | None) -> str:
    """Write a duration with as many digits as a reader needs, without its unit.

    Examples
    --------
    >>> seconds(0.032), seconds(7.21), seconds(416.0)
    ('0.03', '7.2', '416')
    """
    if value is None:
        return NONE
    if value < 1:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < _S_PER_MIN else f"{value:,.0f}"
