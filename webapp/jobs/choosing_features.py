"""What products look like to the samplers, kept in one file a catalogue beside its models.

The file is a list of product ids and an array of features, one behind the other in numpy's own
format: no pickle, and a few rows of a million are read without the others.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.lib import format as npy

from ml.contract import FloatArray, IntArray
from ml.whole_files import whole_file
from webapp.config import Config
from webapp.domain.catalogue import Catalogue
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.jobs.context import JobContext
from webapp.storage import ordered_products

_LOG = logging.getLogger(__name__)
# What numpy raises on bytes that are no array: its header is read with Python's own tokenizer.
_UNREADABLE = (OSError, ValueError, EOFError, MemoryError, OverflowError, SyntaxError, TokenError)


@dataclass(frozen=True, slots=True)
class KeptFeatures:
    """Features of products, smoothed.

    Parameters
    ----------
    product_ids : ndarray of shape (n_products,)
        Rising.
    features : ndarray of shape (n_products, n_features)
        float32, rows of length 1; on disk until they are read.
    """

    product_ids: IntArray
    features: FloatArray

    def rows_of(self, product_ids: IntArray) -> IntArray:
        """Return the row of each product, -1 where it has none: shape ``(len(product_ids),)``."""
        if not len(self.product_ids):
            return np.full(len(product_ids), -1)
        at = np.minimum(np.searchsorted(self.product_ids, product_ids), len(self.product_ids) - 1)
        return np.where(self.product_ids[at] == product_ids, at, -1)


def compute(context: JobContext, catalogue: Catalogue, taken: TakenSnapshot) -> FloatArray:
    """Compute the features of a catalogue and keep them; without weights or images, of its text.

    Returns
    -------
    ndarray of shape (n_products, n_features)
        In the order of the snapshot, smoothed.
    """
    from ml.choosing.features import features_of  # loads TensorFlow, which reading does without
    from ml.choosing.smoothing import smooth
    from webapp.jobs.batches import pipeline_settings

    context.report("look", 0, 1)
    features = smooth(
        features_of(
            taken.snapshot.batch,
            pipeline_settings(context.config),
            on_progress=lambda done, total: context.report("look", done, total),
        )
    )
    path = path_of(context.config, catalogue)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, np.array(taken.product_ids, dtype=np.int64), allow_pickle=False)
        np.save(file, np.ascontiguousarray(features, dtype=np.float32), allow_pickle=False)
    return features


def find(config: Config, catalogue: Catalogue) -> KeptFeatures | None:
    """Return what was kept last, or None where there is nothing that can be read."""
    path = path_of(config, catalogue)
    try:
        with path.open("rb") as file:
            product_ids = npy.read_array(file, allow_pickle=False)
            npy.read_magic(file)
            shape, _, kind = npy.read_array_header_1_0(file)
            if not (
                product_ids.dtype == np.int64
                and product_ids.ndim == 1
                and (np.diff(product_ids) > 0).all()
                and kind == np.float32
                and len(shape) == 2
                and shape[0] == len(product_ids)
            ):
                raise ValueError("the arrays are not those of features")
            features = (
                np.memmap(file, kind, "r", file.tell(), shape) if shape[0] else np.empty(shape)
            )
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        _LOG.warning("%s is left out until the next round writes it anew: %s", path, error)
        return None
    return KeptFeatures(product_ids, features)


def knows_all(context: JobContext, catalogue: Catalogue) -> bool:
    """Tell whether every product of a catalogue is in what is kept."""
    kept = find(context.config, catalogue)
    if kept is None:
        return False
    with context.database.read() as session:
        extent = ordered_products.measure(session, catalogue_id=catalogue.id)
    return extent == (len(kept.product_ids), int(kept.product_ids.max(initial=0)))


def path_of(config: Config, catalogue: Catalogue) -> Path:
    """Return where the features of a catalogue are kept."""
    return config.models_dir / f"choosing-{catalogue.id}.npy"
