"""Why a round suggests what it suggests, and what is like it: what stands beside a suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

N_SIMILAR = 3  # shown on a card


@dataclass(frozen=True, slots=True)
class PhotoRegion:
    """What the image network goes by on one photo.

    Parameters
    ----------
    category_id
        The category that the image alone suggests.
    rows
        Rows of cells from the top left, from 0 (no matter) to 1; all 0 where no part decides.
    """

    category_id: int
    image_sha256: str
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the worker has found out of one product in one round; a part is None until it has.

    Parameters
    ----------
    words
        With their weights in nats, the heaviest first: what the text goes by.
    neighbours
        Ids of products with their cosines, the nearest first.
    """

    round_id: int
    product_id: int
    words: tuple[tuple[str, float], ...] | None
    neighbours: tuple[tuple[int, float], ...] | None
    region: PhotoRegion | None


@dataclass(frozen=True, slots=True)
class DecidedProduct:
    """A product whose category a person has decided."""

    product_id: int
    name: str
    image_sha256: str | None
    category_id: int
    category_name: str


@dataclass(frozen=True, slots=True)
class CardEvidence:
    """What a card shows beside its suggestion; ``similar`` are decided, the nearest first."""

    words: tuple[str, ...]
    similar: tuple[DecidedProduct, ...]
    region: PhotoRegion | None


def evidence_of(explanation: Explanation, decided: Mapping[int, DecidedProduct]) -> CardEvidence:
    """Return what a card shows of an explanation, given which products are decided right now."""
    nearest = (decided.get(product_id) for product_id, _ in explanation.neighbours or ())
    similar = [product for product in nearest if product is not None]
    return CardEvidence(
        words=tuple(word for word, _ in explanation.words or ()),
        similar=tuple(similar[:N_SIMILAR]),
        region=explanation.region,
    )
