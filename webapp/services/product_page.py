"""What is done with one product outside the queue: reading its story, deciding, flagging it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError, NotFoundError
from webapp.domain.product_history import PastVersion, ProductStory
from webapp.domain.product_search import hides_suggestion
from webapp.domain.review import Annotation, AskedBecause, ProductState, Verdict
from webapp.services import review
from webapp.services.review_acts import check_words, find_earlier, project
from webapp.storage import annotations as annotation_log
from webapp.storage import product_history, products, queue
from webapp.storage.annotations import NewAnnotation
from webapp.storage.database import Session


def tell_story(session: Session, *, catalogue: Catalogue, product_id: int) -> ProductStory:
    """Return one product of the catalogue and all that happened to it."""
    product = products.get(session, product_id=product_id)
    if product.catalogue_id != catalogue.id:
        raise NotFoundError("There is no such product.")
    is_hidden = hides_suggestion(is_evaluation=product.is_evaluation, state=product.state)
    annotations = product_history.list_annotations(session, product_id=product_id)
    versions = product_history.list_versions(session, product_id=product_id)
    predictions = product_history.list_predictions(session, product_id=product_id)
    if is_hidden:
        product = replace(product, source_path="", source_category_id=None)
        versions = [_without_source(version) for version in versions]
        predictions = []
    is_flagged = product.state is ProductState.FLAGGED
    flags = (
        past
        for past in annotations
        if past.annotation.verdict is Verdict.FLAGGED and not past.is_undone
    )
    return ProductStory(
        product=product,
        is_suggestion_hidden=is_hidden,
        label_id=product_history.find_label_id(session, product_id=product_id),
        live=next((past for past in predictions if past.is_live), None),
        flag=next(flags, None) if is_flagged else None,
        annotations=tuple(annotations),
        versions=tuple(versions),
        predictions=tuple(predictions),
        acceptances=tuple(product_history.list_acceptances(session, product_id=product_id)),
    )


def decide(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    category_id: int,
    idempotency_key: str,
    now: datetime,
) -> Annotation:
    """Record the category that a person chose for a product that she opened herself."""
    return review.annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        lease=None,
        verdict=Verdict.CORRECTED,  # or confirmed: that follows from what was shown
        category_id=category_id,
        note="",
        idempotency_key=idempotency_key,
        took_ms=None,
        now=now,
    )


def flag(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    note: str,
    idempotency_key: str,
    now: datetime,
) -> Annotation:
    """Take a product out of the queue, with a note that says why."""
    return review.annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        lease=None,
        verdict=Verdict.FLAGGED,
        category_id=None,
        note=note,
        idempotency_key=idempotency_key,
        took_ms=None,
        now=now,
    )


def put_back(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    idempotency_key: str,
    now: datetime,
) -> None:
    """Take back the flag of a product, whoever set it, so that the product is asked again.

    A decision is taken back only by who made it; a flag asks for somebody else's help.
    """
    check_words(Verdict.UNDONE, "", idempotency_key)
    annotation_log.lock_product(session, catalogue_id=catalogue.id, product_id=product_id)
    if find_earlier(session, user_id, idempotency_key, product_id, is_undoing=True):
        return
    flagged = tell_story(session, catalogue=catalogue, product_id=product_id).flag
    if flagged is None:
        raise ConflictError("The product is not flagged any more.")
    annotation_log.add(
        session,
        catalogue_id=catalogue.id,
        new=NewAnnotation(
            product_id=product_id,
            user_id=user_id,
            verdict=Verdict.UNDONE,
            undoes_id=flagged.annotation.id,
            idempotency_key=idempotency_key,
            asked_because=AskedBecause.CHOSEN,
            is_suggestion_hidden=flagged.annotation.is_suggestion_hidden,
            created_at=now,
        ),
    )
    if project(session, catalogue, product_id) is ProductState.OPEN:
        queue.reopen(session, product_id=product_id)


def _without_source(version: PastVersion) -> PastVersion:
    changes = tuple(change for change in version.changes if change.field != "source_path")
    return replace(version, changes=changes)
