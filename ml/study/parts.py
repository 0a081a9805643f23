"""What a study has finished, kept as files, so that an interrupted one goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ml.artifacts import RECORDED_PACKAGES, sha256_of
from ml.contract import PipelineSettings
from ml.study.catalogue import StudyProducts
from ml.study.lines import OnLine
from ml.whole_files import whole_file

T = TypeVar("T")
RECORD = "record"


@dataclass(frozen=True, slots=True)
class Part:
    """What one finished piece of a study left behind: what fits into JSON, and arrays."""

    record: dict[str, Any]
    arrays: Mapping[str, NDArray[Any]]


class Parts:
    """The finished pieces of one study in a folder of its own.

    Parameters
    ----------
    directory
        Holds a folder for each study that was ever run there.
    fingerprint
        Of all that the pieces depend on: others' pieces are not looked at.
    """

    def __init__(self, directory: Path, fingerprint: str) -> None:
        self.directory = directory / fingerprint
        self.has_others = not self.directory.exists() and any(directory.glob("*/*.npz"))

    def read(self, name: str) -> Part | None:
        """Return a finished piece; None where there is none, or its file is damaged."""
        try:
            with (
                self._path(name).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                arrays = {key: stored[key] for key in stored.files}
            record = json.loads(arrays.pop(RECORD).tobytes().decode())
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        return Part(record, arrays)

    def write(self, name: str, part: Part) -> None:
        """Keep a finished piece, whole or not at all."""
        self.directory.mkdir(parents=True, exist_ok=True)
        record = np.frombuffer(json.dumps(part.record).encode(), dtype=np.uint8)
        stored: dict[str, Any] = {RECORD: record, **part.arrays}
        with whole_file(self._path(name)) as unfinished, unfinished.open("wb") as out:
            np.savez_compressed(out, **stored)
            out.flush()
            os.fsync(out.fileno())

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.npz"


def open_parts(
    out: Path, products: StudyProducts, settings: PipelineSettings, *, seed: int, on_line: OnLine
) -> Parts:
    """Return the parts in ``parts`` below ``out``, and say where others lie there unused."""
    parts = Parts(out / "parts", fingerprint(products, settings, seed=seed))
    if parts.has_others:
        on_line(
            f"What {out / 'parts'} holds is of other products or settings, or of another version "
            "of the program, and is not used here."
        )
    return parts


def restored(restore: Callable[[Part], T], part: Part | None) -> T | None:
    """Return what a kept part holds; None where there is none or it is of another kind."""
    try:
        return None if part is None else restore(part)
    except (KeyError, TypeError, ValueError):
        return None


def versions() -> dict[str, str]:
    """Return the versions of Python, the program and the packages that figures depend on."""
    packages = ("shelfwise", *RECORDED_PACKAGES)
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def code_digest() -> str:
    """Return the SHA-256 of all modules of ``ml`` except the report, which changes no figure."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        if not path.name.startswith("report"):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def fingerprint(products: StudyProducts, settings: PipelineSettings, *, seed: int) -> str:
    """Return a name that changes with anything that the figures of a study depend on."""
    weights = settings.weights
    batch = products.batch
    depends_on = {
        "code": code_digest(),
        "versions": versions(),
        "seed": seed,
        "backbone": settings.backbone,
        "weights": sha256_of(weights) if weights is not None and weights.is_file() else None,
        "pooling": settings.pooling,
        "precision": settings.precision,
        "image_size_px": settings.image_size_px,
        "epochs": settings.epochs,
        "categories": products.categories,
        "labels": products.labels.tolist(),
        "products": [
            batch.ids,
            batch.names,
            batch.descriptions,
            batch.specifications,
            batch.image_hashes,
        ],
    }
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:16]
