"""Products of a catalogue and their images, as they are now."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.review import ProductState


@dataclass(frozen=True, slots=True)
class ProductImage:
    """An image that a product names.

    Stored under its ``sha256``; where that is None, ``problem`` says why it is not. Width and
    height are those of the upright original.
    """

    file_name: str
    sha256: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """One item of a catalogue.

    ``specifications`` are (key, value) in the seller's order, a key may be empty; ``source_path``
    is the category as the seller gave it, ``source_category_id`` its node at the level at which
    the catalogue is decided, None where the path is shorter. ``is_evaluation`` is None until the
    evaluation set is drawn.
    """

    id: int
    catalogue_id: int
    external_id: str
    name: str
    description: str
    specifications: tuple[tuple[str, str], ...]
    brand: str
    price: str
    source_path: str
    source_category_id: int | None
    state: ProductState
    is_evaluation: bool | None
    images: tuple[ProductImage, ...]
