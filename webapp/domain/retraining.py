"""Rounds of training and what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Round:
    """A finished round: its model version, what it was trained on, and how good it is.

    ``metrics`` is ``{"ari": {"value", "low", "high", "n"} or None, "accuracy": ..., ...}``;
    ``confusion`` is ``{"categories": [ids], "counts": [[...]]}``, rows true, columns predicted.
    A provisional round was measured against source categories for want of labels. A held one waits
    for an admin: ``gate`` says what it was compared with, and how. ``estimates`` is what labelling
    has brought, ``baselines`` ``{pipeline: {"ari": {...}, "accuracy": {...}, "seconds"}}``.
    """

    id: int
    catalogue_id: int
    job_id: int
    number: int
    started_at: datetime
    finished_at: datetime
    is_published: bool
    reason: str
    last_annotation_id: int | None
    n_labels: int
    n_source_categories: int
    n_evaluation: int
    n_evaluation_labels: int
    is_provisional: bool
    text_pipeline: str
    image_pipeline: str
    fusion: dict[str, Any]
    fallback: str | None
    metrics: dict[str, Any]
    confusion: dict[str, Any]
    manifest: dict[str, Any]
    seconds: dict[str, Any]
    trigger: str
    is_held: bool
    gate: dict[str, Any]
    estimates: dict[str, Any]
    baselines: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A category and its probability, 0 to 1."""

    category_id: int
    probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one round says of one product; each list is likeliest first.

    ``text`` and ``image`` are None where the product has no text or no image.
    """

    round_id: int
    product_id: int
    category_id: int
    probability: float
    margin: float
    fused: tuple[Ranked, ...]
    text: tuple[Ranked, ...] | None
    image: tuple[Ranked, ...] | None


@dataclass(frozen=True, slots=True)
class SnapshotProduct:
    """What training reads of a product.

    ``is_evaluation`` is None before the evaluation set was drawn; the categories are those of the
    level at which the catalogue is decided.
    """

    id: int
    external_id: str
    name: str
    description: str
    specifications: tuple[tuple[str, str], ...]
    image_sha256: str | None
    source_category_id: int | None
    label_category_id: int | None
    is_evaluation: bool | None
    group_number: int | None


@dataclass(frozen=True, slots=True)
class CatalogueSnapshot:
    """A catalogue at one moment; ``last_annotation_id`` is the newest act that it knows."""

    categories: tuple[int, ...]
    products: tuple[SnapshotProduct, ...]
    last_annotation_id: int | None


@dataclass(frozen=True, slots=True)
class Split:
    """On which side a product is, and which near-duplicates it shares it with, if it has any."""

    product_id: int
    is_evaluation: bool
    group_number: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a round would train on now.

    ``n_labels`` and ``n_source_categories`` count products outside the evaluation set, near enough:
    near-duplicates of its products are left out too. ``n_new_labels`` came after the live round.
    """

    n_products: int
    n_labels: int
    n_source_categories: int
    n_evaluation: int
    n_evaluation_labels: int
    n_new_labels: int
