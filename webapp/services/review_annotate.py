"""Recording one act of a moderator: confirmed, corrected, skipped or flagged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import AlreadyAnnotatedError, InvalidInputError, LeaseLostError
from webapp.domain.review import (
    Annotation,
    AskedBecause,
    Outcome,
    ProductState,
    Verdict,
    people_needed,
    standing,
    verdict_of_category,
    wants_another,
)
from webapp.domain.review_cards import QueueEntry
from webapp.services.acceptance import check_audits
from webapp.services.review_acts import check_words, find_earlier, project_acts
from webapp.services.review_shown import Shown, shown_beside, shown_on_card
from webapp.storage import annotations as annotation_log
from webapp.storage import card_parts, predictions, product_locks, queue, queue_order, queue_places
from webapp.storage.annotations import NewAnnotation
from webapp.storage.database import Session
from webapp.storage.product_locks import LockedProduct

_UNDECIDED = (ProductState.OPEN, ProductState.ACCEPTED)  # by a person
_MAX_TOOK_MS = 24 * 3600 * 1000  # of a card opened on the products page: nobody lent it


def annotate(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    verdict: Verdict,
    idempotency_key: str,
    now: datetime,
    lease: str | None = None,
    category_id: int | None = None,
    note: str = "",
    took_ms: int | None = None,
    beside: Annotation | None = None,
    asked_because: AskedBecause = AskedBecause.CHOSEN,
) -> Annotation:
    """Record one act of a person on a product, and what follows from it.

    Parameters
    ----------
    verdict
        Confirmed and corrected are taken alike, as "this category": which of them it was follows
        from what the card showed. Confirming without a category means the suggestion.
    idempotency_key
        Chosen by the sender: the same key again returns the first act and changes nothing.
    lease
        The token of the card. None for a product that was opened on purpose: it may then be
        decided again. A lease that ran out is no loss while nobody else took the product.
    took_ms
        How long the card was looked at, as measured by the page.
    beside
        The act on a look-alike whose card showed this product and takes it along.
    asked_because
        Why a product without a lease was opened.

    Raises
    ------
    AlreadyAnnotatedError
        If the product was decided since it was lent.
    LeaseLostError
        If somebody else has the product now.
    InvalidInputError
        If the category, the note or the key cannot be used.
    """
    check_words(verdict, note, idempotency_key)
    product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    earlier = find_earlier(session, user_id, idempotency_key, product_id, is_undoing=False)
    if earlier is not None:
        return earlier
    entry = queue.find(session, product_id=product_id)
    acts = annotation_log.list_of_product(session, product_id=product_id)
    _check_free(product, entry, acts, user_id=user_id, lease=lease, now=now)
    if beside is None:
        shown = shown_on_card(session, catalogue, product, entry, lease, asked_because)
    else:
        shown = shown_beside(session, beside, product_id)
    if verdict in {Verdict.CONFIRMED, Verdict.CORRECTED}:
        category_id = _choosable(session, catalogue, verdict, category_id, shown)
        verdict = verdict_of_category(
            category_id,
            suggested_id=shown.category_id,
            source_category_id=product.source_category_id,
        )
    else:
        category_id = None
    annotation = annotation_log.add(
        session,
        catalogue_id=catalogue.id,
        new=NewAnnotation(
            product_id=product_id,
            user_id=user_id,
            verdict=verdict,
            category_id=category_id,
            note=note.strip(),
            idempotency_key=idempotency_key,
            asked_because=shown.asked_because,
            is_suggestion_hidden=shown.is_hidden,
            shown_round_id=shown.round_id,
            shown_category_id=shown.category_id,
            shown_probability=shown.probability,
            took_ms=_plausible(took_ms, entry, now),
            created_at=now,
            n_needed=_n_needed(session, catalogue, product_id, acts, shown),
            probe=shown.probe,
        ),
    )
    acts.append(annotation)
    outcome = project_acts(session, catalogue, product_id, acts, before=product.state)
    _place(session, catalogue, product, annotation, acts, outcome, is_alone=beside is None)
    return annotation


def _place(
    session: Session,
    catalogue: Catalogue,
    product: LockedProduct,
    annotation: Annotation,
    acts: list[Annotation],
    outcome: Outcome,
    *,
    is_alone: bool,
) -> None:
    """Take a product out of the queue, or let it wait: behind all others, or for somebody else."""
    is_audit = annotation.asked_because is AskedBecause.AUDIT
    now = annotation.created_at
    if outcome.state is ProductState.ACCEPTED and is_audit:
        queue_places.send_to_end(session, product_id=product.id, now=now, reason=AskedBecause.AUDIT)
    elif wants_another(acts, outcome.state):
        queue_places.wait_for_another(session, product_id=product.id, now=now)
    elif outcome.state is ProductState.OPEN:
        queue_places.send_to_end(session, product_id=product.id, now=now)
    else:
        queue_places.finish(session, product_id=product.id)
        if is_audit:
            check_audits(session, catalogue=catalogue, product_id=product.id, now=now)
    if is_alone and product.group_number is not None and outcome.n_answers:
        queue_order.move_behind(
            session, catalogue_id=catalogue.id, group_number=product.group_number
        )


def _n_needed(
    session: Session,
    catalogue: Catalogue,
    product_id: int,
    acts: Sequence[Annotation],
    shown: Shown,
) -> int:
    """Return how many people decide the product; what the model says is read only if it counts."""
    settings = catalogue.settings
    probability = None
    if (
        settings.people_per_product > 1
        and settings.are_only_unsure_shared
        and catalogue.live_round_id is not None
    ):
        said = predictions.find_many(
            session, round_id=catalogue.live_round_id, product_ids=[product_id]
        )
        probability = said[product_id].probability if product_id in said else None
    return people_needed(
        acts, settings=settings, probability=probability, asked_because=shown.asked_because
    )


def _check_free(
    product: LockedProduct,
    entry: QueueEntry | None,
    acts: Sequence[Annotation],
    *,
    user_id: int,
    lease: str | None,
    now: datetime,
) -> None:
    is_lent_to_her = entry is not None and entry.leased_to == user_id
    has_decided = not is_lent_to_her and any(  # in another tab
        act.decides and act.user_id == user_id for act in standing(acts)
    )
    if lease is not None and (product.state not in _UNDECIDED or has_decided):
        raise AlreadyAnnotatedError("This product has been decided meanwhile. The next one is up.")
    if entry is not None and entry.is_held_by_another(user_id, now=now):
        raise LeaseLostError("Somebody else is deciding this product now.")


def _choosable(
    session: Session,
    catalogue: Catalogue,
    verdict: Verdict,
    category_id: int | None,
    shown: Shown,
) -> int:
    if category_id is None and verdict is Verdict.CONFIRMED:
        category_id = shown.category_id
    if category_id is None:
        raise InvalidInputError("Choose a category: this card suggests none.")
    if not card_parts.find_choosable(session, catalogue=catalogue, category_ids=[category_id]):
        raise InvalidInputError("Products of this catalogue cannot get that category.")
    return category_id


def _plausible(took_ms: int | None, entry: QueueEntry | None, now: datetime) -> int | None:
    """Return the time on a card, no longer than the product was lent; None if it is no time."""
    if took_ms is None or took_ms < 0:
        return None
    if entry is None or entry.leased_at is None:
        return min(took_ms, _MAX_TOOK_MS)
    return min(took_ms, max(0, (now - entry.leased_at) // timedelta(milliseconds=1)))
