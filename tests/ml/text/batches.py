"""Products that have text and nothing else."""

from __future__ import annotations

from ml.contract import ProductBatch


def batch_of_texts(
    descriptions: list[str], names: list[str] | None = None, specifications: list[str] | None = None
) -> ProductBatch:
    """Make a product of each description."""
    empty = [""] * len(descriptions)
    return ProductBatch(
        ids=tuple(f"product-{number}" for number in range(len(descriptions))),
        names=tuple(names or empty),
        descriptions=tuple(descriptions),
        specifications=tuple(specifications or empty),
        image_paths=(None,) * len(descriptions),
        image_hashes=(None,) * len(descriptions),
    )
