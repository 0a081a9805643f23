"""Finished runs and leaks as parts on disk, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ml.contract import Epoch
from ml.study.parts import Part
from ml.study.records import Display, Figure, Leak, Points, StudyRow
from ml.study.running import Outcome
from ml.study.scoring import Answers

ARRAYS = ("columns", "groups", "probabilities", "clusters")


def part_of(outcome: Outcome) -> Part:
    """Return a finished run as it is kept."""
    arrays = {name: getattr(outcome.answers, name) for name in ARRAYS}
    display = None if outcome.display is None else asdict(outcome.display)
    return Part(
        {"row": asdict(outcome.row), "display": display},
        {name: np.asarray(array) for name, array in arrays.items() if array is not None},
    )


def outcome_of(part: Part) -> Outcome:
    """Return the finished run that ``part_of`` took apart.

    Raises
    ------
    KeyError, TypeError
        If the part is of another kind.
    """
    record, arrays = part.record, part.arrays
    return Outcome(
        row=_row(record["row"]),
        answers=Answers(
            columns=arrays["columns"],
            groups=arrays["groups"],
            probabilities=arrays.get("probabilities"),
            clusters=arrays.get("clusters"),
        ),
        display=None if record["display"] is None else _display(record["display"]),
    )


def part_of_leak(leak: Leak) -> Part:
    """Return a row of the demonstration as it is kept."""
    return Part(asdict(leak), {})


def leak_of(part: Part) -> Leak:
    """Return the row that ``part_of_leak`` took apart; errors as ``outcome_of``."""
    return Leak(**part.record | {"figures": _figures(part.record["figures"])})


def _figures(record: Mapping[str, Any]) -> dict[str, Figure]:
    return {name: Figure(**figure) for name, figure in record.items()}


def _row(record: Mapping[str, Any]) -> StudyRow:
    changed = {"figures": _figures(record["figures"]), "left_out": tuple(record["left_out"])}
    return StudyRow(**{**record, **changed})


def _display(record: Mapping[str, Any]) -> Display:
    return Display(
        system=record["system"],
        protocol=record["protocol"],
        confusion=tuple(tuple(counts) for counts in record["confusion"]),
        confusion_of=record["confusion_of"],
        curve=tuple(Epoch(**epoch) for epoch in record["curve"]),
        topic_words=tuple(tuple(words) for words in record["topic_words"]),
        maps=tuple(
            Points(
                method=points["method"],
                xy=tuple((float(x), float(y)) for x, y in points["xy"]),
                columns=tuple(points["columns"]),
            )
            for points in record["maps"]
        ),
    )
