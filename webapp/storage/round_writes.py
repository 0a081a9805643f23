"""Adding a round unseen, completing it, and moving the pointer to the live one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.baselines import without_figures
from webapp.domain.retraining import Round
from webapp.storage.rounds import round_of
from webapp.storage.tables import (
    LiveRoundRow,
    PredictionRow,
    PublicationRow,
    RoundRow,
    SuspectRow,
)


def find_complete(session: Session, *, job_id: int) -> Round | None:
    """Return the round that a job has completed, or None: a job makes one round at most."""
    row = session.scalar(select(RoundRow).where(RoundRow.job_id == job_id, RoundRow.is_complete))
    return round_of(row) if row else None


def list_unfinished(session: Session, *, catalogue_id: int) -> list[int]:
    """Return the ids of rounds whose job ended before all predictions were stored."""
    unfinished = select(RoundRow.id).where(
        RoundRow.catalogue_id == catalogue_id, ~RoundRow.is_complete
    )
    return list(session.scalars(unfinished))


def list_jobs_of_complete(session: Session, *, catalogue_id: int) -> set[int]:
    """Return the jobs whose rounds are complete: the names of the folders of their models."""
    complete = select(RoundRow.job_id).where(
        RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete
    )
    return set(session.scalars(complete))


def delete_some_predictions(session: Session, *, round_id: int, n: int) -> int:
    """Delete at most ``n`` predictions of an unfinished round and return how many there were."""
    product_ids = session.scalars(
        select(PredictionRow.product_id).where(PredictionRow.round_id == round_id).limit(n)
    ).all()
    session.execute(
        delete(PredictionRow).where(
            PredictionRow.round_id == round_id, PredictionRow.product_id.in_(product_ids)
        )
    )
    return len(product_ids)


def delete_unfinished(session: Session, *, round_id: int) -> None:
    """Delete an unfinished round that has no predictions any more, with its suspects."""
    session.execute(delete(SuspectRow).where(SuspectRow.round_id == round_id))
    session.execute(delete(RoundRow).where(RoundRow.id == round_id, ~RoundRow.is_complete))


def add_unseen(
    session: Session, *, catalogue_id: int, job_id: int, facts: dict[str, Any]
) -> tuple[int, int]:
    """Add a round that no page lists yet; return its id and its number in the catalogue."""
    last = session.scalar(
        select(func.max(RoundRow.number)).where(RoundRow.catalogue_id == catalogue_id)
    )
    row = RoundRow(
        catalogue_id=catalogue_id,
        job_id=job_id,
        number=(last or 0) + 1,
        is_complete=False,
        is_published=False,
        reason="",
        **facts,
    )
    session.add(row)
    session.flush()
    return row.id, row.number


def complete(
    session: Session, *, round_id: int, gate: dict[str, Any], finished_at: datetime
) -> None:
    """Let the pages see a round: all its predictions are stored."""
    session.execute(
        update(RoundRow)
        .where(RoundRow.id == round_id)
        .values(is_complete=True, gate=gate, finished_at=finished_at)
    )


def add_baseline(
    session: Session, *, round_id: int, pipeline: str, figures: dict[str, Any]
) -> None:
    """Store what a baseline reached beside a round; figures that are there already stay."""
    row = session.get_one(RoundRow, round_id, with_for_update=True)
    if without_figures([pipeline], row.baselines):
        row.baselines = row.baselines | {pipeline: figures}
    session.flush()


def hold(session: Session, *, round_id: int, reason: str) -> None:
    """Keep a round back until an admin decides; what is live stays so."""
    session.execute(
        update(RoundRow).where(RoundRow.id == round_id).values(is_held=True, reason=reason)
    )


def publish(
    session: Session, *, catalogue_id: int, round_id: int, reason: str, now: datetime
) -> None:
    """Let a round feed the queue and the cards."""
    session.execute(
        update(RoundRow)
        .where(RoundRow.id == round_id)
        .values(is_published=True, is_held=False, reason=reason)
    )
    pointer = session.get(LiveRoundRow, catalogue_id)
    if pointer is None:
        session.add(LiveRoundRow(catalogue_id=catalogue_id, round_id=round_id, published_at=now))
    else:
        pointer.round_id, pointer.published_at = round_id, now
    session.add(PublicationRow(catalogue_id=catalogue_id, round_id=round_id, published_at=now))
    session.flush()
