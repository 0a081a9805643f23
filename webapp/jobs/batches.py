"""Catalogue products as the columns that ``ml`` reads, and settings as it takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ml.contract import PipelineSettings, ProductBatch
from ml.round_records import RoundSettings
from webapp.config import Config
from webapp.domain.retraining import SnapshotProduct
from webapp.storage import images


def batch_of(products: Sequence[SnapshotProduct], images_dir: Path) -> ProductBatch:
    """Return the columns of products; an image whose file has gone counts as missing."""
    paths = [
        images.find_original(images_dir, sha256=product.image_sha256)
        if product.image_sha256
        else None
        for product in products
    ]
    return ProductBatch(
        ids=tuple(product.external_id for product in products),
        names=tuple(product.name for product in products),
        descriptions=tuple(product.description for product in products),
        specifications=tuple(
            "; ".join(f"{key}: {value}" if key else value for key, value in product.specifications)
            for product in products
        ),
        image_paths=tuple(paths),
        image_hashes=tuple(
            product.image_sha256 if path else None
            for product, path in zip(products, paths, strict=True)
        ),
    )


def pipeline_settings(config: Config) -> PipelineSettings:
    """Return what this installation tells its pipelines."""
    return PipelineSettings(
        backbone=config.image_backbone,
        weights=config.image_weights,
        pooling=config.image_pooling,
        feature_dir=config.features_dir,
        precision=config.image_precision,
    )


def round_settings(config: Config) -> RoundSettings:
    """Return what this installation runs its rounds with."""
    return RoundSettings(
        text_pipeline=config.text_pipeline,
        image_pipeline=config.image_pipeline,
        pipeline=pipeline_settings(config),
    )


def model_dir(config: Config, *, catalogue_id: int, job_id: int) -> Path:
    """Return the folder of the model version that a job makes."""
    return config.models_dir / str(catalogue_id) / str(job_id)
