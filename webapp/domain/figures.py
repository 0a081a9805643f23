"""Figures with their intervals, as rounds store them and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its 95 % interval and the number of products behind it."""

    value: float
    low: float | None
    high: float | None
    n: int


def read_figure(metrics: Mapping[str, Any], name: str) -> Figure | None:
    """Return a metric of a round, or None where it is missing or could not be computed.

    Examples
    --------
    >>> read_figure({"ari": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 50}}, "ari").value
    0.8
    >>> read_figure({"ari": {"value": None, "low": None, "high": None, "n": 0}}, "ari") is None
    True
    """
    found = metrics.get(name)
    if not found or found.get("value") is None:
        return None
    return Figure(found["value"], found.get("low"), found.get("high"), found["n"])
