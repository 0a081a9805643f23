"""What a card shows of the look-alikes of its product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        alike = _not_hers(session, offering, alike)
    shown = {product_id: others[:AT_MOST] for product_id, others in alike.items() if others}
    if not shown:
        return cards
    every = sorted({other_id for others in shown.values() for other_id in others})
    found = products.find_many(session, product_ids=every)
    lent = look_alikes.find_lent(session, product_ids=every)
    suggestions = _suggestions(session, catalogue, cards, shown)
    with_them = []
    for card in cards:
        product_id = card.product.id
        round_id = card.prediction.round_id if card.prediction else None
        its = tuple(
            _look_alike(
                found[other_id],
                suggestions.get((round_id, other_id)),
                is_held=_is_held(offering[product_id], lent.get(other_id)),
                of_card=card.suggestion,
            )
            for other_id in shown.get(product_id, ())
        )
        with_them.append(
            replace(card, look_alikes=its, n_look_alikes=len(alike[product_id])) if its else card
        )
    return with_them


def _not_hers(
    session: Session, offering: Mapping[int, QueueEntry], alike: Mapping[int, list[int]]
) -> dict[int, list[int]]:
    """Leave out what the holder of a card has decided herself; others shall decide that."""
    every = {other_id for others in alike.values() for other_id in others}
    hers = {
        user_id: annotation_log.find_decided_by(session, user_id=user_id or 0, product_ids=every)
        for user_id in {offering[product_id].leased_to for product_id in alike}
    }
    return {
        product_id: [one for one in others if one not in hers[offering[product_id].leased_to]]
        for product_id, others in alike.items()
    }


def _suggestions(
    session: Session, catalogue: Catalogue, cards: list[Card], shown: Mapping[int, list[int]]
) -> dict[tuple[int | None, int], Option]:
    """Return what the rounds of cards say of their look-alikes, by round and product."""
    by_round: dict[int, set[int]] = {}
    for card in cards:
        if card.prediction is not None and card.product.id in shown:
            by_round.setdefault(card.prediction.round_id, set()).update(shown[card.product.id])
    said = {
        (round_id, product_id): prediction
        for round_id, ids in by_round.items()
        for product_id, prediction in predictions.find_many(
            session, round_id=round_id, product_ids=sorted(ids)
        ).items()
    }
    categories = card_parts.find_choosable(
        session, catalogue=catalogue, category_ids={p.category_id for p in said.values()}
    )
    return {
        key: options[0]
        for key, prediction in said.items()
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
