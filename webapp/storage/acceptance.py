"""Rules of automatic acceptance, what they rest on, and how their audits went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.acceptance import (
    Acceptance,
    AcceptanceRule,
    Audits,
    Candidate,
    EndedBecause,
    Evidence,
    LabelledPrediction,
    RuleState,
    read_evidence,
)
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage.annotations import IS_UNDONE
from webapp.storage.tables import (
    AcceptanceRow,
    AcceptanceRuleRow,
    AnnotationRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    RoundRow,
)

_READ_AT_ONCE = 5000
_UNDECIDED = (ProductState.OPEN.value, ProductState.ACCEPTED.value)
_WITHOUT_LABEL = (ProductState.OPEN.value, ProductState.DISPUTED.value)  # so far
_STANDS = AcceptanceRow.ended_at.is_(None)


def list_current(session: Session, *, catalogue_id: int) -> list[AcceptanceRule]:
    """Return the rules that have not ended: in force, refused or suspended."""
    return _list(session, _rules(catalogue_id).where(AcceptanceRuleRow.ended_at.is_(None)))


def list_ended(session: Session, *, catalogue_id: int, n: int) -> list[AcceptanceRule]:
    """Return the rules that ended last, the newest first."""
    ended = _rules(catalogue_id).where(AcceptanceRuleRow.ended_at.is_not(None))
    return _list(session, ended.limit(n))


def list_suspended(session: Session, *, round_id: int) -> list[AcceptanceRule]:
    """Return the rules of a round that audits have shown to be broken, ended or not."""
    statement = select(AcceptanceRuleRow, RoundRow.number).join(
        RoundRow, RoundRow.id == AcceptanceRuleRow.round_id
    )
    return _list(
        session,
        statement.where(
            AcceptanceRuleRow.round_id == round_id,
            AcceptanceRuleRow.state == RuleState.SUSPENDED.value,
        ),
    )


def get_rule(session: Session, *, rule_id: int) -> AcceptanceRule:
    """Return the rule with that id."""
    row, number = session.execute(
        select(AcceptanceRuleRow, RoundRow.number)
        .join(RoundRow, RoundRow.id == AcceptanceRuleRow.round_id)
        .where(AcceptanceRuleRow.id == rule_id)
    ).one()
    return _rule(row, number)


def add_rule(
    session: Session,
    *,
    catalogue_id: int,
    round_id: int,
    category_id: int | None,
    target: float,
    confidence: float,
    threshold: float | None,
    evidence: Evidence,
    suspended_because: str | None,
    now: datetime,
) -> None:
    """Add a rule: in force where it has a threshold, refused where it has none.

    One that audits have shown to be broken before, when the same round was live, stays suspended.
    """
    state = RuleState.REFUSED if threshold is None else RuleState.IN_FORCE
    if suspended_because is not None:
        state = RuleState.SUSPENDED
    session.add(
        AcceptanceRuleRow(
            catalogue_id=catalogue_id,
            round_id=round_id,
            category_id=category_id,
            target=target,
            confidence=confidence,
            threshold=threshold,
            evidence=asdict(evidence),
            state=state.value,
            reason=suspended_because or evidence.finding,
            created_at=now,
            ended_at=None,
        )
    )
    session.flush()


def end_rule(
    session: Session, *, rule: AcceptanceRule, because: EndedBecause, now: datetime
) -> None:
    """End a rule; one that was suspended stays known as such."""
    values: dict[str, Any] = {"ended_at": now}
    if rule.state is not RuleState.SUSPENDED:
        values |= {"state": RuleState.ENDED.value, "reason": because.value}
    _write(session, rule.id, values)


def suspend(session: Session, *, rule_id: int, audits: Audits) -> None:
    """Take a rule out of force; its reason tells how many audits found how many errors."""
    _write(
        session,
        rule_id,
        {"state": RuleState.SUSPENDED.value, "reason": f"{audits.n_errors}/{audits.n}"},
    )


def count_evaluation(session: Session, *, catalogue_id: int) -> tuple[int, int]:
    """Return how many labels rules may rest on, and how many more the evaluation set can get."""
    of_set = (ProductRow.catalogue_id == catalogue_id, ProductRow.is_evaluation.is_(True))
    n_labels = session.scalar(
        select(func.count())
        .select_from(ProductRow)
        .join(*_LABEL)
        .join(*_ACT)
        .where(*of_set, _UNSEEN)
    )
    n_open = session.scalar(
        select(func.count()).where(*of_set, ProductRow.state.in_(_WITHOUT_LABEL))
    )
    return n_labels or 0, n_open or 0


def list_evidence(
    session: Session, *, catalogue_id: int, round_id: int
) -> list[LabelledPrediction]:
    """Return the labels that a rule may rest on, and what a round says of their products.

    They are labels by people, of the random evaluation set, given without seeing a suggestion;
    a seller's category is a claim and never among them.
    """
    rows = session.execute(
        select(
            ProductRow.id,
            PredictionRow.category_id,
            PredictionRow.probability,
            LabelRow.category_id,
            ProductRow.group_number,
        )
        .join(*_LABEL)
        .join(*_ACT)
        .join(
            PredictionRow,
            (PredictionRow.product_id == ProductRow.id) & (PredictionRow.round_id == round_id),
        )
        .where(ProductRow.catalogue_id == catalogue_id, ProductRow.is_evaluation.is_(True), _UNSEEN)
        .order_by(ProductRow.id)
    )
    return [LabelledPrediction(*row) for row in rows]


def iterate_candidates(
    session: Session, *, catalogue_id: int, round_id: int
) -> Iterator[Candidate]:
    """Yield the undecided products outside the evaluation set that a round has predicted."""
    rows = session.execute(
        select(
            ProductRow.id,
            PredictionRow.category_id,
            PredictionRow.probability,
            ProductRow.group_number,
            AcceptanceRow.rule_id,
        )
        .join(
            PredictionRow,
            (PredictionRow.product_id == ProductRow.id) & (PredictionRow.round_id == round_id),
        )
        .outerjoin(AcceptanceRow, (AcceptanceRow.product_id == ProductRow.id) & _STANDS)
        .where(
            ProductRow.catalogue_id == catalogue_id,
            ProductRow.state.in_(_UNDECIDED),
            ProductRow.is_evaluation.is_(False),
        )
        .order_by(ProductRow.id)
        .execution_options(yield_per=_READ_AT_ONCE)
    )
    for row in rows:
        yield Candidate(*row)


def list_stale(session: Session, *, catalogue_id: int) -> list[int]:
    """Return the products whose standing acceptance is of a rule that is not in force."""
    return list(
        session.scalars(
            select(AcceptanceRow.product_id)
            .join(AcceptanceRuleRow, AcceptanceRuleRow.id == AcceptanceRow.rule_id)
            .where(
                AcceptanceRuleRow.catalogue_id == catalogue_id,
                AcceptanceRuleRow.state != RuleState.IN_FORCE.value,
                _STANDS,
            )
            .order_by(AcceptanceRow.product_id)
        )
    )


def find_standing(session: Session, *, product_id: int) -> Acceptance | None:
    """Return the acceptance of a product that has not ended, or None."""
    row = session.scalar(
        select(AcceptanceRow).where(AcceptanceRow.product_id == product_id, _STANDS)
    )
    if row is None:
        return None
    return Acceptance(
        row.id, row.product_id, row.rule_id, row.category_id, row.probability, row.is_audited
    )


def count_audits(session: Session, *, rule_ids: Sequence[int]) -> dict[int, Audits]:
    """Return how the audits of rules went, by rule; also those of rules that have ended.

    An audit counts once it is decided under the rule, and its product has a label: what a person
    has opened by choice, or flagged, is no random check of a category.
    """
    was_audited = (
        select(AnnotationRow.id)
        .where(
            AnnotationRow.product_id == AcceptanceRow.product_id,
            AnnotationRow.asked_because == AskedBecause.AUDIT.value,
            AnnotationRow.verdict.in_([Verdict.CONFIRMED.value, Verdict.CORRECTED.value]),
            AnnotationRow.created_at >= AcceptanceRow.accepted_at,
            AcceptanceRow.ended_at.is_(None) | (AnnotationRow.created_at <= AcceptanceRow.ended_at),
            ~IS_UNDONE,
        )
        .exists()
    )
    is_decided = LabelRow.category_id.is_not(None) & was_audited
    rows = session.execute(
        select(
            AcceptanceRow.rule_id,
            _count_if(is_decided),
            _count_if(is_decided & (LabelRow.category_id != AcceptanceRow.category_id)),
            _count_if(_STANDS & (ProductRow.state == ProductState.ACCEPTED.value)),
        )
        .join(ProductRow, ProductRow.id == AcceptanceRow.product_id)
        .outerjoin(LabelRow, LabelRow.product_id == AcceptanceRow.product_id)
        .where(AcceptanceRow.rule_id.in_(rule_ids), AcceptanceRow.is_audited)
        .group_by(AcceptanceRow.rule_id)
    )
    return {rule_id: Audits(n, n_errors, n_waiting) for rule_id, n, n_errors, n_waiting in rows}


def count_standing(session: Session, *, rule_ids: Sequence[int]) -> dict[int, int]:
    """Return how many products each rule decides now, those with a label left out."""
    rows = session.execute(
        select(AcceptanceRow.rule_id, func.count())
        .join(ProductRow, ProductRow.id == AcceptanceRow.product_id)
        .where(
            AcceptanceRow.rule_id.in_(rule_ids),
            _STANDS,
            ProductRow.state == ProductState.ACCEPTED.value,
        )
        .group_by(AcceptanceRow.rule_id)
    )
    return dict(rows.all())


_LABEL = (LabelRow, LabelRow.product_id == ProductRow.id)
_ACT = (AnnotationRow, AnnotationRow.id == LabelRow.annotation_id)
# Before the first round there is no suggestion, but what the seller says is seen.
_UNSEEN = AnnotationRow.is_suggestion_hidden & AnnotationRow.shown_category_id.is_(None)


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _rules(catalogue_id: int) -> Select[AcceptanceRuleRow, int]:
    return (
        select(AcceptanceRuleRow, RoundRow.number)
        .join(RoundRow, RoundRow.id == AcceptanceRuleRow.round_id)
        .where(AcceptanceRuleRow.catalogue_id == catalogue_id)
        .order_by(AcceptanceRuleRow.id.desc())
    )


def _list(session: Session, statement: Select[AcceptanceRuleRow, int]) -> list[AcceptanceRule]:
    return [_rule(row, number) for row, number in session.execute(statement)]


def _rule(row: AcceptanceRuleRow, round_number: int) -> AcceptanceRule:
    return AcceptanceRule(
        id=row.id,
        catalogue_id=row.catalogue_id,
        round_id=row.round_id,
        round_number=round_number,
        category_id=row.category_id,
        target=row.target,
        confidence=row.confidence,
        threshold=row.threshold,
        evidence=read_evidence(row.evidence),
        state=RuleState(row.state),
        reason=row.reason,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def _write(session: Session, rule_id: int, values: dict[str, Any]) -> None:
    session.execute(
        update(AcceptanceRuleRow).where(AcceptanceRuleRow.id == rule_id).values(**values),
        execution_options={"populate_existing": True},
    )
