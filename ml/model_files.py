"""A model version on disk: its branches, the predictions of its round, and ``manifest.json``."""

from __future__ import annotations

import json
import platform
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from ml.artifacts import MANIFEST, RECORDED_PACKAGES, sha256_of
from ml.branches import Branch, Modality
from ml.errors import ArtifactError
from ml.fused_model import FusedModel, Predictions
from ml.fusion import Fusion
from ml.pipelines import PipelineSettings, load
from ml.snapshot_files import SNAPSHOT, write_snapshot
from ml.snapshots import Snapshot

FORMAT = 1
PROBABILITIES = "probabilities.npz"


def write_round(
    directory: Path,
    model: FusedModel,
    snapshot: Snapshot,
    predictions: Predictions,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Write a model, what its round knew and predicted, and the manifest; return the manifest.

    ``directory`` appears in one step, complete; what an earlier try left there goes.
    """
    partial = directory.with_name(f"{directory.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        versions = {name: metadata.version(name) for name in ("scipy", *RECORDED_PACKAGES)}
        facts = {
            **_save(model, partial),
            **facts,
            "versions": {"python": platform.python_version(), **versions},
        }
        np.savez_compressed(
            partial / PROBABILITIES,
            ids=np.array(snapshot.batch.ids, dtype=np.str_),
            fused=predictions.fused,
            text=predictions.text,
            image=predictions.image,
        )
        write_snapshot(partial / SNAPSHOT, snapshot)
        files = {
            path.relative_to(partial).as_posix(): sha256_of(path)
            for path in sorted(partial.rglob("*"))
            if path.is_file()
        }
        text = json.dumps({**facts, "files": files}, indent=2, allow_nan=False)
        (partial / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        if directory.exists():
            shutil.rmtree(directory)
        partial.replace(directory)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def _save(model: FusedModel, directory: Path) -> dict[str, Any]:
    """Write the branches into ``directory`` and return what the manifest must hold of them."""
    branches = {}
    for branch in (model.text, model.image):
        if branch is not None:
            branch.pipeline.save(directory / branch.modality)
            branches[branch.modality] = {
                "pipeline": branch.name,
                "temperature": branch.temperature,
            }
    return {
        "format": FORMAT,
        "categories": list(model.categories),
        "branches": branches,
        "fusion": model.fusion.as_dict(),
        "prior": model.prior.tolist(),
    }


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read the manifest and check every file against it.

    Raises
    ------
    ArtifactError
        If the manifest or a file is missing, changed, or of another format.
    """
    path = directory / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise ArtifactError(
                f"The model in {directory} has format {manifest['format']}; this version of "
                f"Shelfwise reads {FORMAT}. Train a new round."
            )
        for name, expected in manifest["files"].items():
            inside = (directory / name).resolve().is_relative_to(directory.resolve())
            if not inside or sha256_of(directory / name) != expected:
                raise ArtifactError(
                    f"{directory / name} has changed since the model was written. "
                    "Restore it from a backup, or train a new round."
                )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"The model in {directory} is incomplete or damaged ({error}). "
            "Restore it from a backup, or train a new round."
        ) from error
    return manifest


def load_model(directory: Path, settings: PipelineSettings) -> FusedModel:
    """Load what a round wrote into ``directory``.

    Raises
    ------
    ArtifactError
        If something is missing, changed or of an unknown format.
    WeightsUnavailableError
        If the image branch needs a backbone whose weights are not here.
    """
    manifest = read_manifest(directory)

    def branch(modality: Modality) -> Branch | None:
        record = manifest["branches"].get(modality)
        if record is None:
            return None
        pipeline = load(directory / modality, settings)
        return Branch(modality, record["pipeline"], pipeline, float(record["temperature"]))

    return FusedModel(
        categories=tuple(int(category) for category in manifest["categories"]),
        text=branch("text"),
        image=branch("image"),
        fusion=Fusion.from_dict(manifest["fusion"]),
        prior=np.array(manifest["prior"], dtype=np.float64),
    )


def load_predictions(directory: Path) -> tuple[tuple[str, ...], Predictions]:
    """Read the ids of a round's products and what it said of them."""
    read_manifest(directory)
    with np.load(directory / PROBABILITIES, allow_pickle=False) as arrays:
        ids = tuple(str(product_id) for product_id in arrays["ids"])
        return ids, Predictions(arrays["fused"], arrays["text"], arrays["image"])
