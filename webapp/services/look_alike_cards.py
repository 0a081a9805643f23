"""What a card shows of the look-alikes of its product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.look_alikes import AT_MOST
from webapp.domain.products import Product
from webapp.domain.review_cards import Card, LookAlike, Option, QueueEntry, options_of
from webapp.storage import annotations as annotation_log
from webapp.storage import card_parts, look_alikes, predictions, products
from webapp.storage.database import Session


def add_look_alikes(
    session: Session, *, catalogue: Catalogue, entries: Sequence[QueueEntry], cards: list[Card]
) -> list[Card]:
    """Return the cards with the look-alikes that their holders can decide along with them."""
    offering = {
        entry.product_id: entry
        for entry in entries
        if entry.lease_token is not None and not entry.is_suggestion_hidden and entry.probe is None
    }
    if not offering:
        return cards
    alike = look_alikes.find_open(session, product_ids=list(offering))
    if catalogue.settings.people_per_product > 1:
        alike = {
            product_id: others
            for product_id, entry in offering.items()
            if (others := _not_hers(session, entry, alike.get(product_id, [])))
        }
    return [
        _with(session, catalogue, card, offering[card.product.id], alike[card.product.id])
        if card.product.id in alike
        else card
        for card in cards
    ]


def _not_hers(session: Session, entry: QueueEntry, alike: list[int]) -> list[int]:
    """Return those that the holder of a card has not decided herself; others shall do that."""
    hers = annotation_log.find_decided_by(session, user_id=entry.leased_to or 0, product_ids=alike)
    return [product_id for product_id in alike if product_id not in hers]


def _with(
    session: Session, catalogue: Catalogue, card: Card, entry: QueueEntry, alike: list[int]
) -> Card:
    shown_ids = alike[:AT_MOST]
    found = products.find_many(session, product_ids=shown_ids)
    lent = look_alikes.find_lent(session, product_ids=shown_ids)
    suggestions = _suggestions(session, catalogue, card, shown_ids)
    shown = tuple(
        _look_alike(
            found[other_id],
            suggestions.get(other_id),
            is_held=_is_held(entry, lent.get(other_id)),
            of_card=card.suggestion,
        )
        for other_id in shown_ids
    )
    return replace(card, look_alikes=shown, n_look_alikes=len(alike))


def _suggestions(
    session: Session, catalogue: Catalogue, card: Card, product_ids: Sequence[int]
) -> dict[int, Option]:
    """Return what the round of a card says of its look-alikes."""
    if card.prediction is None:
        return {}
    said = predictions.find_many(
        session, round_id=card.prediction.round_id, product_ids=product_ids
    )
    categories = card_parts.find_choosable(
        session, catalogue=catalogue, category_ids={p.category_id for p in said.values()}
    )
    return {
        product_id: options[0]
        for product_id, prediction in said.items()
        if (options := options_of(prediction.fused[:1], categories))
    }


def _is_held(entry: QueueEntry, holder: tuple[int, datetime | None] | None) -> bool:
    """Tell whether somebody else had it when the card was lent."""
    if holder is None or holder[0] == entry.leased_to:
        return False
    return holder[1] is not None and (entry.leased_at is None or holder[1] > entry.leased_at)


def _look_alike(
    product: Product, suggestion: Option | None, *, is_held: bool, of_card: Option | None
) -> LookAlike:
    is_same = (
        suggestion is not None
        and of_card is not None
        and suggestion.category.id == of_card.category.id
    )
    return LookAlike(
        product_id=product.id,
        external_id=product.external_id,
        name=product.name,
        image_sha256=next((image.sha256 for image in product.images if image.sha256), None),
        suggestion=suggestion,
        is_held=is_held,
        is_proposed=is_same and not is_held,
    )
