"""Taking images out of a ZIP archive that somebody uploaded: nothing leads out, nothing swells."""

from __future__ import annotations

import errno
import lzma
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from webapp.domain.imports import ImportRejectedError

_CHUNK_BYTES = 1 << 20
_MAX_RATIO = 200  # images hardly shrink; an archive that is all zeros reaches 1,000
_FAULTS_OF_A_NAME = frozenset(
    {
        None,  # raised by a decompressor
        errno.EEXIST,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
        errno.EINVAL,
        errno.EILSEQ,
    }
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may unpack to."""

    n_files: int
    file_bytes: int
    total_bytes: int


def check(path: Path, limits: ArchiveLimits) -> int:
    """Return how many files an archive holds, reading its directory only.

    Raises
    ------
    ImportRejectedError
        If it is no ZIP archive, is encrypted, or says itself that it is over the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _files(archive)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ImportRejectedError(
            "The archive of images cannot be read. Expected is a ZIP file."
        ) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise ImportRejectedError("The archive of images is encrypted. Expected is a plain one.")
    if len(entries) > limits.n_files:
        raise ImportRejectedError(
            "The archive holds %(n)s files; at most %(most)s are taken.",
            n=len(entries),
            most=limits.n_files,
        )
    if sum(entry.file_size for entry in entries) > limits.total_bytes:
        raise ImportRejectedError(
            "The archive unpacks to more than %(most)s MB.", most=limits.total_bytes // 1_000_000
        )
    return len(entries)


def unpack(path: Path, target: Path, limits: ArchiveLimits) -> None:
    """Unpack the files of an archive below ``target``, without the one folder around them all.

    Left out are files that are too large, swell too much or are damaged: the import then misses
    an image and says so. The folder appears whole or not at all.

    Raises
    ------
    ImportRejectedError
        If the archive is over the limits, whatever its directory says.
    """
    check(path, limits)
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    total = 0
    with zipfile.ZipFile(path) as archive:
        entries = _files(archive)
        skip = _n_common_folders(entries)
        for entry in entries:
            parts = PurePosixPath(entry.filename).parts[skip:]
            destination = unfinished.joinpath(*parts)
            try:
                total += _unpack_one(archive, entry, destination, limits.file_bytes)
            except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError):
                destination.unlink(missing_ok=True)
            except OSError as error:
                if error.errno not in _FAULTS_OF_A_NAME:  # a full disk is no fault of the archive
                    raise
            if total > limits.total_bytes:
                shutil.rmtree(unfinished)
                raise ImportRejectedError(
                    "The archive unpacks to more than %(most)s MB.",
                    most=limits.total_bytes // 1_000_000,
                )
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)


def _unpack_one(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, destination: Path, most: int
) -> int:
    """Write one file, counting what really comes out; return its size."""
    most = min(most, max(1, entry.compress_size) * _MAX_RATIO)
    n_bytes = 0
    destination.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, destination.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            n_bytes += len(chunk)
            if n_bytes > most:
                raise zipfile.BadZipFile("the file is larger than it may be")
            file.write(chunk)
    return n_bytes


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the plain files whose names stay inside; what file managers add is left out."""
    return [
        entry
        for entry in archive.infolist()
        if not entry.is_dir()
        and not stat.S_ISLNK(entry.external_attr >> 16)
        and _is_inside(PurePosixPath(entry.filename))
    ]


def _is_inside(name: PurePosixPath) -> bool:
    is_hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    is_odd = "\\" in str(name) or "\0" in str(name) or ":" in str(name)
    return bool(name.parts) and not name.is_absolute() and not is_hidden and not is_odd


def _n_common_folders(entries: list[zipfile.ZipInfo]) -> int:
    """Return 1 where one folder is around all the files, else 0."""
    tops = {PurePosixPath(entry.filename).parts[0] for entry in entries}
    is_wrapped = all(len(PurePosixPath(entry.filename).parts) > 1 for entry in entries)
    return int(len(tops) == 1 and is_wrapped)
