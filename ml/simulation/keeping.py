"""Finished pieces of a simulation as parts on disk and back, and the folder that holds them."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from ml.errors import MlError
from ml.simulation.records import CleanUp, Curve, CurvePoint, Target
from ml.study.parts import Part, Parts, restored

Piece = Target | Curve | CleanUp
T = TypeVar("T", Target, Curve, CleanUp)
Restore = Callable[[Mapping[str, Any]], T]
LOCK = ".simulation.lock"


def target_of(record: Mapping[str, Any]) -> Target:
    """Return the target that was kept."""
    return Target(**record)


def curve_of(record: Mapping[str, Any]) -> Curve:
    """Return the curve that was kept."""
    points = tuple(CurvePoint(**point) for point in record["points"])
    return Curve(**{**record, "points": points})


def cleanup_of(record: Mapping[str, Any]) -> CleanUp:
    """Return the clean-up run that was kept."""
    return CleanUp(**record)


class Kept:
    """Finished pieces; without a folder nothing is kept, and nothing found."""

    def __init__(self, parts: Parts | None) -> None:
        self._parts = parts

    def read(self, name: str, restore: Restore[T]) -> T | None:
        """Return a finished piece; None where there is none, or it is of another kind."""
        part = None if self._parts is None else self._parts.read(name)
        return restored(lambda part: restore(part.record), part)

    def write(self, name: str, piece: Piece) -> None:
        """Keep a finished piece, whole or not at all."""
        if self._parts is not None:
            self._parts.write(name, Part(asdict(piece), {}))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other simulations out of a folder, which is there, until this one ends or dies.

    Raises
    ------
    MlError
        If another one is at work there.
    """
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MlError(
                f"Another simulation is writing into {folder}: wait until it is done, or name "
                "another folder."
            ) from error
        yield
