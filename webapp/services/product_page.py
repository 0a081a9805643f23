"""What is done with one product outside the queue: deciding, flagging it, putting it back."""

from __future__ import annotations

from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError, NotFoundError
from webapp.domain.product_history import standing_flag
from webapp.domain.review import Annotation, AskedBecause, Verdict
from webapp.services import review
from webapp.services.product_story import tell_story
from webapp.services.review_acts import check_words, find_earlier, take_back
from webapp.storage import product_history, product_locks
from webapp.storage.database import Session

RESTORED = "Restored what %(name)s decided on %(date)s."  # a note, translated where it is shown


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
        verdict=Verdict.CORRECTED,  # or confirmed: that follows from what was shown
        category_id=category_id,
        idempotency_key=idempotency_key,
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
        verdict=Verdict.FLAGGED,
        note=note,
        idempotency_key=idempotency_key,
        now=now,
    )


def restore(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    annotation_id: int,
    user_id: int,
    idempotency_key: str,
    now: datetime,
) -> Annotation:
    """Let an earlier decision on a product hold again, as one more decision of who asks for it.

    Raises
    ------
    NotFoundError
        If the product has no such decision, or none that this person may see.
    ConflictError
        If the product has that label now.
    """
    story = tell_story(
        session, catalogue=catalogue, product_id=product_id, user_id=user_id, now=now
    )
    earlier = next(
        (past for past in story.annotations if past.annotation.id == annotation_id), None
    )
    again = find_earlier(session, user_id, idempotency_key, product_id, is_undoing=False)
    if again is not None:
        return again
    if earlier is None or earlier.annotation.category_id is None:
        raise NotFoundError("This product has no such decision.")
    if not earlier.can_be_restored(story.label_id):
        raise ConflictError("The product has that label already.")
    return review.annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        verdict=Verdict.CORRECTED,  # or confirmed: that follows from what was shown
        category_id=earlier.annotation.category_id,
        note=RESTORED
        % {"name": earlier.user_name, "date": f"{earlier.annotation.created_at:%Y-%m-%d}"},
        idempotency_key=idempotency_key,
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
    product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    if find_earlier(session, user_id, idempotency_key, product_id, is_undoing=True):
        return
    annotations = product_history.list_annotations(session, product_id=product_id)
    flagged = standing_flag(annotations, state=product.state)
    if flagged is None:
        raise ConflictError("The product is not flagged any more.")
    take_back(
        session,
        catalogue=catalogue,
        act=flagged.annotation,
        user_id=user_id,
        idempotency_key=idempotency_key,
        now=now,
        asked_because=AskedBecause.CHOSEN,
    )
