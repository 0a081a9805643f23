"""Gold products, whose category an admin vouches for, and what people say of them when asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.domain.gold import Gold
from webapp.domain.review import DECIDING
from webapp.storage.dialects import add_unless_there
from webapp.storage.tables import AnnotationRow, GoldAnswerRow, GoldRow, LabelRow


def find(session: Session, *, product_id: int) -> Gold | None:
    """Return what an admin vouches for of a product, or None."""
    row = session.get(GoldRow, product_id)
    return _gold(row) if row else None


def list_all(session: Session, *, catalogue_id: int) -> list[Gold]:
    """Return the gold products of a catalogue, the first one first."""
    rows = session.scalars(
        select(GoldRow).where(GoldRow.catalogue_id == catalogue_id).order_by(GoldRow.product_id)
    )
    return [_gold(row) for row in rows]


def find_label(session: Session, *, product_id: int) -> int | None:
    """Return the category that labels a product, or None."""
    return session.scalar(select(LabelRow.category_id).where(LabelRow.product_id == product_id))


def write(session: Session, *, catalogue_id: int, gold: Gold) -> None:
    """Mark a product as gold; answers about an earlier category of it stay."""
    row = session.get(GoldRow, gold.product_id)
    if row is None:
        row = GoldRow(product_id=gold.product_id, catalogue_id=catalogue_id)
        session.add(row)
    row.category_id, row.set_by, row.created_at = gold.category_id, gold.set_by, gold.created_at
    session.flush()


def remove(session: Session, *, product_id: int) -> None:
    """Let a product be gold no more, and forget what was answered of it."""
    session.execute(delete(GoldAnswerRow).where(GoldAnswerRow.product_id == product_id))
    session.execute(delete(GoldRow).where(GoldRow.product_id == product_id))


def add_answer(
    session: Session, *, product_id: int, user_id: int, category_id: int, now: datetime
) -> None:
    """Keep what a person says; of two answers the first one stays."""
    answer = {
        "product_id": product_id,
        "user_id": user_id,
        "category_id": category_id,
        "created_at": now,
    }
    add_unless_there(session, GoldAnswerRow, [answer])


def list_answers(session: Session, *, catalogue_id: int) -> dict[int, dict[int, int]]:
    """Return what each person said when asked on purpose: by person, then by product."""
    rows = session.execute(
        select(GoldAnswerRow.user_id, GoldAnswerRow.product_id, GoldAnswerRow.category_id)
        .join(GoldRow, GoldRow.product_id == GoldAnswerRow.product_id)
        .where(GoldRow.catalogue_id == catalogue_id)
    )
    found: dict[int, dict[int, int]] = {}
    for user_id, product_id, category_id in rows:
        found.setdefault(user_id, {})[product_id] = category_id
    return found


def list_unanswered(session: Session, *, catalogue_id: int, user_id: int) -> list[int]:
    """Return the gold products that a person has neither decided, nor answered, nor vouched for."""
    decided = select(AnnotationRow.id).where(
        AnnotationRow.product_id == GoldRow.product_id,
        AnnotationRow.user_id == user_id,
        AnnotationRow.verdict.in_([verdict.value for verdict in DECIDING]),
    )
    answered = select(GoldAnswerRow.product_id).where(
        GoldAnswerRow.product_id == GoldRow.product_id, GoldAnswerRow.user_id == user_id
    )
    return list(
        session.scalars(
            select(GoldRow.product_id)
            .where(
                GoldRow.catalogue_id == catalogue_id,
                GoldRow.set_by != user_id,
                ~decided.exists(),
                ~answered.exists(),
            )
            .order_by(GoldRow.product_id)
        )
    )


def count(session: Session, *, catalogue_id: int) -> int:
    """Return how many gold products a catalogue has."""
    return session.scalars(
        select(func.count()).select_from(GoldRow).where(GoldRow.catalogue_id == catalogue_id)
    ).one()


def _gold(row: GoldRow) -> Gold:
    return Gold(row.product_id, row.category_id, row.set_by, row.created_at)
