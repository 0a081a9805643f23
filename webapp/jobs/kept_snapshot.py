"""Reads again what a round knew, whatever has been labelled or imported since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ml.snapshot_files import read_snapshot
from ml.snapshots import Snapshot
from webapp.config import Config
from webapp.domain.errors import ConflictError
from webapp.domain.retraining import Round
from webapp.jobs.batches import batch_of, model_dir
from webapp.storage import snapshots
from webapp.storage.database import Database


@dataclass(frozen=True, slots=True)
class RetakenSnapshot:
    """A round's snapshot; ``n_changed`` products have another text or image now than then."""

    snapshot: Snapshot
    directory: Path
    n_changed: int


def retake_snapshot(config: Config, database: Database, found: Round) -> RetakenSnapshot:
    """Return what a round knew: labels, sides and groups as then, texts and images as now.

    Raises
    ------
    ArtifactError
        If the folder of the round's model does not tell.
    ConflictError
        If a product is gone.
    """
    directory = model_dir(config, catalogue_id=found.catalogue_id, job_id=found.job_id)
    kept = read_snapshot(directory)
    with database.read() as session:
        now = snapshots.read(session, catalogue_id=found.catalogue_id)
    by_id = {product.external_id: product for product in now.products}
    n_gone = sum(product_id not in by_id for product_id in kept.ids)
    if n_gone:
        raise ConflictError(
            "%(n)s products that round %(number)s knew are gone.", n=n_gone, number=found.number
        )
    batch = batch_of([by_id[product_id] for product_id in kept.ids], config.images_dir)
    return RetakenSnapshot(kept.restore(batch), directory, kept.count_changed(batch))
