"""Trains a round again from what it left, and compares what comes out."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ml.contract import FloatArray, OnStage
from ml.model_files import load_predictions, read_manifest
from ml.pipelines import PipelineSettings
from ml.round_records import RoundSettings
from ml.rounds import run_round
from ml.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Retraced:
    """What training a round again gave.

    Parameters
    ----------
    is_equal
        Whether all probabilities, fused and of both branches, are the same bit for bit.
    largest_difference
        Of any of them, 0 to 1; 1 where one training had a branch that the other lacked.
    n_other_category
        Products that another category is the likeliest of.
    n_products
        How many were compared.
    versions
        ``name: then -> now`` of each package that differs.
    fallback
        Why another pipeline took the image branch now, or None.
    """

    is_equal: bool
    largest_difference: float
    n_other_category: int
    n_products: int
    versions: tuple[str, ...]
    fallback: str | None


def retrace(
    directory: Path, snapshot: Snapshot, here: PipelineSettings, on_stage: OnStage
) -> Retraced:
    """Train the round in ``directory`` again, by its manifest, and compare the probabilities.

    Nothing is kept of the second training. On one machine the two are equal bit for bit; another
    processor may add numbers up in another order, and other versions may do other things.

    Parameters
    ----------
    snapshot
        What the round knew.
    here
        The paths of this installation; all else comes from the manifest.

    Raises
    ------
    ArtifactError
        If the model is missing, changed, or of another format.
    """
    manifest = read_manifest(directory)
    _, before = load_predictions(directory)
    settings = RoundSettings.from_manifest(manifest, here)
    with TemporaryDirectory(prefix="shelfwise-") as scratch:
        again = run_round(snapshot, settings, Path(scratch) / "again", on_stage)
    pairs = [(before.fused, again.fused), (before.text, again.text), (before.image, again.image)]
    return Retraced(
        is_equal=all(old.tobytes() == new.tobytes() for old, new in pairs),
        largest_difference=max(_largest_difference(old, new) for old, new in pairs),
        n_other_category=int((before.fused.argmax(axis=1) != again.fused.argmax(axis=1)).sum()),
        n_products=len(snapshot.batch),
        versions=_changed_versions(manifest["versions"]),
        fallback=again.fallback,
    )


def _largest_difference(old: FloatArray, new: FloatArray) -> float:
    if (np.isnan(old) != np.isnan(new)).any():
        return 1.0
    return float(np.nanmax(np.abs(old - new), initial=0.0))


def _changed_versions(then: Mapping[str, str]) -> tuple[str, ...]:
    now = {
        name: platform.python_version() if name == "python" else metadata.version(name)
        for name in then
    }
    return tuple(f"{name}: {old} -> {now[name]}" for name, old in then.items() if now[name] != old)
