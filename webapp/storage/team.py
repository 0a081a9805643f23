"""What each person of a catalogue has done, newest first, and what the model would have said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.acts import Act
from webapp.domain.review import DECIDING, AskedBecause, Probe, Verdict
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.tables import (
    AnnotationRow,
    PredictionRow,
    ProductRow,
    PublicationRow,
    UserRow,
)

_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement
_DECISIONS = [verdict.value for verdict in DECIDING]


@dataclass(frozen=True, slots=True)
class CountedPerson:
    """A person and how many decisions of hers stand: since a moment, and ever."""

    user_id: int
    name: str
    n_since: int
    n_all: int


def list_people(
    session: Session, *, catalogue_id: int, since: datetime, user_id: int | None = None
) -> list[CountedPerson]:
    """Return who has decided anything in a catalogue, by name; of one person, if one is named."""
    made = (
        select(
            AnnotationRow.user_id,
            func.count(),
            func.count().filter(AnnotationRow.created_at >= since),
        )
        .where(AnnotationRow.catalogue_id == catalogue_id, AnnotationRow.verdict.in_(_DECISIONS))
        .group_by(AnnotationRow.user_id)
    )
    if user_id is not None:
        made = made.where(AnnotationRow.user_id == user_id)
    counted = {row[0]: (row[1], row[2]) for row in session.execute(made)}
    undone = {row[0]: (row[1], row[2]) for row in session.execute(made.where(IS_UNDONE))}
    names = session.execute(
        select(UserRow.id, UserRow.name)
        .where(UserRow.id.in_(list(counted)))
        .order_by(UserRow.name, UserRow.id)
    )
    people = []
    for user_id, name in names:
        taken_back = undone.get(user_id, (0, 0))
        n_all, n_since = (
            made - back for made, back in zip(counted[user_id], taken_back, strict=True)
        )
        if n_all:
            people.append(CountedPerson(user_id, name, n_since, n_all))
    return people


def list_acts(session: Session, *, catalogue_id: int, user_id: int, n: int) -> list[Act]:
    """Return the newest ``n`` acts of a person that stand, the newest first."""
    rows = session.execute(
        select(
            AnnotationRow.product_id,
            ProductRow.group_number,
            AnnotationRow.verdict,
            AnnotationRow.category_id,
            AnnotationRow.asked_because,
            AnnotationRow.probe,
            AnnotationRow.bulk_act_id,
            AnnotationRow.is_suggestion_hidden,
            AnnotationRow.shown_category_id,
            AnnotationRow.shown_probability,
            AnnotationRow.took_ms,
            AnnotationRow.created_at,
        )
        .join(ProductRow, ProductRow.id == AnnotationRow.product_id)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.user_id == user_id,
            AnnotationRow.verdict != Verdict.UNDONE.value,
            ~IS_UNDONE,
        )
        .order_by(AnnotationRow.created_at.desc(), AnnotationRow.id.desc())
        .limit(n)
    )
    return [
        Act(
            product_id=row.product_id,
            group_number=row.group_number,
            verdict=Verdict(row.verdict),
            category_id=row.category_id,
            asked_because=AskedBecause(row.asked_because),
            probe=None if row.probe is None else Probe(row.probe),
            is_in_bulk=row.bulk_act_id is not None,
            is_suggestion_hidden=row.is_suggestion_hidden,
            shown_category_id=row.shown_category_id,
            shown_probability=row.shown_probability,
            took_ms=row.took_ms,
            created_at=row.created_at,
        )
        for row in rows
    ]


def with_model(
    session: Session, *, catalogue_id: int, acts: Mapping[int, Sequence[Act]]
) -> dict[int, list[Act]]:
    """Add to each act on a hidden card what the round said that was live at that moment."""
    published = session.execute(
        select(PublicationRow.published_at, PublicationRow.round_id)
        .where(PublicationRow.catalogue_id == catalogue_id)
        .order_by(PublicationRow.published_at, PublicationRow.id)
    ).all()
    moments = [row.published_at for row in published]

    def live_at(moment: datetime) -> int | None:
        at = bisect_right(moments, moment)
        return published[at - 1].round_id if at else None

    wanted: dict[int, set[int]] = {}
    for act in (act for of_one in acts.values() for act in of_one):
        round_id = live_at(act.created_at) if act.is_suggestion_hidden else None
        if round_id is not None:
            wanted.setdefault(round_id, set()).add(act.product_id)
    said = {round_id: _predicted(session, round_id, ids) for round_id, ids in wanted.items()}

    def completed(act: Act) -> Act:
        round_id = live_at(act.created_at) if act.is_suggestion_hidden else None
        found = None if round_id is None else said[round_id].get(act.product_id)
        if found is None:
            return act
        return replace(act, model_category_id=found[0], model_probability=found[1])

    return {user_id: [completed(act) for act in of_one] for user_id, of_one in acts.items()}


def _predicted(
    session: Session, round_id: int, product_ids: set[int]
) -> dict[int, tuple[int, float]]:
    ids = sorted(product_ids)
    found: dict[int, tuple[int, float]] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        rows = session.execute(
            select(
                PredictionRow.product_id, PredictionRow.category_id, PredictionRow.probability
            ).where(
                PredictionRow.round_id == round_id,
                PredictionRow.product_id.in_(ids[start : start + _IDS_AT_ONCE]),
            )
        )
        found |= {row.product_id: (row.category_id, row.probability) for row in rows}
    return found
