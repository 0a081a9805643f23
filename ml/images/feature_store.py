"""What was computed of images, on disk, found by the SHA-256 of the image; for one way to compute.

A shard is two files: ``<name>.npy`` with the features of some images (a row each) and
``<name>.keys.npy`` with their digests. Each is written aside and moved into place, the digests
last: a shard without digests does not exist, so nothing half-written is ever read, and any number
of processes may add at once. At worst two compute the same image, and either answer serves.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ml.contract import BoolArray, OnProgress, ProductBatch
from ml.whole_files import whole_file

Features = NDArray[np.float16]
Image = tuple[str, Path]
"""The digest of an image's content, and where it lies."""
Compute = Callable[[Sequence[Image], OnProgress], Iterator[tuple[str, NDArray[Any]]]]
"""Gives the digest and the row of each image that can be read."""

DIGEST_BYTES = 32
KEYS = ".keys.npy"
LARGEST = float(np.finfo(np.float16).max)
SHARD = 256  # images lost at most when the machine stops; VGG16 takes half a minute for them


class FeatureStore:
    """The shards in one folder, which is made when the first is added.

    Parameters
    ----------
    directory
        One for each backbone, pooling, preprocessing, precision and digest of weights.
    n_features
        Length of a row; shards of another length are passed over.
    dtype
        Of a row on disk.
    """

    def __init__(self, directory: Path, n_features: int, dtype: DTypeLike = np.float16) -> None:
        self.directory = directory
        self.n_features = n_features
        self.dtype = np.dtype(dtype)
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
        halved = self.dtype == np.float16
        _write(shard, to_float16(features) if halved else features.astype(self.dtype))
        _write(keys_path, keys.reshape(-1, DIGEST_BYTES))
        self._read.add(keys_path.name)
        self._take_note(keys_path)

    def rows(self, digests: Sequence[str | None]) -> tuple[NDArray[Any], BoolArray]:
        """Return the features of each digest, zeros where none are kept, and where some are.

        Returns
        -------
        features : ndarray of shape (n_digests, n_features)
        found : ndarray of shape (n_digests,)
        """
        features = np.zeros((len(digests), self.n_features), dtype=self.dtype)
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

    def fill(self, images: Sequence[Image], compute: Compute, on_progress: OnProgress) -> None:
        """Compute what is missing of ``images`` and keep it, also when it is stopped midway."""
        self.refresh()
        missing = [images[at] for at in self.missing([digest for digest, _ in images])]
        pending: list[tuple[str, NDArray[Any]]] = []
        try:
            for image in compute(missing, on_progress):
                pending.append(image)
                if len(pending) >= SHARD:
                    self._keep(pending)
                    pending = []
        finally:  # stopped by on_progress or by an error: what is done is kept
            self._keep(pending)

    def _keep(self, computed: Sequence[tuple[str, NDArray[Any]]]) -> None:
        if computed:
            self.add([digest for digest, _ in computed], np.stack([row for _, row in computed]))


def images_of(batch: ProductBatch) -> list[Image]:
    """Return each image content of the batch once."""
    places = {
        digest: path
        for digest, path in zip(batch.image_hashes, batch.image_paths, strict=True)
        if digest is not None and path is not None
    }
    return list(places.items())


def rows_of(
    batch: ProductBatch, computed: dict[str, NDArray[Any]], n_features: int, dtype: DTypeLike
) -> tuple[NDArray[Any], BoolArray]:
    """Return the row of each product's image, zeros where there is none, and where there is one.

    Returns
    -------
    features : ndarray of shape (n_products, n_features)
    found : ndarray of shape (n_products,)
    """
    features = np.zeros((len(batch), n_features), dtype=dtype)
    found = np.array([digest in computed for digest in batch.image_hashes], dtype=np.bool_)
    for row in np.flatnonzero(found):
        features[row] = computed[str(batch.image_hashes[row])]
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
    with whole_file(path) as unfinished, unfinished.open("wb") as out:
        np.save(out, values, allow_pickle=False)
        out.flush()
        os.fsync(out.fileno())
