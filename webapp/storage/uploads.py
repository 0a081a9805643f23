"""Uploaded files that wait for their import, each in a folder of a random name."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from webapp.domain.errors import NotFoundError

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT_S = 7 * 24 * 3600  # longer than anybody thinks about a preview


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody uploaded; ``file_name`` is for people, no path is made of it."""

    token: str
    file_name: str
    catalogue_name: str
    n_archived: int | None  # files in the archive of images; None without one


def add(
    uploads_dir: Path,
    *,
    table: IO[bytes],
    file_name: str,
    catalogue_name: str,
    archive: IO[bytes] | None,
) -> Upload:
    """Store a file, and the archive of its images if there is one; forget very old uploads."""
    _remove_old(uploads_dir)
    token = secrets.token_hex(16)
    folder = uploads_dir / token
    folder.mkdir(parents=True)
    with table_path(uploads_dir, token).open("xb") as file:
        shutil.copyfileobj(table, file)
    if archive is not None:
        with archive_path(uploads_dir, token).open("xb") as file:
            shutil.copyfileobj(archive, file)
    upload = Upload(token, file_name, catalogue_name, n_archived=0 if archive is not None else None)
    describe(uploads_dir, upload)
    return upload


def describe(uploads_dir: Path, upload: Upload) -> None:
    """Write down what is known of an upload."""
    _about(uploads_dir, upload.token).write_text(json.dumps(asdict(upload)), encoding="utf-8")


def get(uploads_dir: Path, *, token: str) -> Upload:
    """Return the upload of that name."""
    if _TOKEN.fullmatch(token):
        try:
            return Upload(**json.loads(_about(uploads_dir, token).read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
    raise NotFoundError("This upload is no longer here. Upload the file again.")


def remove(uploads_dir: Path, *, token: str) -> None:
    """Forget an upload."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(uploads_dir / token, ignore_errors=True)


def table_path(uploads_dir: Path, token: str) -> Path:
    """Return where the uploaded table lies."""
    return uploads_dir / token / "table"


def archive_path(uploads_dir: Path, token: str) -> Path:
    """Return where the archive of images lies."""
    return uploads_dir / token / "images.zip"


def images_path(uploads_dir: Path, token: str) -> Path:
    """Return where the archive is unpacked."""
    return uploads_dir / token / "images"


def _about(uploads_dir: Path, token: str) -> Path:
    return uploads_dir / token / "about.json"


def _remove_old(uploads_dir: Path) -> None:
    if not uploads_dir.is_dir():
        return
    for folder in uploads_dir.iterdir():
        if folder.stat().st_mtime < time.time() - _KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
