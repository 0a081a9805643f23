"""Products and their images: looking them up; ``product_writes`` adds and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import BindParameter, Row, Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.errors import NotFoundError
from webapp.domain.products import Product, ProductImage
from webapp.domain.review import ProductState
from webapp.storage.tables import ProductImageRow, ProductRow

_AnyRow: TypeAlias = Row[*tuple[Any, ...]]
_PRODUCTS = cast(Table, ProductRow.__table__)
_IMAGES = cast(Table, ProductImageRow.__table__)
_THESE: BindParameter[Sequence[int]] = bindparam("these", expanding=True)
_FIND_MANY = select(_PRODUCTS).where(_PRODUCTS.c.id.in_(_THESE))  # made once: every card reads one
_FIND_IMAGES = (
    select(_IMAGES)
    .where(_IMAGES.c.product_id.in_(_THESE))
    .order_by(_IMAGES.c.product_id, _IMAGES.c.position)
)


def get(session: Session, *, product_id: int) -> Product:
    """Return the product with that id."""
    product = find_many(session, product_ids=[product_id]).get(product_id)
    if product is None:
        raise NotFoundError("There is no such product.")
    return product


def find_many(session: Session, *, product_ids: Sequence[int]) -> dict[int, Product]:
    """Return those of the products that exist, with their images, by id."""
    images = find_images(session, product_ids=product_ids)
    rows = session.connection().execute(_FIND_MANY, {"these": product_ids})
    return {row.id: _product(row, images.get(row.id, ())) for row in rows}


def find_images(
    session: Session, *, product_ids: Sequence[int]
) -> dict[int, tuple[ProductImage, ...]]:
    """Return the images of those products in the seller's order, by product id."""
    found: dict[int, tuple[ProductImage, ...]] = {}
    for row in session.connection().execute(_FIND_IMAGES, {"these": product_ids}):
        found[row.product_id] = (*found.get(row.product_id, ()), _image(row))
    return found


def has_image(session: Session, *, catalogue_id: int, sha256: str) -> bool:
    """Tell whether a product of the catalogue has the image with that hash."""
    statement = (
        select(ProductImageRow.product_id)
        .join(ProductRow, ProductRow.id == ProductImageRow.product_id)
        .where(ProductImageRow.sha256 == sha256, ProductRow.catalogue_id == catalogue_id)
        .limit(1)
    )
    return session.scalar(statement) is not None


def _image(row: _AnyRow) -> ProductImage:
    return ProductImage(
        file_name=row.file_name,
        sha256=row.sha256,
        width_px=row.width_px,
        height_px=row.height_px,
        problem=row.problem,
    )


def _product(row: _AnyRow, images: tuple[ProductImage, ...]) -> Product:
    return Product(
        id=row.id,
        catalogue_id=row.catalogue_id,
        external_id=row.external_id,
        name=row.name,
        description=row.description,
        specifications=tuple((str(key), str(value)) for key, value in row.specifications),
        brand=row.brand,
        price=row.price,
        source_path=row.source_path,
        source_category_id=row.source_category_id,
        state=ProductState(row.state),
        is_evaluation=row.is_evaluation,
        images=images,
    )
