"""What happened to one product, newest first; it is only read here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.product_history import (
    AlikeProduct,
    PastAcceptance,
    PastAnnotation,
    PastPrediction,
    PastVersion,
    list_changes,
)
from webapp.storage.annotations import annotation_of
from webapp.storage.predictions import prediction_of
from webapp.storage.tables import (
    AcceptanceRow,
    AcceptanceRuleRow,
    AnnotationRow,
    BulkActRow,
    ImportRow,
    LabelRow,
    LiveRoundRow,
    PredictionRow,
    ProductImageRow,
    ProductRow,
    ProductVersionRow,
    QueueEntryRow,
    RoundRow,
    UserRow,
)


def list_annotations(session: Session, *, product_id: int) -> list[PastAnnotation]:
    """Return every act on the product, undone ones too."""
    undo = aliased(AnnotationRow)
    rows = session.execute(
        select(AnnotationRow, UserRow.name, RoundRow.number, undo.id, BulkActRow.n_decided)
        .join(UserRow, UserRow.id == AnnotationRow.user_id)
        .outerjoin(RoundRow, RoundRow.id == AnnotationRow.shown_round_id)
        .outerjoin(undo, undo.undoes_id == AnnotationRow.id)
        .outerjoin(BulkActRow, BulkActRow.id == AnnotationRow.bulk_act_id)
        .where(AnnotationRow.product_id == product_id)
        .order_by(AnnotationRow.id.desc())
    )
    return [
        PastAnnotation(
            annotation=annotation_of(row),
            user_name=user_name,
            shown_round_number=round_number,
            is_undone=undo_id is not None,
            n_in_bulk=n_in_bulk,
        )
        for row, user_name, round_number, undo_id, n_in_bulk in rows
    ]


def list_versions(session: Session, *, product_id: int) -> list[PastVersion]:
    """Return what the imports said of the product, each with what it changed."""
    rows = session.execute(
        select(ProductVersionRow, ImportRow.file_name)
        .join(ImportRow, ImportRow.id == ProductVersionRow.import_id)
        .where(ProductVersionRow.product_id == product_id)
        .order_by(ProductVersionRow.number)
    ).all()
    contents = [row.content for row, _ in rows]
    versions = [
        PastVersion(
            number=row.number,
            file_name=file_name,
            created_at=row.created_at,
            changes=list_changes(before, row.content) if before is not None else (),
        )
        for (row, file_name), before in zip(rows, [None, *contents[:-1]], strict=False)
    ]
    return versions[::-1]


def list_predictions(session: Session, *, product_id: int) -> list[PastPrediction]:
    """Return what each round said of the product."""
    rows = session.execute(
        select(PredictionRow, RoundRow.number, RoundRow.finished_at, LiveRoundRow.round_id)
        .join(RoundRow, RoundRow.id == PredictionRow.round_id)
        .outerjoin(LiveRoundRow, LiveRoundRow.round_id == RoundRow.id)
        .where(PredictionRow.product_id == product_id, RoundRow.is_complete)
        .order_by(RoundRow.number.desc())
    )
    return [
        PastPrediction(
            round_number=number,
            finished_at=finished_at,
            is_live=live_round_id is not None,
            prediction=prediction_of(row),
        )
        for row, number, finished_at, live_round_id in rows
    ]


def list_acceptances(session: Session, *, product_id: int) -> list[PastAcceptance]:
    """Return when certified rules decided the product, whether or not that stands."""
    rows = session.execute(
        select(AcceptanceRow, AcceptanceRuleRow.target, RoundRow.number)
        .join(AcceptanceRuleRow, AcceptanceRuleRow.id == AcceptanceRow.rule_id)
        .join(RoundRow, RoundRow.id == AcceptanceRuleRow.round_id)
        .where(AcceptanceRow.product_id == product_id)
        .order_by(AcceptanceRow.id.desc())
    )
    return [
        PastAcceptance(
            rule_id=row.rule_id,
            round_number=number,
            category_id=row.category_id,
            probability=row.probability,
            target=target,
            is_audited=row.is_audited,
            accepted_at=row.accepted_at,
            ended_at=row.ended_at,
        )
        for row, target, number in rows
    ]


def find_label_id(session: Session, *, product_id: int) -> int | None:
    """Return the category that people's decisions gave the product, or None."""
    return session.scalar(select(LabelRow.category_id).where(LabelRow.product_id == product_id))


def is_lent_to(session: Session, *, product_id: int, user_id: int, now: datetime) -> bool:
    """Tell whether a person has the card of the product at her desk."""
    lent = select(QueueEntryRow.product_id).where(
        QueueEntryRow.product_id == product_id,
        QueueEntryRow.leased_to == user_id,
        QueueEntryRow.leased_until > now,
    )
    return session.scalar(lent) is not None


def find_group_number(session: Session, *, product_id: int) -> int | None:
    """Return the number that the product shares with its near-duplicates, or None."""
    return session.scalar(select(ProductRow.group_number).where(ProductRow.id == product_id))


def list_look_alikes(
    session: Session, *, catalogue_id: int, group_number: int, besides_id: int, n: int
) -> list[AlikeProduct]:
    """Return the first ``n`` products of a group of near-duplicates, without one of them."""
    first_image = (
        select(ProductImageRow.product_id, func.min(ProductImageRow.position).label("position"))
        .where(ProductImageRow.sha256.is_not(None))
        .group_by(ProductImageRow.product_id)
        .subquery()
    )
    rows = session.execute(
        select(
            ProductRow.id,
            ProductRow.external_id,
            ProductRow.name,
            ProductImageRow.sha256,
            LabelRow.category_id,
        )
        .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
        .outerjoin(first_image, first_image.c.product_id == ProductRow.id)
        .outerjoin(
            ProductImageRow,
            (ProductImageRow.product_id == ProductRow.id)
            & (ProductImageRow.position == first_image.c.position),
        )
        .where(
            ProductRow.catalogue_id == catalogue_id,
            ProductRow.group_number == group_number,
            ProductRow.id != besides_id,
        )
        .order_by(ProductRow.id)
        .limit(n)
    )
    return [AlikeProduct(*row) for row in rows]
