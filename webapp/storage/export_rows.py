"""The rows of an export: a catalogue as it was at a moment, in batches that fit the memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.domain.category_paths import join, node_at
from webapp.domain.export import AUTO, NOBODY, ExportRow, write_time
from webapp.domain.review import Annotation, Probe, ProductState, settle
from webapp.storage.annotations import annotation_of
from webapp.storage.tables import (
    AcceptanceRow,
    AcceptanceRuleRow,
    AnnotationRow,
    CategoryRow,
    PredictionRow,
    ProductRow,
    ProductVersionRow,
    PublicationRow,
    RoundRow,
)

BATCH_LENGTH = 500
_AnyRow: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Then:
    """What was true of the catalogue at the moment, and names that every batch needs."""

    as_of: datetime
    level: int
    paths: Mapping[int, str]
    round_numbers: Mapping[int, int]
    live_round_id: int | None


def iterate(
    session: Session, *, catalogue_id: int, level: int, as_of: datetime
) -> Iterator[list[ExportRow]]:
    """Yield the products that were there, in the order of their external ids, a batch at a time.

    Call it at the begin of a reading transaction of its own: it sees one moment.
    """
    then = _Then(
        as_of=as_of,
        level=level,
        paths=_pairs(
            session,
            select(CategoryRow.id, CategoryRow.path).where(
                CategoryRow.catalogue_id == catalogue_id
            ),
        ),
        round_numbers=_pairs(
            session,
            select(RoundRow.id, RoundRow.number).where(RoundRow.catalogue_id == catalogue_id),
        ),
        live_round_id=find_live_round_id(session, catalogue_id=catalogue_id, as_of=as_of),
    )
    products = (
        select(
            ProductRow.id,
            ProductRow.external_id,
            ProductRow.name,
            ProductRow.brand,
            ProductRow.price,
            ProductRow.description,
            ProductRow.source_path,
            ProductRow.source_category_id,
            ProductRow.is_evaluation,
            ProductRow.created_at,
            ProductRow.updated_at,
        )
        .where(ProductRow.catalogue_id == catalogue_id)
        .order_by(ProductRow.external_id)
        .limit(BATCH_LENGTH)
    )
    rows = session.execute(products).all()
    while rows:
        yield _export_rows(session, then, [row for row in rows if row.created_at <= as_of])
        after = ProductRow.external_id > rows[-1].external_id
        rows = session.execute(products.where(after)).all()


def find_live_round_id(session: Session, *, catalogue_id: int, as_of: datetime) -> int | None:
    """Return the round that was live at a moment, or None before the first."""
    return session.scalar(
        select(PublicationRow.round_id)
        .where(PublicationRow.catalogue_id == catalogue_id, PublicationRow.published_at <= as_of)
        .order_by(PublicationRow.published_at.desc(), PublicationRow.id.desc())
        .limit(1)
    )


def _export_rows(session: Session, then: _Then, rows: Sequence[_AnyRow]) -> list[ExportRow]:
    product_ids = [row.id for row in rows]
    annotations = _annotations(session, then.as_of, product_ids)
    acceptances = _acceptances(session, then.as_of, product_ids)
    predictions = _predictions(session, then, product_ids)
    changed_since = [row.id for row in rows if row.updated_at > then.as_of]
    contents = _contents(session, then.as_of, changed_since)
    return [
        ExportRow(
            external_id=row.external_id,
            **_source(row, contents.get(row.id), then),
            **_decision(annotations.get(row.id, []), acceptances.get(row.id), then),
            **_prediction(row, predictions.get(row.id), then),
        )
        for row in rows
    ]


def _source(row: _AnyRow, content: Mapping[str, Any] | None, then: _Then) -> dict[str, Any]:
    """Return what the seller said at that moment: as it is now, or an older version of it."""
    if content is None:
        return {
            "name": row.name,
            "brand": row.brand,
            "price": row.price,
            "description": row.description,
            "source_path": row.source_path,
            "source_category": then.paths.get(row.source_category_id),
        }
    names = tuple(content["category"])
    return {
        "name": content["name"],
        "brand": content["brand"],
        "price": content["price"],
        "description": content["description"],
        "source_path": join(names),
        "source_category": node_at(names, then.level),
    }


def _decision(
    annotations: list[Annotation], acceptance: _AnyRow | None, then: _Then
) -> dict[str, Any]:
    outcome = settle(annotations)
    decided: dict[str, Any] = dict.fromkeys(
        ("category", "decided_at", "verdict", "annotation_id", "shown_category"),
    )
    decided |= {"state": outcome.state.value, "decided_by": NOBODY}
    decided |= {"shown_probability": None, "shown_round": None}
    decided |= dict.fromkeys(("accepted_by_rule", "accepted_round", "accepted_probability"))
    if outcome.state is ProductState.OPEN and not outcome.n_answers and acceptance is not None:
        return decided | _accepted(acceptance, then)
    if outcome.annotation_id is None:
        return decided
    act = next(each for each in annotations if each.id == outcome.annotation_id)
    if outcome.category_id is not None:
        decided["category"] = then.paths[outcome.category_id]
    decided |= {
        "decided_by": f"moderator:{act.user_id}",
        "decided_at": write_time(act.created_at),
        "verdict": act.verdict.value,
        "annotation_id": act.id,
    }
    is_planted = act.probe is Probe.PLANTED  # on purpose: no round has said so
    if act.shown_category_id is not None and not act.is_suggestion_hidden and not is_planted:
        decided |= {
            "shown_category": then.paths[act.shown_category_id],
            "shown_probability": act.shown_probability,
            "shown_round": then.round_numbers.get(act.shown_round_id or 0),
        }
    return decided


def _accepted(acceptance: _AnyRow, then: _Then) -> dict[str, Any]:
    """Return what a rule decided where no person has."""
    return {
        "state": ProductState.ACCEPTED.value,
        "category": then.paths[acceptance.category_id],
        "decided_by": AUTO,
        "decided_at": write_time(acceptance.accepted_at),
        "accepted_by_rule": acceptance.rule_id,
        "accepted_round": then.round_numbers[acceptance.round_id],
        "accepted_probability": acceptance.probability,
    }


def _prediction(row: _AnyRow, prediction: _AnyRow | None, then: _Then) -> dict[str, Any]:
    """Return what the live round said, and the side on which that round had the product."""
    if prediction is None:
        names = ("predicted_category", "predicted_probability", "predicted_round", "split")
        return dict.fromkeys(names)
    return {
        "predicted_category": then.paths[prediction.category_id],
        "predicted_probability": prediction.probability,
        "predicted_round": then.round_numbers[prediction.round_id],
        "split": {True: "evaluation", False: "training", None: None}[row.is_evaluation],
    }


def _annotations(
    session: Session, as_of: datetime, product_ids: Sequence[int]
) -> dict[int, list[Annotation]]:
    found: dict[int, list[Annotation]] = {}
    for row in session.scalars(
        select(AnnotationRow)
        .where(AnnotationRow.product_id.in_(product_ids), AnnotationRow.created_at <= as_of)
        .order_by(AnnotationRow.id)
    ):
        found.setdefault(row.product_id, []).append(annotation_of(row))
    return found


def _acceptances(
    session: Session, as_of: datetime, product_ids: Sequence[int]
) -> dict[int, _AnyRow]:
    """Return what rules had accepted at that moment."""
    rows = session.execute(
        select(
            AcceptanceRow.product_id,
            AcceptanceRow.rule_id,
            AcceptanceRow.category_id,
            AcceptanceRow.probability,
            AcceptanceRow.accepted_at,
            AcceptanceRuleRow.round_id,
        )
        .join(AcceptanceRuleRow, AcceptanceRuleRow.id == AcceptanceRow.rule_id)
        .where(
            AcceptanceRow.product_id.in_(product_ids),
            AcceptanceRow.accepted_at <= as_of,
            AcceptanceRow.ended_at.is_(None) | (AcceptanceRow.ended_at > as_of),
        )
    )
    return {row.product_id: row for row in rows}


def _predictions(session: Session, then: _Then, product_ids: Sequence[int]) -> dict[int, _AnyRow]:
    if then.live_round_id is None:
        return {}
    rows = session.execute(
        select(
            PredictionRow.round_id,
            PredictionRow.product_id,
            PredictionRow.category_id,
            PredictionRow.probability,
        ).where(
            PredictionRow.round_id == then.live_round_id,
            PredictionRow.product_id.in_(product_ids),
            PredictionRow.created_at <= then.as_of,
        )
    )
    return {row.product_id: row for row in rows}


def _contents(
    session: Session, as_of: datetime, product_ids: Sequence[int]
) -> dict[int, Mapping[str, Any]]:
    """Return what the last import up to that moment said of products that changed since."""
    if not product_ids:
        return {}
    rows = session.execute(
        select(ProductVersionRow.product_id, ProductVersionRow.content)
        .where(ProductVersionRow.product_id.in_(product_ids), ProductVersionRow.created_at <= as_of)
        .order_by(ProductVersionRow.number)
    )
    return dict(rows.all())  # the last one wins


def _pairs(session: Session, query: Any) -> dict[int, Any]:
    return dict(session.execute(query).all())
