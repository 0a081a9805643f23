"""The image store: originals and their renditions, addressed by the SHA-256 of the original."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

ORIGINAL_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WebP": ".webp", "GIF": ".gif"}


class Rendition(StrEnum):
    """A smaller JPEG of an image, for the pages."""

    DISPLAY = "display"
    THUMB = "thumb"


RENDITION_SIDE_PX = {Rendition.DISPLAY: 1000, Rendition.THUMB: 240}  # at most, the longer side


def rendition_path(images_dir: Path, *, sha256: str, rendition: Rendition) -> Path:
    """Return where a rendition lies; it may not exist."""
    return _folder(images_dir, sha256) / f"{sha256}.{rendition}.jpg"


def original_path(images_dir: Path, *, sha256: str, image_format: str) -> Path:
    """Return where an original of that format (``JPEG``, ``PNG``, ...) lies; it may not exist."""
    return _folder(images_dir, sha256) / f"{sha256}{ORIGINAL_SUFFIXES[image_format]}"


def find_original(images_dir: Path, *, sha256: str) -> Path | None:
    """Return the file of an original, or None where the store has none."""
    folder = _folder(images_dir, sha256)
    candidates = (folder / f"{sha256}{suffix}" for suffix in ORIGINAL_SUFFIXES.values())
    return next((path for path in candidates if path.is_file()), None)


def add(
    images_dir: Path,
    *,
    sha256: str,
    image_format: str,
    content: bytes,
    renditions: dict[Rendition, bytes],
) -> None:
    """Store an image; the original comes last, so that where it is everything is.

    Only the original is forced to the disk: renditions can be made again from it.
    """
    for rendition, encoded in renditions.items():
        _write(rendition_path(images_dir, sha256=sha256, rendition=rendition), encoded)
    path = original_path(images_dir, sha256=sha256, image_format=image_format)
    _write(path, content, is_synced=True)


def _folder(images_dir: Path, sha256: str) -> Path:
    return images_dir / sha256[:2] / sha256[2:4]


def _write(path: Path, content: bytes, *, is_synced: bool = False) -> None:
    """Write a file whole or not at all: two imports may store the same image at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(content)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    unfinished.chmod(0o644)
    unfinished.replace(path)
