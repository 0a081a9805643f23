"""The table of jobs: the truth about background work; the queue library only carries ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.storage.tables.base import Base

_LIVE_ROUND = text("kind = 'retrain' AND state IN ('queued', 'running')")


class JobRow(Base):
    """One piece of background work.

    ``fence`` grows with every claim: whoever holds an older number can no longer report.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "uq_job_live_round",
            "catalogue_id",
            unique=True,
            sqlite_where=_LIVE_ROUND,
            postgresql_where=_LIVE_ROUND,
        ),
        Index("ix_job_state", "state", "id"),
        Index("ix_job_catalogue_id_kind", "catalogue_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    catalogue_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue.id"))
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str]
    fence: Mapped[int] = mapped_column(default=0)
    n_attempts: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    is_cancel_requested: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")  # why it failed or was cancelled
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]


class RetrainingSlotRow(Base):
    """That a trigger has fired for one slot: a minute of the schedule, or an annotation's id.

    The key is unique, so that a slot fires once, whoever else looks at the same time.
    """

    __tablename__ = "retraining_slot"
    __table_args__ = (UniqueConstraint("catalogue_id", "trigger", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    trigger: Mapped[str]
    slot: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # None: it was left out
    left_out: Mapped[str] = mapped_column(default="", server_default="")  # and why
    created_at: Mapped[datetime]
