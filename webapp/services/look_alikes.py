"""One decision on several near-duplicates: shown, never silent, each with an act of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError, LeaseLostError, NotFoundError
from webapp.domain.look_alikes import (
    AT_MOST,
    JointDecision,
    NotTaken,
    NotTakenBecause,
    key_of_look_alike,
)
from webapp.domain.review import Annotation, ProductState, Verdict
from webapp.services.review_annotate import annotate
from webapp.storage import annotations as annotation_log
from webapp.storage import look_alikes, product_locks, products
from webapp.storage.database import Session


def decide_together(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    lease: str | None,
    verdict: Verdict,
    category_id: int | None,
    note: str,
    idempotency_key: str,
    took_ms: int | None,
    now: datetime,
    look_alike_ids: Sequence[int] = (),
) -> JointDecision:
    """Record a decision on a product and, with the same category, on look-alikes of it.

    A look-alike that somebody else has or decided stays as it is; the others are taken along.

    Parameters
    ----------
    look_alike_ids
        What the person has ticked on the card. The other parameters are those of ``annotate``.

    Raises
    ------
    InvalidInputError
        If look-alikes are named and no category is, or too many of them.
    """
    with_label = verdict in {Verdict.CONFIRMED, Verdict.CORRECTED}
    if look_alike_ids and not with_label:
        raise InvalidInputError("Look-alikes can be taken along only under a category.")
    if len(look_alike_ids) > AT_MOST:
        raise InvalidInputError(
            "At most %(n)s look-alikes can be taken along at a time.", n=AT_MOST
        )
    if look_alike_ids:
        product_locks.lock_many(session, product_ids=[product_id, *look_alike_ids])
    annotation = annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        lease=lease,
        verdict=verdict,
        category_id=category_id,
        note=note,
        idempotency_key=idempotency_key,
        took_ms=took_ms,
        now=now,
    )
    if not look_alike_ids:
        return JointDecision(annotation)
    alike = set(look_alikes.find_open(session, product_ids=[product_id]).get(product_id, ()))
    if catalogue.settings.people_per_product > 1:
        alike -= annotation_log.find_decided_by(session, user_id=user_id, product_ids=alike)
    if annotation.confirms_planted:  # what is no label of the product is none of its look-alikes
        alike = set()
    named = products.find_many(session, product_ids=look_alike_ids)
    taken: list[Annotation] = []
    left: list[NotTaken] = []
    for other_id in dict.fromkeys(look_alike_ids):
        if other_id not in named:
            raise NotFoundError("There is no such product in this catalogue.")
        other = named[other_id]
        key = key_of_look_alike(idempotency_key, other.id)
        done = _take_along(session, catalogue, annotation, other.id, key, now, alike)
        if isinstance(done, NotTakenBecause):
            left.append(NotTaken(other.id, other.name or other.external_id, done))
        else:
            taken.append(done)
    return JointDecision(annotation, tuple(taken), tuple(left))


def _take_along(
    session: Session,
    catalogue: Catalogue,
    first: Annotation,
    product_id: int,
    key: str,
    now: datetime,
    alike: set[int],
) -> Annotation | NotTakenBecause:
    """Give a look-alike the category of the first act, or say why it stays as it is."""
    locked = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    earlier = annotation_log.find_by_key(session, user_id=first.user_id, idempotency_key=key)
    if earlier is not None:
        return earlier
    if locked.state is not ProductState.OPEN:
        return NotTakenBecause.DECIDED
    if product_id not in alike:
        return NotTakenBecause.NOT_ALIKE
    if first.created_at != now:  # sent again: what it did not take then, it does not take now
        return NotTakenBecause.HELD
    try:
        return annotate(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=first.user_id,
            verdict=first.verdict,
            category_id=first.category_id,
            idempotency_key=key,
            now=now,
            beside=first,
        )
    except LeaseLostError:
        return NotTakenBecause.HELD
