"""Tables of the queue and of annotations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base

_WAITING = text("is_waiting")
_LEASED = text("leased_until IS NOT NULL")


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


class LabelRow(Base):
    """The category that follows from a product's annotations, and the annotation that set it.

    A projection, written in the transaction of each annotation: `domain.review` holds the rule.
    """

    __tablename__ = "label"
    __table_args__ = (Index("ix_label_catalogue_id_category_id", "catalogue_id", "category_id"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id"))
