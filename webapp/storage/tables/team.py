"""Tables of what people's answers come to together, and of answers about gold products."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base


class ConsensusRow(Base):
    """What the answers of several people to one product come to; made anew by each job."""

    __tablename__ = "consensus"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"), index=True)
    n_people: Mapped[int]
    majority_category_id: Mapped[int | None]  # None is a tie
    # By CROWDLAB, with what the round says; None where there was no round or nobody to weigh.
    category_id: Mapped[int | None]
    quality: Mapped[float | None]


class TeamFiguresRow(Base):
    """How well the people of a catalogue agree, as the last job has found it."""

    __tablename__ = "team_figures"

    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"), primary_key=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    figures: Mapped[dict[str, Any]]
    computed_at: Mapped[datetime]


class GoldAnswerRow(Base):
    """What a person says of a gold product when asked on purpose: never an annotation."""

    __tablename__ = "gold_answer"

    product_id: Mapped[int] = mapped_column(ForeignKey("gold.product_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id"), primary_key=True, index=True
    )
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    created_at: Mapped[datetime]
