"""Catalogues and their categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from webapp.domain.catalogue_settings import CatalogueSettings, read_settings


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A named collection of products; ``live_round_id`` is None before the first round."""

    id: int
    slug: str
    name: str
    decision_level: int
    evaluation_share: float
    live_round_id: int | None
    created_at: datetime
    settings: CatalogueSettings = field(default_factory=lambda: read_settings({}))


@dataclass(frozen=True, slots=True)
class Category:
    """A node of a catalogue's tree; ``path`` is the names from the root, joined by `` > ``."""

    id: int
    parent_id: int | None
    name: str
    path: str
    level: int


@dataclass(frozen=True, slots=True)
class CatalogueProgress:
    """How far a catalogue is."""

    catalogue: Catalogue
    n_products: int
    n_labelled: int
    n_flagged: int
    n_accepted: int
    n_disputed: int
    live_round_number: int | None
