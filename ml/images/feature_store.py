"""Features of images on disk, found by the SHA-256 of the image; for one backbone and recipe.

A shard is two files: ``<name>.npy`` with the features of some images (float16, a row each) and
``<name>.keys.npy`` with their digests. Each is written aside and moved into place, the digests
last: a shard without digests does not exist, so nothing half-written is ever read, and any number
of processes may add at once. At worst two compute the same image, and either answer serves.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float16]

DIGEST_BYTES = 32
KEYS = ".keys.npy"
LARGEST = float(np.finfo(np.float16).max)


class FeatureStore:
    """The shards in one folder, which is made when the first is added.

    Parameters
    ----------
    directory
        One for each backbone, pooling, preprocessing, precision and digest of weights.
    n_features
        Length of a row; shards of another length are passed over.
    """

    def __init__(self, directory: Path, n_features: int) -> None:
        self.directory = directory
        self.n_features = n_features
        self._places: dict[bytes, tuple[Path, int]] = {}
        self._read: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        """Take note of shards that other processes have added."""
        if not self.directory.is_dir():
            return
        for path in sorted(self.directory.glob(f"*{KEYS}")):
            if path.name not in self._read:
                self._read.add(path.name)
                self._take_note(path)

    def _take_note(self, keys_path: Path) -> None:
        shard = keys_path.with_name(keys_path.name.removesuffix(KEYS) + ".npy")
        keys, rows = _open(keys_path), _open(shard)
        if keys is None or rows is None or rows.shape != (len(keys), self.n_features):
            return  # damaged on disk: its images are computed again
        for row, key in enumerate(keys):
            self._places[key.tobytes()] = (shard, row)

    def missing(self, digests: Sequence[str]) -> list[int]:
        """Return the positions in ``digests``, each content once, that have no features yet."""
        first: dict[str, int] = {}
        for position, digest in enumerate(digests):
            if bytes.fromhex(digest) not in self._places:
                first.setdefault(digest, position)
        return list(first.values())

    def add(self, digests: Sequence[str], features: NDArray[Any]) -> None:
        """Write one shard: a row of ``features``, ``(n_digests, n_features)``, for each digest."""
        if not digests:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        shard = self.directory / f"{uuid.uuid4().hex}.npy"
        keys_path = shard.with_name(shard.stem + KEYS)
        keys = np.frombuffer(b"".join(map(bytes.fromhex, digests)), dtype=np.uint8)
        _write(shard, to_float16(features))
        _write(keys_path, keys.reshape(-1, DIGEST_BYTES))
        self._read.add(keys_path.name)
        self._take_note(keys_path)

    def rows(self, digests: Sequence[str | None]) -> tuple[Features, NDArray[np.bool_]]:
        """Return the features of each digest, zeros where none are kept, and where some are.

        Returns
        -------
        features : ndarray of shape (n_digests, n_features)
        found : ndarray of shape (n_digests,)
        """
        features = np.zeros((len(digests), self.n_features), dtype=np.float16)
        found = np.zeros(len(digests), dtype=np.bool_)
        wanted: dict[Path, list[tuple[int, int]]] = {}
        for position, digest in enumerate(digests):
            place = None if digest is None else self._places.get(bytes.fromhex(digest))
            if place is not None:
                wanted.setdefault(place[0], []).append((position, place[1]))
        for shard, pairs in wanted.items():
            stored = _open(shard)
            if stored is None or stored.shape[1:] != (self.n_features,):
                continue  # removed or damaged since it was noted
            positions = [position for position, _ in pairs]
            features[positions] = stored[[row for _, row in pairs]]
            found[positions] = True
        return features, found


def to_float16(features: NDArray[Any]) -> Features:
    """Halve the precision; VGG16's activations reach some thousands, float16 holds 65,504."""
    return np.asarray(np.clip(features, -LARGEST, LARGEST), dtype=np.float16)


def _open(path: Path) -> NDArray[Any] | None:
    """Map a file of numbers, or return None where it is missing, cut off or no such file."""
    try:
        mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return mapped


def _write(path: Path, values: NDArray[Any]) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as out:
        np.save(out, values, allow_pickle=False)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)
