"""Tables of certified automatic acceptance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base

_STANDING = text("ended_at IS NULL")
AUDIT_STANDS = text("is_audited AND ended_at IS NULL")  # word for word as in its partial index


class AcceptanceRuleRow(Base):
    """What one round was allowed to decide by itself, and the evidence for it.

    ``threshold`` is None where the evidence was too thin: then ``n_more`` evaluation labels are
    missing. Of a catalogue at most one rule of each category (None: all of them) is in force.
    """

    __tablename__ = "acceptance_rule"
    __table_args__ = (
        Index("ix_acceptance_rule_catalogue_id_round_id", "catalogue_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    target: Mapped[float]
    confidence: Mapped[float]
    threshold: Mapped[float | None]
    evidence: Mapped[dict[str, Any]]  # n, n_accepted, n_errors, lower bound, coverage, n_more
    state: Mapped[str]  # in_force, refused, suspended, ended
    reason: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AcceptanceRow(Base):
    """A product that a rule decided. Kept when it ends, so that any past moment can be told."""

    __tablename__ = "acceptance"
    __table_args__ = (
        Index(
            "uq_acceptance_standing",
            "product_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "ix_acceptance_audited",
            "product_id",
            sqlite_where=AUDIT_STANDS,
            postgresql_where=AUDIT_STANDS,
        ),
        Index("ix_acceptance_rule_id", "rule_id", "id"),
        Index("ix_acceptance_product_id", "product_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("acceptance_rule.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    probability: Mapped[float]
    is_audited: Mapped[bool]  # drawn at random for a moderator to check
    accepted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
