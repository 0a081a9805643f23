"""Tables of the queue and of annotations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base

_WAITING = text("is_waiting")
_LEASED = text("leased_until IS NOT NULL")
_IN_BULK = text("bulk_act_id IS NOT NULL")
_PROBES = text("probe IS NOT NULL")


class QueueEntryRow(Base):
    """A product in the order of asking; ``is_waiting`` is: undecided and lent to nobody.

    The partial index is read backwards, so the next product costs the same at any size. A lease
    that ran out is freed by an UPDATE of its own: a comparison with the clock could not use it.
    """

    __tablename__ = "queue_entry"
    __table_args__ = (
        Index(
            "ix_queue_entry_waiting",
            "catalogue_id",
            "priority",
            "product_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_queue_entry_leased",
            "leased_until",
            sqlite_where=_LEASED,
            postgresql_where=_LEASED,
        ),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    priority: Mapped[float]  # the higher, the sooner
    reason: Mapped[str]
    is_suggestion_hidden: Mapped[bool] = mapped_column(default=False)
    is_waiting: Mapped[bool] = mapped_column(default=True)
    leased_to: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    lease_token: Mapped[str | None]
    leased_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    shown_round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))  # of the last lease
    # Of the last lease, drawn by chance: "hidden" or "planted". No foreign keys on columns that
    # came later: SQLite would have to write the whole table anew.
    probe: Mapped[str | None]
    planted_category_id: Mapped[int | None]


class AnnotationRow(Base):
    """One act of one moderator on one product. Only ever added: a trigger refuses the rest."""

    __tablename__ = "annotation"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_annotation_product_id", "product_id", "id"),
        Index("ix_annotation_catalogue_id_user_id", "catalogue_id", "user_id", "created_at"),
        Index(  # all that the dashboard counts of annotations, so that it reads no row
            "ix_annotation_dashboard",
            "catalogue_id",
            "created_at",
            "user_id",
            "verdict",
            "took_ms",
            "is_suggestion_hidden",
            "shown_category_id",
        ),
        Index(  # all that a search asks of decisions
            "ix_annotation_decided",
            "catalogue_id",
            "user_id",
            "shown_round_id",
            "asked_because",
            "verdict",
            "product_id",
        ),
        Index(
            "ix_annotation_bulk_act_id",
            "bulk_act_id",
            sqlite_where=_IN_BULK,
            postgresql_where=_IN_BULK,
        ),
        Index(  # few among many: what cards did by chance
            "ix_annotation_probe",
            "catalogue_id",
            "probe",
            sqlite_where=_PROBES,
            postgresql_where=_PROBES,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    verdict: Mapped[str]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    note: Mapped[str] = mapped_column(default="")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("annotation.id"), unique=True)
    idempotency_key: Mapped[str]
    asked_because: Mapped[str]
    is_suggestion_hidden: Mapped[bool] = mapped_column(default=False)
    shown_round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    shown_category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    shown_probability: Mapped[float | None]
    took_ms: Mapped[int | None]
    created_at: Mapped[datetime]
    probe: Mapped[str | None]  # "hidden" or "planted": what the card did by chance
    n_needed: Mapped[int] = mapped_column(default=1, server_default="1")  # people who decide it
    bulk_act_id: Mapped[int | None]


class BulkActRow(Base):
    """That a person decided many products in one act; its annotations name it."""

    __tablename__ = "bulk_act"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_bulk_act_catalogue_id", "catalogue_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    idempotency_key: Mapped[str]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))  # None: flagged
    chosen: Mapped[dict[str, Any]]  # what was asked for: a search, or how many by hand
    n_decided: Mapped[int]
    left_out: Mapped[dict[str, Any]]  # how many were not decided, by reason
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class GoldRow(Base):
    """A product whose category an admin vouches for, so that it can measure who decides it."""

    __tablename__ = "gold"
    __table_args__ = (Index("ix_gold_catalogue_id", "catalogue_id"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class GuidanceRow(Base):
    """One version of what people are told of a category; the newest one counts."""

    __tablename__ = "guidance"
    __table_args__ = (Index("ix_guidance_category_id", "category_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    belongs: Mapped[str]
    excludes: Mapped[str]
    example_ids: Mapped[list[Any]]  # of products, in the order of the page
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class LabelRow(Base):
    """The category that follows from a product's annotations, and the annotation that set it.

    A projection, written in the transaction of each annotation: `domain.review` holds the rule.
    """

    __tablename__ = "label"
    __table_args__ = (
        Index("ix_label_catalogue_id_category_id", "catalogue_id", "category_id"),
        Index("ix_label_newest", "catalogue_id", "annotation_id", "product_id"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id"))
