"""What the triggers of rounds depend on, and the slots for which they have fired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import Job, JobKind, JobState
from webapp.domain.triggers import (
    MIN_PRODUCTS,
    LeftOut,
    Obstacle,
    Slot,
    Trigger,
    TriggerState,
    minute_of,
)
from webapp.storage import catalogues, jobs
from webapp.storage.tables import (
    AnnotationRow,
    ImportRow,
    LabelRow,
    ProductRow,
    RetrainingSlotRow,
    RoundRow,
)

_AUTOMATIC = {Trigger.LABELS.value, Trigger.SCHEDULE.value}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_DISORDER = timedelta(hours=1)  # several web processes may have clocks that differ
_IS_TRAINING = func.coalesce(ProductRow.is_evaluation, False).is_(False)


def list_with_triggers(session: Session) -> list[Catalogue]:
    """Return the catalogues whose rounds start by themselves."""
    return [
        catalogue
        for catalogue in catalogues.list_all(session)
        if catalogue.settings.retrain_every_n_labels is not None
        or catalogue.settings.retrain_cron is not None
    ]


def read_state(session: Session, *, catalogue_id: int) -> TriggerState:
    """Return what the triggers of a catalogue depend on now; it costs the same at any size."""
    n_new_labels, newest_label = _find_new_labels(session, catalogue_id)
    return TriggerState(
        n_new_labels=n_new_labels,
        newest_label=newest_label,
        last_slot=_last_minute(session, catalogue_id),
        obstacle=_find_obstacle(session, catalogue_id),
    )


def add_slot(
    session: Session, *, catalogue_id: int, slot: Slot, job_id: int | None, now: datetime
) -> None:
    """Note that a slot has fired or was left out; noting it twice breaks the transaction."""
    session.add(
        RetrainingSlotRow(
            catalogue_id=catalogue_id,
            trigger=slot.trigger.value,
            slot=slot.key,
            job_id=job_id,
            left_out="" if slot.left_out is None else slot.left_out.value,
            created_at=now,
        )
    )
    session.flush()


def list_left_out(session: Session, *, catalogue_id: int, n: int) -> list[LeftOut]:
    """Return the newest starts of the schedule, if they were left out; the newest one first."""
    rows = session.scalars(
        _slots(catalogue_id, Trigger.SCHEDULE).order_by(RetrainingSlotRow.slot.desc()).limit(n)
    )
    return [LeftOut(minute_of(row.slot), Obstacle(row.left_out)) for row in rows if row.left_out]


def _slots(catalogue_id: int, trigger: Trigger) -> Select[RetrainingSlotRow]:
    return select(RetrainingSlotRow).where(
        RetrainingSlotRow.catalogue_id == catalogue_id,
        RetrainingSlotRow.trigger == trigger.value,
    )


def _find_new_labels(session: Session, catalogue_id: int) -> tuple[int, int]:
    """Count labels that no complete round has read and for which none was started.

    Returns
    -------
    tuple of int
        How many, and the annotation of the newest, 0 where there is none.
    """
    of_rounds = session.scalar(
        select(RoundRow.last_annotation_id)
        .where(RoundRow.catalogue_id == catalogue_id, RoundRow.is_complete)
        .order_by(RoundRow.number.desc())
        .limit(1)
    )
    of_slots = session.scalar(
        _slots(catalogue_id, Trigger.LABELS).order_by(RetrainingSlotRow.id.desc()).limit(1)
    )
    known = max(of_rounds or 0, int(of_slots.slot) if of_slots else 0)
    newest_known = session.get(AnnotationRow, known)
    since = _EVER if newest_known is None else newest_known.created_at - _DISORDER
    n, newest = session.execute(
        select(func.count(), func.max(AnnotationRow.id))
        .join(LabelRow, LabelRow.product_id == AnnotationRow.product_id)
        .where(
            AnnotationRow.catalogue_id == catalogue_id,
            AnnotationRow.created_at > since,  # an index finds these; there are few
            AnnotationRow.id > known,
            LabelRow.annotation_id == AnnotationRow.id,
        )
    ).one()
    return n, newest or 0


def _last_minute(session: Session, catalogue_id: int) -> datetime | None:
    key = session.scalar(
        select(func.max(RetrainingSlotRow.slot)).where(
            RetrainingSlotRow.catalogue_id == catalogue_id,
            RetrainingSlotRow.trigger == Trigger.SCHEDULE.value,
        )
    )
    return None if key is None else minute_of(key)


def _find_obstacle(session: Session, catalogue_id: int) -> Obstacle | None:
    latest = jobs.find_latest(session, catalogue_id=catalogue_id, kind=JobKind.RETRAIN)
    if latest is not None and not latest.is_over:
        return Obstacle.RUNNING
    if not _are_enough(session, catalogue_id):
        return Obstacle.TOO_FEW
    if _are_all_alike(session, catalogue_id):
        return Obstacle.ONE_CATEGORY
    has_failed = (
        latest is not None
        and latest.state is JobState.FAILED
        and latest.arguments.get("trigger") in _AUTOMATIC
    )
    if latest is not None and has_failed and not _has_news(session, catalogue_id, latest):
        return Obstacle.FAILED
    return None


def _are_enough(session: Session, catalogue_id: int) -> bool:
    """Tell whether a round could learn from enough products; near-duplicates are not known here."""
    of_catalogue = (ProductRow.catalogue_id == catalogue_id, _IS_TRAINING)
    with_source = select(ProductRow.id).where(
        *of_catalogue, ProductRow.source_category_id.is_not(None)
    )
    with_label = (
        select(ProductRow.id)
        .join(LabelRow, LabelRow.product_id == ProductRow.id)
        .where(*of_catalogue, LabelRow.catalogue_id == catalogue_id)
    )
    found: set[int] = set()
    for some in (with_source, with_label):
        found.update(session.scalars(some.limit(MIN_PRODUCTS)))
    return len(found) >= MIN_PRODUCTS


def _are_all_alike(session: Session, catalogue_id: int) -> bool:
    """Tell whether labels and sellers name one category alone."""
    named: set[int | None] = set()
    for category, of_catalogue in (
        (ProductRow.source_category_id, ProductRow.catalogue_id == catalogue_id),
        (LabelRow.category_id, LabelRow.catalogue_id == catalogue_id),
    ):
        for end in (func.min(category), func.max(category)):
            named.add(session.scalar(select(end).where(of_catalogue)))
    return len(named - {None}) < 2


def _has_news(session: Session, catalogue_id: int, failed: Job) -> bool:
    """Tell whether labels or products came since that job was added."""
    annotation = select(AnnotationRow.id).where(
        AnnotationRow.catalogue_id == catalogue_id, AnnotationRow.created_at > failed.created_at
    )
    imported = select(ImportRow.id).where(
        ImportRow.catalogue_id == catalogue_id,
        ImportRow.finished_at > failed.created_at,
        ImportRow.n_new + ImportRow.n_changed > 0,
    )
    return any(session.scalar(some.limit(1)) is not None for some in (annotation, imported))
