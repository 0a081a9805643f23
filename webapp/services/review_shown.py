"""What the card of a product showed, worked out here and not from what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import hides_suggestion
from webapp.domain.retraining import Prediction
from webapp.domain.review import Annotation, AskedBecause, Probe, ProductState
from webapp.domain.review_cards import QueueEntry
from webapp.services.review_cards import find_shown
from webapp.storage import predictions
from webapp.storage.database import Session
from webapp.storage.product_locks import LockedProduct


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card showed; hidden or missing suggestions have no category."""

    asked_because: AskedBecause
    is_hidden: bool
    round_id: int | None = None
    category_id: int | None = None
    probability: float | None = None
    probe: Probe | None = None


def shown_on_card(
    session: Session,
    catalogue: Catalogue,
    product: LockedProduct,
    entry: QueueEntry | None,
    lease: str | None,
    asked_because: AskedBecause,
) -> Shown:
    """Return what the card of a product showed, or the page where somebody opened it herself."""
    if lease is None or entry is None:
        is_audit = (  # whoever opens it sees no suggestion either: it stays a random sample
            entry is not None
            and entry.asked_because is AskedBecause.AUDIT
            and product.state is ProductState.ACCEPTED
            and asked_because is AskedBecause.CHOSEN
        )
        entry = QueueEntry(
            product_id=product.id,
            asked_because=AskedBecause.AUDIT if is_audit else asked_because,
            is_suggestion_hidden=is_audit
            or asked_because is AskedBecause.ADJUDICATION
            or hides_suggestion(is_evaluation=product.is_evaluation, state=product.state),
            shown_round_id=catalogue.live_round_id,
        )
    prediction = find_shown(session, entry=entry)
    if prediction is None:
        hidden = Probe.HIDDEN if entry.probe is Probe.HIDDEN else None
        return Shown(entry.asked_because, entry.is_suggestion_hidden, probe=hidden)
    is_planted = prediction.category_id == entry.planted_category_id
    return _suggesting(entry.asked_because, prediction, Probe.PLANTED if is_planted else None)


def shown_beside(session: Session, beside: Annotation, product_id: int) -> Shown:
    """Return what a card showed of a look-alike: what its round says, if it said something."""
    because = AskedBecause.LOOK_ALIKE
    if beside.shown_round_id is None:
        return Shown(because, is_hidden=False)
    found = predictions.find_many(
        session, round_id=beside.shown_round_id, product_ids=[product_id]
    ).get(product_id)
    return _suggesting(because, found) if found else Shown(because, is_hidden=False)


def _suggesting(because: AskedBecause, prediction: Prediction, probe: Probe | None = None) -> Shown:
    return Shown(
        because,
        is_hidden=False,
        round_id=prediction.round_id,
        category_id=prediction.category_id,
        probability=prediction.probability,
        probe=probe,
    )
