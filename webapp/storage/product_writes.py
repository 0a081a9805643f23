"""Adding and changing products as an import brings them, with their history."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.domain.category_paths import join, node_at
from webapp.domain.image_files import keep_known
from webapp.domain.imports import ImportedProduct
from webapp.domain.products import ProductImage
from webapp.storage import catalogues, categories, products
from webapp.storage.tables import (
    ProductImageRow,
    ProductRow,
    ProductVersionRow,
)


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an import left of a batch: the ids of new products, and each one's images."""

    new_ids: tuple[int, ...]
    images: tuple[tuple[ProductImage, ...], ...]  # in the order of the batch


def upsert(
    session: Session,
    *,
    catalogue_id: int,
    decision_level: int,
    import_id: int,
    batch: Sequence[tuple[ImportedProduct, tuple[ProductImage, ...]]],
    now: datetime,
) -> Upserted:
    """Add what is new, change what differs, leave the rest; each change is kept as a version.

    Parameters
    ----------
    batch
        Products of different external ids, each with its images.
    """
    catalogues.lock(session, catalogue_id=catalogue_id)  # one import at a time
    rows = _find_rows(session, catalogue_id, [product.external_id for product, _ in batch])
    known = products.find_images(session, product_ids=[row.id for row in rows.values()])
    nodes = categories.add_missing(
        session, catalogue_id=catalogue_id, paths=[product.category for product, _ in batch]
    )
    images_of: list[tuple[ProductImage, ...]] = []
    changes: list[tuple[ProductRow, dict[str, Any], tuple[ProductImage, ...]]] = []
    added: list[ProductRow] = []
    for product, found in batch:
        row = rows.get(product.external_id)
        stored = {i.file_name: i for i in known.get(row.id, ()) if i.sha256} if row else {}
        images = keep_known(found, stored)
        images_of.append(images)
        content = _content(product, images)
        digest = _digest(content)
        if row is not None and row.content_sha256 == digest:
            continue
        if row is None:
            row = ProductRow(
                catalogue_id=catalogue_id,
                external_id=product.external_id,
                created_at=now,
                is_evaluation=None,
                group_number=None,
            )
            added.append(row)
        _fill(row, product, digest, now)
        node = node_at(product.category, decision_level)
        row.source_category_id = nodes[node] if node else None
        changes.append((row, content, images))
    session.add_all(added)
    session.flush()
    _keep_versions(session, changes, import_id=import_id, now=now)
    _replace_images(session, [(row.id, images) for row, _, images in changes])
    return Upserted(tuple(row.id for row in added), tuple(images_of))


def count_brought(session: Session, *, import_id: int) -> tuple[int, int]:
    """Return how many products an import added and changed, however often it was resumed."""
    versions = select(ProductVersionRow.product_id).where(ProductVersionRow.import_id == import_id)
    n_new = select(func.count()).select_from(
        versions.where(ProductVersionRow.number == 1).subquery()
    )
    n_all = select(func.count()).select_from(versions.distinct().subquery())
    new = session.scalar(n_new) or 0
    return new, (session.scalar(n_all) or 0) - new


def _find_rows(
    session: Session, catalogue_id: int, external_ids: Sequence[str]
) -> dict[str, ProductRow]:
    rows = session.scalars(
        select(ProductRow).where(
            ProductRow.catalogue_id == catalogue_id, ProductRow.external_id.in_(external_ids)
        )
    )
    return {row.external_id: row for row in rows}


def _content(product: ImportedProduct, images: tuple[ProductImage, ...]) -> dict[str, Any]:
    return {
        "name": product.name,
        "description": product.description,
        "specifications": [list(pair) for pair in product.specifications],
        "brand": product.brand,
        "price": product.price,
        "source_path": join(product.category),
        "images": [[image.file_name, image.sha256] for image in images],
    }


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _fill(row: ProductRow, product: ImportedProduct, digest: str, now: datetime) -> None:
    row.name = product.name
    row.description = product.description
    row.specifications = [list(pair) for pair in product.specifications]
    row.brand = product.brand
    row.price = product.price
    row.source_path = join(product.category)
    row.content_sha256 = digest
    row.updated_at = now


def _keep_versions(
    session: Session,
    changes: Sequence[tuple[ProductRow, dict[str, Any], object]],
    *,
    import_id: int,
    now: datetime,
) -> None:
    last = dict(
        session.execute(
            select(ProductVersionRow.product_id, func.max(ProductVersionRow.number))
            .where(ProductVersionRow.product_id.in_([row.id for row, _, _ in changes]))
            .group_by(ProductVersionRow.product_id)
        ).all()
    )
    session.add_all(
        ProductVersionRow(
            product_id=row.id,
            import_id=import_id,
            number=last.get(row.id, 0) + 1,
            content=content,
            created_at=now,
        )
        for row, content, _ in changes
    )


def _replace_images(
    session: Session, images_of: Sequence[tuple[int, tuple[ProductImage, ...]]]
) -> None:
    session.execute(
        delete(ProductImageRow).where(
            ProductImageRow.product_id.in_([product_id for product_id, _ in images_of])
        )
    )
    session.add_all(
        ProductImageRow(
            product_id=product_id,
            position=position,
            file_name=image.file_name,
            sha256=image.sha256,
            width_px=image.width_px,
            height_px=image.height_px,
            problem=image.problem,
        )
        for product_id, images in images_of
        for position, image in enumerate(images)
    )
    session.flush()
