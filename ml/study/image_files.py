"""Images of a study: found by name below one folder, and known to be readable."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ml.errors import UnreadableImageError
from ml.images.loading import load_letterboxed

PROBE_PX = 32  # decoded as small as the format allows: enough to know that it can be
DECODERS = 2


@dataclass(frozen=True, slots=True)
class FoundImage:
    """Where an image lies and the SHA-256 of its bytes; or, with neither, what is wrong."""

    path: Path | None = None
    sha256: str | None = None
    problem: str | None = None


def find_images(folder: Path | None, names: Sequence[str]) -> list[FoundImage]:
    """Look each name up below ``folder`` and try to read it; an empty name has no image.

    A file in another folder below serves if its own name is unique there.
    """
    if folder is None:
        return [FoundImage() for _ in names]
    elsewhere: dict[str, Path | None] = {}
    for below, _, files in os.walk(folder):
        for file in files:
            elsewhere[file] = None if file in elsewhere else Path(below, file)
    with ThreadPoolExecutor(DECODERS) as decoders:
        return list(decoders.map(partial(_find, folder, elsewhere), names))


def _find(folder: Path, elsewhere: dict[str, Path | None], name: str) -> FoundImage:
    if not name:
        return FoundImage(problem="no image is named")
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "":
        return FoundImage(problem=f"{name} leads out of the folder of images")
    try:
        path = folder.joinpath(*parts)
        path = (path if path.is_file() else elsewhere.get(parts[-1]) or path).resolve()
        if not path.is_relative_to(folder.resolve()):  # a link that leads out
            return FoundImage(problem=f"{name} leads out of the folder of images")
        if not path.is_file():
            return FoundImage(problem=f"there is no file {name}")
        load_letterboxed(path, PROBE_PX, PROBE_PX)
        with path.open("rb") as content:
            return FoundImage(path, hashlib.file_digest(content, "sha256").hexdigest())
    except UnreadableImageError as error:
        return FoundImage(problem=str(error))
    except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, links in a circle
        return FoundImage(problem=f"{name[:80]!r} cannot be the name of a file here")
