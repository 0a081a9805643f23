"""What annotating and undoing share: checked words, one act for one key, the projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.review import (
    Annotation,
    AskedBecause,
    Outcome,
    ProductState,
    Verdict,
    settle,
    standing,
    wants_another,
)
from webapp.storage import acceptance, outcomes, queue_places
from webapp.storage import annotations as annotation_log
from webapp.storage.annotations import NewAnnotation
from webapp.storage.database import Session

MAX_NOTE_LENGTH = 2000
MAX_KEY_LENGTH = 100


def check_words(verdict: Verdict, note: str, idempotency_key: str) -> None:
    """Refuse a key, a note or a flag that cannot be stored."""
    if not 0 < len(idempotency_key) <= MAX_KEY_LENGTH:
        raise InvalidInputError(
            "An idempotency key of 1 to %(length)s characters is missing.", length=MAX_KEY_LENGTH
        )
    if len(note) > MAX_NOTE_LENGTH:
        raise InvalidInputError(
            "The note is longer than %(length)s characters.", length=MAX_NOTE_LENGTH
        )
    if verdict is Verdict.FLAGGED and not note.strip():
        raise InvalidInputError("Say in a note why this product is flagged.")


def find_earlier(
    session: Session,
    user_id: int,
    idempotency_key: str,
    product_id: int | None,
    *,
    is_undoing: bool,
) -> Annotation | None:
    """Return the act that was sent under this key before; a key stands for one act only."""
    earlier = annotation_log.find_by_key(session, user_id=user_id, idempotency_key=idempotency_key)
    if earlier is None:
        return None
    is_same_kind = (earlier.verdict is Verdict.UNDONE) == is_undoing
    if not is_same_kind or product_id not in {None, earlier.product_id}:
        raise InvalidInputError("This idempotency key was already used for something else.")
    return earlier


def project_acts(
    session: Session,
    catalogue: Catalogue,
    product_id: int,
    acts: Sequence[Annotation],
    before: ProductState | None = None,
) -> Outcome:
    """Write what follows from all acts on a product, and return it.

    A person's decision wins over a rule's; without one, a rule that accepts the product decides.

    Parameters
    ----------
    before
        The state that is stored now, if the caller knows.
    """
    outcome = settle(acts)
    if (
        outcome.state is ProductState.OPEN
        and not outcome.n_answers
        and acceptance.find_standing(session, product_id=product_id)
    ):
        outcome = replace(outcome, state=ProductState.ACCEPTED)
    outcomes.write(
        session,
        catalogue_id=catalogue.id,
        product_id=product_id,
        outcome=outcome,
        before=before,
    )
    return outcome


def take_back(
    session: Session,
    *,
    catalogue: Catalogue,
    act: Annotation,
    user_id: int,
    idempotency_key: str,
    now: datetime,
    asked_because: AskedBecause | None = None,
) -> Outcome:
    """Add that an act is taken back; a product that is open or audited after that waits again.

    Parameters
    ----------
    user_id
        Who takes it back.
    asked_because
        Why; by default as the act itself.
    """
    annotation_log.add(
        session,
        catalogue_id=catalogue.id,
        new=NewAnnotation(
            product_id=act.product_id,
            user_id=user_id,
            verdict=Verdict.UNDONE,
            undoes_id=act.id,
            idempotency_key=idempotency_key,
            asked_because=asked_because or act.asked_because,
            is_suggestion_hidden=act.is_suggestion_hidden,
            created_at=now,
        ),
    )
    acts = annotation_log.list_of_product(session, product_id=act.product_id)
    outcome = project_acts(session, catalogue, act.product_id, acts)
    wait_again(session, undone=act, acts=acts, state=outcome.state, now=now)
    return outcome


def wait_again(
    session: Session,
    *,
    undone: Annotation,
    acts: Sequence[Annotation],
    state: ProductState,
    now: datetime,
    is_lent: bool = False,
) -> None:
    """Give a product the place that it has in the queue after an act on it was taken back.

    Parameters
    ----------
    acts, state
        What is left of the acts, and what follows from them.
    is_lent
        Whether it stays on the desk of somebody who has it now.
    """
    product_id, reason = undone.product_id, undone.asked_because
    if wants_another(acts, state):
        if not is_lent:
            queue_places.wait_for_another(session, product_id=product_id, now=now)
        return
    if state not in {ProductState.OPEN, ProductState.ACCEPTED}:
        return
    is_asked = state is ProductState.OPEN
    if state is ProductState.ACCEPTED:
        accepted = acceptance.find_standing(session, product_id=product_id)
        if accepted is not None and accepted.is_audited:
            is_asked, reason = True, AskedBecause.AUDIT
    is_skip_undone = all(each.verdict is not Verdict.SKIPPED for each in standing(acts))
    if is_skip_undone and reason is AskedBecause.SKIPPED:
        reason = AskedBecause.NEW  # it was asked again after a skip that is taken back too
    queue_places.reopen(
        session,
        product_id=product_id,
        reason=reason,
        is_lent=is_lent,
        is_skip_undone=is_skip_undone,
    )
    if not is_asked and not is_lent:
        queue_places.finish(session, product_id=product_id)
