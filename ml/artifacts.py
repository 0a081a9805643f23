"""A fitted pipeline on disk: its files and ``manifest.json``, which knows the digest of each.

Nothing is pickled: reading an artifact runs none of its content. The manifest is written last
and moved into place, so a folder that has one is whole. A pipeline made of others holds each as an
artifact in a sub-folder, which its own manifest seals; the outer one knows the digest of that.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ml.errors import ArtifactError

FORMAT = 1  # raised when an older program could no longer read what is written
MANIFEST = "manifest.json"
RECORDED_PACKAGES = ("keras", "numpy", "scikit-learn", "nltk", "opencv-python-headless")

Writer = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a fitted pipeline is, beside its weights.

    Parameters
    ----------
    pipeline
        Its name in the ``PIPELINES`` table.
    settings
        Those it was trained with; no paths, which differ between installations.
    categories
        The order of the columns of ``predict_proba``.
    details
        What the pipeline learned that fits into JSON.
    versions
        Of Python and the packages that the figures depend on.
    files
        SHA-256, in hexadecimal, of each file beside the manifest.
    parts
        SHA-256 of the manifest in each sub-folder that holds a pipeline of its own.
    """

    pipeline: str
    settings: Mapping[str, Any]
    categories: tuple[int, ...]
    details: Mapping[str, Any]
    versions: Mapping[str, str]
    files: Mapping[str, str]
    parts: Mapping[str, str] = field(default_factory=dict)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_artifact(
    directory: Path,
    *,
    pipeline: str,
    settings: Mapping[str, Any],
    categories: tuple[int, ...],
    details: Mapping[str, Any],
    writers: Mapping[str, Writer],
    parts: Mapping[str, Writer] | None = None,
) -> Manifest:
    """Let each writer write its file into ``directory``, then seal them with a manifest.

    Parameters
    ----------
    parts
        By sub-folder: what saves a whole artifact of its own there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    for name, write in writers.items():
        write(directory / name)
    for name, save in (parts or {}).items():
        save(directory / name)
    manifest = Manifest(
        pipeline=pipeline,
        settings=settings,
        categories=categories,
        details=details,
        versions={"python": platform.python_version()}
        | {package: version(package) for package in RECORDED_PACKAGES},
        files={name: sha256_of(directory / name) for name in writers},
        parts={name: sha256_of(directory / name / MANIFEST) for name in parts or {}},
    )
    text = json.dumps(
        {
            "format": FORMAT,
            "pipeline": manifest.pipeline,
            "settings": dict(manifest.settings),
            "categories": list(manifest.categories),
            "details": dict(manifest.details),
            "versions": dict(manifest.versions),
            "files": dict(manifest.files),
            "parts": dict(manifest.parts),
        },
        indent=2,
        sort_keys=True,
    )
    unfinished = directory / f"{MANIFEST}.part"
    with unfinished.open("w", encoding="utf-8") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(directory / MANIFEST)
    return manifest


def read_artifact(directory: Path) -> Manifest:
    """Read the manifest in ``directory`` and check every file against it.

    Of the parts it checks their manifests; loading each of them checks its files.

    Raises
    ------
    ArtifactError
        If the manifest or a file is missing, damaged, or of a newer format.
    """
    path = directory / MANIFEST
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError(
            f"there is no model in {directory}: {MANIFEST} is missing; train it again"
        ) from None
    except (OSError, ValueError) as error:
        raise _damaged(path, "it can't be read") from error
    found = stored.get("format") if isinstance(stored, dict) else None
    if found != FORMAT:
        raise ArtifactError(
            f"{path} has format {found}; this program reads format {FORMAT}: "
            "use the version of the program that wrote it, or train the model again"
        )
    try:
        manifest = Manifest(
            pipeline=str(stored["pipeline"]),
            settings=dict(stored["settings"]),
            categories=tuple(int(category) for category in stored["categories"]),
            details=dict(stored["details"]),
            versions=dict(stored["versions"]),
            files=dict(stored["files"]),
            parts=dict(stored.get("parts", {})),  # not in what was written before there were any
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "a part is missing") from error
    for name, digest in manifest.files.items():
        _check(directory, name, digest)
    for name, digest in manifest.parts.items():
        _check(directory, name, digest, MANIFEST)
    return manifest


def _check(directory: Path, name: str, digest: str, inside: str = "") -> None:
    if Path(name).name != name or name == "..":  # a manifest is no way to read other folders
        raise _damaged(directory / MANIFEST, f"it names a file outside its folder, {name!r}")
    path = directory / name / inside
    if not path.is_file():
        raise _damaged(path, "it is missing")
    if sha256_of(path) != digest:
        raise _damaged(path, "its content differs from what was saved")


def _damaged(path: Path, why: str) -> ArtifactError:
    return ArtifactError(
        f"the saved model is damaged: {path}: {why}; train it again or restore a backup"
    )
