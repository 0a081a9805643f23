"""Judging between people who have decided a product differently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.accounts import Permission, User
from webapp.domain.adjudication import Answer, Dispute, ListedDispute, choices_of
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import AlreadyAnnotatedError, ForbiddenError
from webapp.domain.products import Product
from webapp.domain.review import Annotation, AskedBecause, ProductState, Verdict, answers_of
from webapp.services.review_acts import find_earlier
from webapp.services.review_annotate import annotate
from webapp.storage import annotations as annotation_log
from webapp.storage import consensus, disputes, product_locks, products
from webapp.storage.database import Session

N_LISTED = 50


@dataclass(frozen=True, slots=True)
class AdjudicationDesk:
    """What the page shows.

    Parameters
    ----------
    n_disputes
        Of the whole catalogue; ``listed`` names the first of them.
    dispute
        The one that is judged now; None where there is none.
    may_judge
        Whether the reader may: not where she is one of those who differ, unless she is an admin.
    last_act
        What she did last, if it was to judge: it can be taken back.
    """

    n_disputes: int
    listed: tuple[ListedDispute, ...]
    dispute: Dispute | None
    may_judge: bool
    last_act: Annotation | None


def look(
    session: Session, *, catalogue: Catalogue, user: User, product_id: int | None = None
) -> AdjudicationDesk:
    """Return the disputes of a catalogue, and one of them: that product, or the first to judge."""
    named = disputes.list_some(session, catalogue_id=catalogue.id, n=N_LISTED)
    own = annotation_log.find_decided_by(
        session, user_id=user.id, product_ids=[listed_id for listed_id, _ in named]
    )
    listed = tuple(ListedDispute(listed_id, name, listed_id in own) for listed_id, name in named)
    dispute = None if product_id is None else _find(session, catalogue, product_id)
    if dispute is None and listed:
        first = min(listed, key=lambda each: each.is_own and not user.may(Permission.MANAGE))
        dispute = _find(session, catalogue, first.product_id)
    last_act = annotation_log.find_last_standing(
        session, catalogue_id=catalogue.id, user_id=user.id
    )
    if last_act is not None and last_act.asked_because is not AskedBecause.ADJUDICATION:
        last_act = None
    return AdjudicationDesk(
        n_disputes=disputes.count(session, catalogue_id=catalogue.id),
        listed=listed,
        dispute=dispute,
        may_judge=dispute is not None and _may_judge(session, user, dispute.product.id),
        last_act=last_act,
    )


def judge(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user: User,
    category_id: int | None,
    note: str,
    idempotency_key: str,
    took_ms: int | None,
    now: datetime,
) -> Annotation:
    """Decide a disputed product: an annotation that wins over all before it.

    Parameters
    ----------
    category_id
        None flags the product; without a note of her own, that of whoever flagged it counts.

    Raises
    ------
    AlreadyAnnotatedError
        If the product is not disputed any more.
    ForbiddenError
        If the person is one of those who differ, and no admin.
    """
    product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    earlier = find_earlier(session, user.id, idempotency_key, product_id, is_undoing=False)
    if earlier is not None:
        return earlier
    if product.state is not ProductState.DISPUTED:
        raise AlreadyAnnotatedError("People agree on this product by now. The next one is up.")
    if not _may_judge(session, user, product_id):
        raise ForbiddenError("You have decided this product yourself: somebody else has to judge.")
    if category_id is None and not note.strip():
        acts = annotation_log.list_of_product(session, product_id=product_id)
        flags = (act.note for act in answers_of(acts) if act.verdict is Verdict.FLAGGED)
        note = next(flags, "")
    return annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user.id,
        verdict=Verdict.FLAGGED if category_id is None else Verdict.CORRECTED,
        category_id=category_id,
        note=note,
        idempotency_key=idempotency_key,
        took_ms=took_ms,
        now=now,
        asked_because=AskedBecause.ADJUDICATION,
    )


def _may_judge(session: Session, user: User, product_id: int) -> bool:
    if user.may(Permission.MANAGE):
        return True
    return not annotation_log.find_decided_by(session, user_id=user.id, product_ids=[product_id])


def _find(session: Session, catalogue: Catalogue, product_id: int) -> Dispute | None:
    found = products.find_many(session, product_ids=[product_id]).get(product_id)
    if found is None or found.catalogue_id != catalogue.id:
        return None
    return _dispute(session, found) if found.state is ProductState.DISPUTED else None


def _dispute(session: Session, product: Product) -> Dispute:
    acts = answers_of(annotation_log.list_of_product(session, product_id=product.id))
    names = disputes.find_names(session, user_ids={act.user_id for act in acts})
    said = consensus.find(session, product_ids=[product.id]).get(product.id)
    if product.is_evaluation or said is None or said.category_id is None:
        said = None
    chosen = {act.category_id for act in acts} | {said.category_id if said else None}
    categories = disputes.find_categories(
        session, category_ids={category_id for category_id in chosen if category_id is not None}
    )
    answers = [
        Answer(act, names[act.user_id], categories.get(act.category_id or 0)) for act in acts
    ]
    weighed = None if said is None else (said, categories[said.category_id or 0])
    return Dispute(product, choices_of(answers), weighed)
