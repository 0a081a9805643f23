"""What annotating and undoing share: checked words, one act for one key, the projection."""

from __future__ import annotations

from dataclasses import replace

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.review import Annotation, ProductState, Verdict, settle
from webapp.storage import acceptance
from webapp.storage import annotations as annotation_log
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


def project(session: Session, catalogue: Catalogue, product_id: int) -> ProductState:
    """Write what follows from all acts on a product; return its state.

    A person's decision wins over a rule's; without one, a rule that accepts the product decides.
    """
    outcome = settle(annotation_log.list_of_product(session, product_id=product_id))
    if outcome.state is ProductState.OPEN and acceptance.find_standing(
        session, product_id=product_id
    ):
        outcome = replace(outcome, state=ProductState.ACCEPTED)
    annotation_log.write_outcome(
        session, catalogue_id=catalogue.id, product_id=product_id, outcome=outcome
    )
    return outcome.state
