"""Rounds and the pointer to the live one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.errors import NotFoundError
from webapp.domain.retraining import Round
from webapp.storage.tables import LiveRoundRow, RoundRow

_COLUMNS = tuple(field.name for field in fields(Round))


def list_all(session: Session, *, catalogue_id: int) -> list[Round]:
    """Return the rounds of a catalogue, the first one first."""
    rows = session.scalars(
        select(RoundRow)
        .where(RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete)
        .order_by(RoundRow.number)
    )
    return [round_of(row) for row in rows]


def list_numbers(session: Session, *, catalogue_id: int) -> list[int]:
    """Return the numbers of a catalogue's rounds, the newest first."""
    query = select(RoundRow.number).where(
        RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete
    )
    return list(session.scalars(query.order_by(RoundRow.number.desc())))


def get(session: Session, *, catalogue_id: int, number: int) -> Round:
    """Return the round with that number."""
    row = session.scalar(
        select(RoundRow).where(
            RoundRow.catalogue_id == catalogue_id,
            RoundRow.number == number,
            RoundRow.is_complete,
        )
    )
    if row is None:
        raise NotFoundError("There is no round %(number)s.", number=number)
    return round_of(row)


def find_newest(session: Session, *, catalogue_id: int) -> Round | None:
    """Return the last finished round, live or held, or None before the first."""
    row = session.scalar(
        select(RoundRow)
        .where(RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete)
        .order_by(RoundRow.number.desc())
        .limit(1)
    )
    return round_of(row) if row else None


def get_by_id(session: Session, *, round_id: int) -> Round:
    """Return the round with that id."""
    row = session.scalar(select(RoundRow).where(RoundRow.id == round_id, RoundRow.is_complete))
    if row is None:
        raise NotFoundError("There is no such round.")
    return round_of(row)


def find_live(session: Session, *, catalogue_id: int) -> Round | None:
    """Return the round that feeds the queue and the cards, or None before the first."""
    row = session.scalar(
        select(RoundRow)
        .join(LiveRoundRow, LiveRoundRow.round_id == RoundRow.id)
        .where(LiveRoundRow.catalogue_id == catalogue_id)
    )
    return round_of(row) if row else None


def get_baselines(session: Session, *, round_id: int) -> dict[str, Any]:
    """Return the figures of the baselines scored beside a round, by pipeline."""
    found: dict[str, Any] = session.execute(
        select(RoundRow.baselines).where(RoundRow.id == round_id)
    ).scalar_one()
    return found


def round_of(row: RoundRow) -> Round:
    """Return the record of a row."""
    return Round(**{name: getattr(row, name) for name in _COLUMNS})
