"""Tables of catalogues, categories, products with their history and images, and imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base

# Without parameters: only so does SQLite see that a partial index answers. The same rule as
# domain.product_search.hides_suggestion.
SUGGESTION_IS_HIDDEN = text("is_evaluation AND state <> 'labelled'")


class CatalogueRow(Base):
    """A named collection of products with its own tree, rounds and settings."""

    __tablename__ = "catalogue"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    decision_level: Mapped[int] = mapped_column(default=1)
    evaluation_share: Mapped[float] = mapped_column(default=0.2)
    created_at: Mapped[datetime]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class CategoryRow(Base):
    """A node of the tree; ``path`` is the names from the root, joined by `` > ``."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("catalogue_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    name: Mapped[str]
    path: Mapped[str]
    level: Mapped[int]


class ProductRow(Base):
    """One item of the catalogue as it is now.

    ``state`` follows from the annotations and is written with each. ``is_evaluation`` is None
    until the evaluation set is drawn; ``group_number`` is shared by near-duplicates, and None where
    a product has none.
    """

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("catalogue_id", "external_id"),
        Index("ix_product_catalogue_id_state", "catalogue_id", "state", "id"),
        Index("ix_product_catalogue_id_name", "catalogue_id", "name", "id"),
        Index("ix_product_catalogue_id_id", "catalogue_id", "id"),  # pages in the order of import
        Index("ix_product_group", "catalogue_id", "group_number", "id"),  # look-alikes
        Index("ix_product_catalogue_id_source", "catalogue_id", "source_category_id", "state"),
        Index(
            "ix_product_hidden",
            "catalogue_id",
            "id",
            sqlite_where=SUGGESTION_IS_HIDDEN,
            postgresql_where=SUGGESTION_IS_HIDDEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    external_id: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    specifications: Mapped[list[Any]]  # [[key, value], ...] in the seller's order
    brand: Mapped[str]
    price: Mapped[str]
    source_path: Mapped[str]
    source_category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    content_sha256: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    is_evaluation: Mapped[bool | None]
    group_number: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")


class ProductImageRow(Base):
    """An image that a product names: stored (``sha256``) or not, and then why (``problem``)."""

    __tablename__ = "product_image"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(index=True)
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    problem: Mapped[str | None]


class ProductVersionRow(Base):
    """What an import said of a product, kept whenever it was new or differed from before."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class ImportRow(Base):
    """One import of one file and its counts."""

    __tablename__ = "import_run"  # "import" is a word of Python

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), unique=True)
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    n_new: Mapped[int] = mapped_column(default=0)
    n_changed: Mapped[int] = mapped_column(default=0)
    n_unchanged: Mapped[int] = mapped_column(default=0)
    n_rejected: Mapped[int] = mapped_column(default=0)
    n_without_image: Mapped[int] = mapped_column(default=0)
    n_without_text: Mapped[int] = mapped_column(default=0)


class ImportProblemRow(Base):
    """A row that was rejected (``is_rejected``), or an image that could not be used."""

    __tablename__ = "import_problem"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    is_rejected: Mapped[bool]
    line: Mapped[int]
    column_name: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
