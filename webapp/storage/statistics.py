"""Sums for the dashboard: every query answers with counts, none loads the rows it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, text, union_all
from sqlalchemy.orm import Session, aliased

from webapp.domain.dashboard import (
    Agreement,
    CategoryCoverage,
    Labelling,
    PersonPace,
    RoundQuality,
    read_baselines,
)
from webapp.domain.figures import read_figure
from webapp.domain.jobs import JobKind
from webapp.domain.review import Probe, ProductState, Verdict
from webapp.storage.queue_places import SECOND_PRIORITY
from webapp.storage.tables import (
    AnnotationRow,
    CategoryRow,
    JobRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    QueueEntryRow,
    RoundRow,
    UserRow,
)
from webapp.storage.tables.catalogue import SUGGESTION_IS_HIDDEN

_UNDOING = aliased(AnnotationRow)
# Few acts are undone, so they are counted by themselves, found through the index of undoings.
_UNDONE_IDS = select(_UNDOING.undoes_id).where(_UNDOING.undoes_id.is_not(None))
_DECISIONS = tuple(
    verdict.value for verdict in (Verdict.CONFIRMED, Verdict.CORRECTED, Verdict.FLAGGED)
)


def count_states(session: Session, *, catalogue_id: int) -> Labelling:
    """Return how many products there are in each state."""
    counts = _counts(
        session,
        select(ProductRow.state, func.count())
        .where(ProductRow.catalogue_id == catalogue_id)
        .group_by(ProductRow.state),
    )
    return Labelling(
        n_products=sum(counts.values()),
        n_labelled=counts.get(ProductState.LABELLED.value, 0),
        n_flagged=counts.get(ProductState.FLAGGED.value, 0),
        n_accepted=counts.get(ProductState.ACCEPTED.value, 0),
        n_disputed=counts.get(ProductState.DISPUTED.value, 0),
    )


def count_agreement(session: Session, *, catalogue_id: int) -> Agreement:
    """Return how often decisions that stand confirmed what was claimed, and how often not.

    A suggestion that was wrong on purpose says nothing of the model, and is left out. So are
    answers to products that others have still to answer: they count once all are in.
    """
    is_seen = AnnotationRow.shown_category_id.is_not(None) & ~AnnotationRow.is_suggestion_hidden
    is_confirmed = AnnotationRow.verdict == Verdict.CONFIRMED.value
    is_corrected = AnnotationRow.verdict == Verdict.CORRECTED.value
    made = select(  # filters in one pass: grouping would sort all of them first
        func.count().filter(is_seen & is_confirmed),
        func.count().filter(is_seen & is_corrected),
        func.count().filter(~is_seen & is_confirmed),
        func.count().filter(~is_seen & is_corrected),
    )
    of_catalogue = made.where(AnnotationRow.catalogue_id == catalogue_id)
    standing = AnnotationRow.id.not_in(_UNDONE_IDS)
    is_planted = AnnotationRow.probe == Probe.PLANTED.value
    left_out = (
        of_catalogue.where(~standing),
        of_catalogue.where(is_planted, standing),  # few, and found through an index of their own
        made.where(  # without the catalogue: SQLite would read all of its acts
            AnnotationRow.product_id.in_(_begun(catalogue_id)),
            is_planted.is_not(True),
            standing,
        ),
    )
    counts = (session.execute(counted).one() for counted in (of_catalogue, *left_out))
    return Agreement(*(n - sum(others) for n, *others in zip(*counts, strict=True)))


def _begun(catalogue_id: int) -> CompoundSelect[tuple[int]]:
    """Return the query of products that somebody has decided and somebody else shall decide too."""
    begun = select(QueueEntryRow.product_id).where(
        QueueEntryRow.catalogue_id == catalogue_id, QueueEntryRow.priority < SECOND_PRIORITY
    )
    # Word for word the predicates of the partial indexes; with "or", SQLite would use neither.
    return union_all(
        begun.where(text("is_waiting")), begun.where(QueueEntryRow.leased_until.is_not(None))
    )


def list_pace(
    session: Session, *, catalogue_id: int, today_from: datetime, week_from: datetime
) -> list[PersonPace]:
    """Return the decisions of each person since both times, undone ones left out, most first."""
    since_week = _decisions_by_person(session, catalogue_id, week_from)
    since_today = _decisions_by_person(session, catalogue_id, today_from)
    names = _names(session, list(since_week))
    people = [
        PersonPace(user_id, names[user_id], since_today.get(user_id, 0), n)
        for user_id, n in since_week.items()
        if n
    ]
    return sorted(people, key=lambda person: (-person.n_week, person.name, person.user_id))


def list_durations_ms(session: Session, *, catalogue_id: int, n: int) -> list[int]:
    """Return how long the newest ``n`` decisions took, where that is known."""
    newest = (
        select(AnnotationRow.took_ms)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.verdict.in_(_DECISIONS),
            AnnotationRow.took_ms.is_not(None),
        )
        .order_by(AnnotationRow.created_at.desc())
        .limit(n)
    )
    return [took_ms for took_ms in session.scalars(newest) if took_ms is not None]


def list_rounds(
    session: Session, *, catalogue_id: int, live_round_id: int | None
) -> list[RoundQuality]:
    """Return the quality of every finished round, the first one first."""
    rows = session.execute(
        select(
            RoundRow.id,
            RoundRow.number,
            RoundRow.finished_at,
            RoundRow.is_provisional,
            RoundRow.is_held,
            RoundRow.n_labels,
            RoundRow.n_source_categories,
            RoundRow.fallback,
            RoundRow.metrics,
            RoundRow.baselines,
        )
        .where(RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete)
        .order_by(RoundRow.number)
    )
    return [
        RoundQuality(
            id=row.id,
            number=row.number,
            finished_at=row.finished_at,
            is_live=row.id == live_round_id,
            is_provisional=row.is_provisional,
            is_held=row.is_held,
            n_labels=row.n_labels,
            n_source_categories=row.n_source_categories,
            fallback=row.fallback,
            accuracy=read_figure(row.metrics, "accuracy"),
            ari=read_figure(row.metrics, "ari"),
            macro_f1=read_figure(row.metrics, "macro_f1"),
            baselines=read_baselines(row.baselines),
        )
        for row in rows
    ]


def find_newest_round_id(session: Session, *, catalogue_id: int) -> int | None:
    """Return the id of the last finished round: a page that knows it needs no other figures."""
    return session.scalar(
        select(func.max(RoundRow.id)).where(
            RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete
        )
    )


def find_newest_baselines_id(session: Session, *, catalogue_id: int) -> int | None:
    """Return the id of the last job that has scored baselines, for the same purpose."""
    return session.scalar(
        select(func.max(JobRow.id)).where(
            JobRow.catalogue_id == catalogue_id,
            JobRow.kind == JobKind.SCORE_BASELINES.value,
            JobRow.finished_at.is_not(None),
        )
    )


def get_confusion(session: Session, *, round_id: int) -> Mapping[str, Any]:
    """Return the confusion matrix of a round as it was stored."""
    confusion: Mapping[str, Any] = session.execute(
        select(RoundRow.confusion).where(RoundRow.id == round_id)
    ).scalar_one()
    return confusion


def list_coverage(
    session: Session, *, catalogue_id: int, level: int, live_round_id: int | None
) -> list[CategoryCoverage]:
    """Return what is known of each category of the level of decision, in order of their paths."""
    by_source = _counts(session, _by_source(catalogue_id))
    decided = _counts(
        session, _by_source(catalogue_id, ProductRow.state == ProductState.LABELLED.value)
    )
    labels = _counts(
        session,
        select(LabelRow.category_id, func.count())
        .where(LabelRow.catalogue_id == catalogue_id)
        .group_by(LabelRow.category_id),
    )
    of_round = (
        select(PredictionRow.category_id, func.count())
        .where(PredictionRow.round_id == live_round_id)
        .group_by(PredictionRow.category_id)
    )
    measuring = select(ProductRow.id).where(
        ProductRow.catalogue_id == catalogue_id, SUGGESTION_IS_HIDDEN
    )
    predicted = _counts(session, of_round)
    hidden = _counts(session, of_round.where(PredictionRow.product_id.in_(measuring)))
    categories = session.execute(
        select(CategoryRow.id, CategoryRow.path)
        .where(CategoryRow.catalogue_id == catalogue_id, CategoryRow.level == level)
        .order_by(CategoryRow.path)
    )
    return [
        CategoryCoverage(
            category_id=row.id,
            name=row.path,
            n_source=by_source.get(row.id, 0),
            n_decided=decided.get(row.id, 0),
            n_labels=labels.get(row.id, 0),
            n_predicted=None
            if live_round_id is None
            else predicted.get(row.id, 0) - hidden.get(row.id, 0),
        )
        for row in categories
    ]


def _by_source(catalogue_id: int, *conditions: ColumnElement[bool]) -> Select[int | None, int]:
    return (
        select(ProductRow.source_category_id, func.count())
        .where(ProductRow.catalogue_id == catalogue_id, *conditions)
        .group_by(ProductRow.source_category_id)
    )


def _decisions_by_person(session: Session, catalogue_id: int, since: datetime) -> dict[int, int]:
    made = (
        select(AnnotationRow.user_id, func.count())
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.created_at >= since,
            AnnotationRow.verdict.in_(_DECISIONS),
        )
        .group_by(AnnotationRow.user_id)
    )
    undone = _counts(session, made.where(AnnotationRow.id.in_(_UNDONE_IDS)))
    return {user_id: n - undone.get(user_id, 0) for user_id, n in _counts(session, made).items()}


def _names(session: Session, user_ids: list[int]) -> dict[int, str]:
    rows = session.execute(select(UserRow.id, UserRow.name).where(UserRow.id.in_(user_ids)))
    return dict(rows.all())


def _counts(session: Session, query: Select[Any, int]) -> dict[Any, int]:
    return dict(session.execute(query).all())
