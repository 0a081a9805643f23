"""What a round knew, kept beside its model: what is to be compared with it later learns the same.

Kept are the ids of the products, their labels, source categories, sides and groups, and a digest
of each product's content. Texts and images stay where they are; the digest tells whether they have
changed since.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ml.contract import IntArray, ProductBatch
from ml.errors import ArtifactError
from ml.snapshots import Snapshot

SNAPSHOT = "snapshot.npz"
_NOT_ARRAYS = ("batch", "categories")
ARRAYS = tuple(field.name for field in fields(Snapshot) if field.name not in _NOT_ARRAYS)


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot without its texts and images; ``contents`` are digests of shape (n_products,)."""

    ids: tuple[str, ...]
    categories: tuple[int, ...]
    arrays: dict[str, IntArray]
    contents: NDArray[np.uint64]

    def restore(self, batch: ProductBatch) -> Snapshot:
        """Return the snapshot, with the products as they are now.

        Raises
        ------
        ValueError
            If ``batch`` holds other products, or in another order.
        """
        if batch.ids != self.ids:
            raise ValueError("these are not the products of the snapshot")
        return Snapshot(batch=batch, categories=self.categories, **self.arrays)  # type: ignore[arg-type]

    def count_changed(self, batch: ProductBatch) -> int:
        """Count the products whose text or image differs from what the round saw."""
        return int((digests_of(batch) != self.contents).sum())


def digests_of(batch: ProductBatch) -> NDArray[np.uint64]:
    """Return a number for the text and the image of each product, shape ``(n_products,)``."""
    columns = (batch.names, batch.descriptions, batch.specifications, batch.image_hashes)
    return np.array(
        [
            int.from_bytes(hashlib.sha256(repr(product).encode()).digest()[:8], "big")
            for product in zip(*columns, strict=True)
        ],
        dtype=np.uint64,
    )


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write what a later reader needs of a snapshot."""
    np.savez_compressed(
        path,
        ids=np.array(snapshot.batch.ids, dtype=np.str_),
        categories=np.array(snapshot.categories, dtype=np.int64),
        contents=digests_of(snapshot.batch),
        **{name: getattr(snapshot, name) for name in ARRAYS},
    )


def read_snapshot(directory: Path) -> KeptSnapshot:
    """Read what a round knew from the folder of its model.

    Raises
    ------
    ArtifactError
        If it is not there or damaged.
    """
    try:
        with np.load(directory / SNAPSHOT, allow_pickle=False) as stored:
            return KeptSnapshot(
                ids=tuple(str(product_id) for product_id in stored["ids"]),
                categories=tuple(int(category) for category in stored["categories"]),
                arrays={name: stored[name] for name in ARRAYS},
                contents=stored["contents"],
            )
    except FileNotFoundError as error:
        raise ArtifactError(
            f"{directory} does not tell what the round learned from: the model is gone, or an "
            "earlier version of Shelfwise wrote it. Train a new round."
        ) from error
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ArtifactError(
            f"{directory / SNAPSHOT} is damaged. Restore it from a backup, or train a new round."
        ) from error
