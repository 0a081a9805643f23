"""What studies and simulations say first: what was measured on, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ml.contract import PipelineSettings
from ml.errors import MlError
from ml.study.catalogue import StudyProducts, readable_name


@dataclass(frozen=True, slots=True)
class Subject:
    """The products of a file, and how they were measured on.

    Parameters
    ----------
    source
        The name of the file, without its folder.
    left_out
        Products, and ways of reading them, that were left out, and why, in plain words.
    settings, versions
        Seed, backbone and the like; of Python and the packages the figures depend on.
    """

    source: str
    categories: tuple[str, ...]
    n_products: int
    n_groups: int
    n_with_text: int
    n_with_image: int
    left_out: tuple[str, ...]
    settings: dict[str, Any]
    versions: dict[str, str]

    def subject_as_dict(self) -> dict[str, Any]:
        """Return what JSON documents begin with."""
        values = {each.name: getattr(self, each.name) for each in fields(Subject)}
        return values | {name: list(values[name]) for name in ("categories", "left_out")}


def facts_of(
    products: StudyProducts,
    *,
    left_out: tuple[str, ...],
    settings: Mapping[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return the fields of a ``Subject``; ``left_out`` is what the products do not say already."""
    batch = products.batch
    return {
        "source": products.source,
        "categories": products.categories,
        "n_products": len(batch),
        "n_groups": len(set(products.groups.tolist())),
        "n_with_text": int(batch.has_text().sum()),
        "n_with_image": int(batch.has_image().sum()),
        "left_out": (*products.left_out, *left_out),
        "settings": settings,
        "versions": versions,
    }


def backbone_facts(settings: PipelineSettings) -> dict[str, Any]:
    """Return which backbone read the photos, naming no folder of this machine."""
    weights = settings.weights
    return {
        "backbone": settings.backbone,
        "weights": None if weights is None else readable_name(weights.name),
        "pooling": settings.pooling,
        "precision": settings.precision,
    }


def reason_of(error: MlError, settings: PipelineSettings) -> str:
    """Return why something was left out, naming no folder: it is kept and passed on."""
    said, weights = str(error).rstrip("."), settings.weights
    return said if weights is None else said.replace(str(weights), readable_name(weights.name))
