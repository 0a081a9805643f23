"""What training reads of a catalogue, at one moment, and the split that it writes back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.retraining import CatalogueSnapshot, SnapshotProduct, Split
from webapp.storage.tables import (
    AnnotationRow,
    CatalogueRow,
    CategoryRow,
    LabelRow,
    ProductImageRow,
    ProductRow,
)


def read(session: Session, *, catalogue_id: int) -> CatalogueSnapshot:
    """Read all products with their labels; call it in a reading transaction of its own.

    Labels and source categories are brought to the level at which the catalogue is decided; one
    above that level says too little and counts as none.
    """
    level = session.execute(
        select(CatalogueRow.decision_level).where(CatalogueRow.id == catalogue_id)
    ).scalar_one()
    decided_at = categories_at(session, catalogue_id=catalogue_id, level=level)
    images = _first_images(session, catalogue_id)
    labelled = session.execute(
        select(LabelRow.product_id, LabelRow.category_id).where(
            LabelRow.catalogue_id == catalogue_id
        )
    )
    labels = dict(labelled.all())
    rows = session.execute(
        select(
            ProductRow.id,
            ProductRow.external_id,
            ProductRow.name,
            ProductRow.description,
            ProductRow.specifications,
            ProductRow.source_category_id,
            ProductRow.is_evaluation,
            ProductRow.group_number,
        )
        .where(ProductRow.catalogue_id == catalogue_id)
        .order_by(ProductRow.id)
    )
    return CatalogueSnapshot(
        categories=tuple(sorted(set(decided_at.values()))),
        products=tuple(
            SnapshotProduct(
                id=row.id,
                external_id=row.external_id,
                name=row.name,
                description=row.description,
                specifications=tuple((str(key), str(value)) for key, value in row.specifications),
                image_sha256=images.get(row.id),
                source_category_id=decided_at.get(row.source_category_id),
                label_category_id=decided_at.get(labels.get(row.id)),
                is_evaluation=row.is_evaluation,
                group_number=row.group_number,
            )
            for row in rows
        ),
        last_annotation_id=session.scalar(
            select(func.max(AnnotationRow.id)).where(AnnotationRow.catalogue_id == catalogue_id)
        ),
    )


def write_splits(session: Session, *, splits: Sequence[Split]) -> None:
    """Store the side and the group of products; a side that was drawn before stays."""
    if not splits:
        return
    session.connection().execute(
        update(ProductRow)
        .where(ProductRow.id == bindparam("of_product"))
        .values(
            is_evaluation=func.coalesce(ProductRow.is_evaluation, bindparam("new_side")),
            group_number=bindparam("new_group"),
        ),
        [
            {
                "of_product": split.product_id,
                "new_side": split.is_evaluation,
                "new_group": split.group_number,
            }
            for split in splits
        ],
    )


def categories_at(session: Session, *, catalogue_id: int, level: int) -> dict[int | None, int]:
    """Return, by the id of each category from that level down, its ancestor at the level."""
    rows = session.execute(
        select(CategoryRow.id, CategoryRow.parent_id, CategoryRow.level)
        .where(CategoryRow.catalogue_id == catalogue_id, CategoryRow.level >= level)
        .order_by(CategoryRow.level)
    )
    found: dict[int | None, int] = {}
    for category_id, parent_id, at_level in rows:
        if at_level == level:
            found[category_id] = category_id
        elif parent_id in found:
            found[category_id] = found[parent_id]
    return found


def _first_images(session: Session, catalogue_id: int) -> dict[int, str]:
    """Return the hash of each product's first image that is stored."""
    rows = session.execute(
        select(ProductImageRow.product_id, ProductImageRow.sha256)
        .join(ProductRow, ProductRow.id == ProductImageRow.product_id)
        .where(ProductRow.catalogue_id == catalogue_id, ProductImageRow.sha256.is_not(None))
        .order_by(ProductImageRow.product_id, ProductImageRow.position.desc())
    )
    return {product_id: str(sha256) for product_id, sha256 in rows}  # the last one wins
