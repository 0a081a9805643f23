"""Tables of rounds and of their predictions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base


class RoundRow(Base):
    """A finished round: the model version, what it was trained on and how good it is.

    A round without a row in ``live_round`` feeds nothing: its predictions are written first, in
    batches, and publishing moves one pointer. Until all are written ``is_complete`` is false and
    no page lists the round, so that nobody sees half of one.
    """

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("catalogue_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    number: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    is_complete: Mapped[bool] = mapped_column(default=True)
    is_published: Mapped[bool]
    reason: Mapped[str]  # why it was published, or is held
    last_annotation_id: Mapped[int | None]
    n_labels: Mapped[int]
    n_source_categories: Mapped[int]
    n_evaluation: Mapped[int]
    n_evaluation_labels: Mapped[int]
    is_provisional: Mapped[bool]
    text_pipeline: Mapped[str]
    image_pipeline: Mapped[str]
    fusion: Mapped[dict[str, Any]]
    fallback: Mapped[str | None]
    metrics: Mapped[dict[str, Any]]
    confusion: Mapped[dict[str, Any]]  # {"categories": [ids], "counts": [[...]]}
    manifest: Mapped[dict[str, Any]]
    seconds: Mapped[dict[str, Any]]  # by stage
    trigger: Mapped[str] = mapped_column(default="button", server_default="button")
    is_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    gate: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    estimates: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    baselines: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


def _do_branches_disagree(context: DefaultExecutionContext) -> bool:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    text, image = values.get("text"), values.get("image")
    return bool(text and image and text[0][0] != image[0][0])


class PredictionRow(Base):
    """What one round says of one product: the likeliest categories, fused and by branch.

    ``fused``, ``text`` and ``image`` hold ``[[category_id, probability], ...]``, likeliest
    first: at most ten, three and three. Never changed once written, so that going back to a
    round gives its predictions again, bit for bit.
    """

    __tablename__ = "prediction"
    __table_args__ = (  # all that a search asks of predictions, so that it reads no row
        Index(
            "ix_prediction_category",
            "round_id",
            "category_id",
            "product_id",
            "probability",
            "is_conflict",
        ),
        Index(
            "ix_prediction_probability",
            "round_id",
            "probability",
            "product_id",
            "category_id",
            "is_conflict",
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    probability: Mapped[float]
    margin: Mapped[float]
    fused: Mapped[list[Any]]
    text: Mapped[list[Any] | None]
    image: Mapped[list[Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    is_conflict: Mapped[bool] = mapped_column(  # text and image name different categories
        default=_do_branches_disagree, server_default=false()
    )


class ExplanationRow(Base):
    """Why a round says what it says of a product, computed by the worker, and what is like it.

    Each part is None until it was computed.
    """

    __tablename__ = "explanation"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)
    words: Mapped[list[Any] | None]  # [[word, weight], ...], the weightiest first
    neighbours: Mapped[list[Any] | None]  # [[product_id, cosine], ...], the nearest first
    region: Mapped[dict[str, Any] | None]  # {"category_id", "image_sha256", "rows": [[weight]]}
    created_at: Mapped[datetime]


class LiveRoundRow(Base):
    """The pointer: which round feeds the queue and the cards of a catalogue."""

    __tablename__ = "live_round"

    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    published_at: Mapped[datetime]


class SuspectRow(Base):
    """A product whose recorded category looked wrong to a round, and the category it proposes."""

    __tablename__ = "suspect"
    __table_args__ = (Index("ix_suspect_round_id_rank", "round_id", "rank"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)
    rank: Mapped[int]  # 1 is the most suspect
    is_label: Mapped[bool]  # whether a moderator recorded it, or the seller
    recorded_category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    proposed_category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    recorded_probability: Mapped[float]  # out of fold
    proposed_probability: Mapped[float]
    score: Mapped[float]  # normalised margin, 0 to 1: the lower, the more suspect


class PublicationRow(Base):
    """That a round went live, and when. Only ever added, so that any past moment can be told."""

    __tablename__ = "publication"
    __table_args__ = (
        Index("ix_publication_catalogue_id_published_at", "catalogue_id", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    published_at: Mapped[datetime]
