"""Taking an act back: one more annotation, after which the product is asked again."""

from __future__ import annotations

from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import (
    AlreadyAnnotatedError,
    ConflictError,
    ForbiddenError,
    LeaseLostError,
)
from webapp.domain.look_alikes import key_of_look_alike
from webapp.domain.review import (
    Annotation,
    Probe,
    Verdict,
    standing,
    stays_decided,
)
from webapp.domain.review_cards import Card
from webapp.services.review_acts import check_words, find_earlier, take_back
from webapp.services.review_cards import make_cards
from webapp.storage import annotations as annotation_log
from webapp.storage import look_alikes, product_locks, queue, queue_order
from webapp.storage.database import Session


def undo(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    now: datetime,
    idempotency_key: str,
    lease_s: int,
    annotation_id: int | None = None,
    is_whole: bool = False,
) -> Card:
    """Take back a decision of this person and lend her the product again.

    By default it is her last one, with all the look-alikes that it took along; those that
    somebody else has decided since stay. An act that is named is taken back alone, unless the
    whole decision shall be (``is_whole``).

    Raises
    ------
    ForbiddenError
        If the act is somebody else's.
    ConflictError
        If there is nothing to take back, or somebody else has or decided the product since.
    """
    check_words(Verdict.UNDONE, "", idempotency_key)
    earlier = find_earlier(session, user_id, idempotency_key, None, is_undoing=True)
    undone: Annotation | None = None  # where it was sent before, the product is lent again already
    if earlier is None:
        target = _find_target(session, catalogue, user_id, annotation_id)
        along: list[Annotation] = []
        if annotation_id is None or is_whole:
            target, along = _decision_of(session, catalogue, target)
        undone = target
        product_id = target.product_id
        if along:
            everything = [product_id, *(act.product_id for act in along)]
            product_locks.lock_many(session, product_ids=everything)
        product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
        _check_takes_back(session, target, now)
        take_back(
            session,
            catalogue=catalogue,
            act=target,
            user_id=user_id,
            idempotency_key=idempotency_key,
            now=now,
        )
        for act in along:
            _take_back_along(session, catalogue, act, idempotency_key, now)
        _let_look_alikes_return(session, catalogue, product.group_number)
    else:
        product_id = earlier.product_id
        product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    return _card_again(session, catalogue, product_id, user_id, now, lease_s, undone)


def _decision_of(
    session: Session, catalogue: Catalogue, target: Annotation
) -> tuple[Annotation, list[Annotation]]:
    """Return the act on the product that was asked, and those that it took along."""
    acts = look_alikes.list_at_once(session, catalogue_id=catalogue.id, annotation=target)
    for first, key in acts:
        along = [act for act, its in acts if its == key_of_look_alike(key, act.product_id)]
        if target == first or target in along:
            return first, along
    return target, []


def _take_back_along(
    session: Session, catalogue: Catalogue, act: Annotation, idempotency_key: str, now: datetime
) -> None:
    """Take an act on a look-alike back and let the product wait again, if it still counts."""
    product_id = act.product_id
    product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    try:
        _check_takes_back(session, act, now)
    except ConflictError:
        return
    take_back(
        session,
        catalogue=catalogue,
        act=act,
        user_id=act.user_id,
        idempotency_key=key_of_look_alike(idempotency_key, product_id),
        now=now,
    )


def _let_look_alikes_return(
    session: Session, catalogue: Catalogue, group_number: int | None
) -> None:
    """Give near-duplicates their old places where no product of their group is decided now."""
    if group_number is not None and not look_alikes.has_decided(
        session, catalogue_id=catalogue.id, group_number=group_number
    ):
        queue_order.move_back(session, catalogue_id=catalogue.id, group_number=group_number)


def _find_target(
    session: Session, catalogue: Catalogue, user_id: int, annotation_id: int | None
) -> Annotation:
    if annotation_id is None:
        target = annotation_log.find_last_standing(
            session, catalogue_id=catalogue.id, user_id=user_id
        )
    else:
        target = annotation_log.find(
            session, catalogue_id=catalogue.id, annotation_id=annotation_id
        )
    if target is None or target.verdict is Verdict.UNDONE:
        raise ConflictError("There is nothing to take back.")
    if target.user_id != user_id:
        raise ForbiddenError("Only the person who decided can take a decision back.")
    return target


def _check_takes_back(session: Session, target: Annotation, now: datetime) -> None:
    acts = standing(annotation_log.list_of_product(session, product_id=target.product_id))
    if target.id not in {act.id for act in acts}:
        raise ConflictError("This decision has already been taken back.")
    if stays_decided(acts, target):
        raise AlreadyAnnotatedError(
            "Somebody else has decided this product since, so it cannot be taken back."
        )
    entry = queue.find(session, product_id=target.product_id)
    if entry is not None and entry.is_held_by_another(target.user_id, now=now):
        raise LeaseLostError("Somebody else is deciding this product now.")


def _card_again(
    session: Session,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    now: datetime,
    lease_s: int,
    undone: Annotation | None,
) -> Card:
    """Return the card of a product, lent to the person where it is open.

    It is the same probe as before: else taking back would show what was hidden.
    """
    probe = undone.probe if undone else None
    entry = queue.take(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        now=now,
        lease_s=lease_s,
        probe=probe,
        planted_category_id=undone.shown_category_id if undone and probe is Probe.PLANTED else None,
    ) or queue.find(session, product_id=product_id)
    if entry is None or entry.is_held_by_another(user_id, now=now):
        raise LeaseLostError("Somebody else is deciding this product now.")
    return make_cards(session, catalogue=catalogue, entries=[entry])[0]
