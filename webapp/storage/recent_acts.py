"""What a person did last in a catalogue, by decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.recent_acts import RecentAct
from webapp.domain.review import Verdict
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.tables import AnnotationRow, CategoryRow, ProductRow

_MOST_ROWS = 3_000  # that are read for one list, however many products an act had


class _Key(NamedTuple):
    """What the annotations of one decision share: the act on many, else the very moment."""

    bulk_act_id: int | None
    created_at: datetime | None


@dataclass(slots=True)
class _Group:
    first: int
    n: int


def list_standing(session: Session, *, catalogue_id: int, user_id: int, n: int) -> list[RecentAct]:
    """Return the last ``n`` decisions of a person that stand, newest first."""
    rows = session.execute(
        select(AnnotationRow.id, AnnotationRow.created_at, AnnotationRow.bulk_act_id)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.user_id == user_id,
            AnnotationRow.verdict != Verdict.UNDONE.value,
            ~IS_UNDONE,
        )
        .order_by(AnnotationRow.created_at.desc(), AnnotationRow.id.desc())
        .limit(_MOST_ROWS)
        .execution_options(yield_per=100)
    )
    groups: dict[_Key, _Group] = {}
    for annotation_id, created_at, bulk_act_id in rows:
        key = _Key(bulk_act_id, None if bulk_act_id is not None else created_at)
        if key not in groups and len(groups) == n:
            break
        group = groups.setdefault(key, _Group(annotation_id, 0))
        group.first = annotation_id  # the lowest of them: the product that was asked
        group.n += 1
    rows.close()
    return _acts(session, groups.values())


def _acts(session: Session, groups: Iterable[_Group]) -> list[RecentAct]:
    counts = {group.first: group.n for group in groups}
    rows = session.execute(
        select(
            AnnotationRow.id,
            AnnotationRow.product_id,
            AnnotationRow.bulk_act_id,
            AnnotationRow.verdict,
            AnnotationRow.created_at,
            ProductRow.name,
            ProductRow.external_id,
            CategoryRow.path,
        )
        .join(ProductRow, ProductRow.id == AnnotationRow.product_id)
        .outerjoin(CategoryRow, CategoryRow.id == AnnotationRow.category_id)
        .where(AnnotationRow.id.in_(counts))
    )
    found = {
        row.id: RecentAct(
            annotation_id=row.id,
            product_id=row.product_id,
            product_name=row.name or row.external_id,
            bulk_act_id=row.bulk_act_id,
            verdict=Verdict(row.verdict),
            category=row.path,
            n_products=counts[row.id],
            created_at=row.created_at,
        )
        for row in rows
    }
    return [found[annotation_id] for annotation_id in counts]
