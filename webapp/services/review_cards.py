"""Makes cards of queue entries: the product, and what a moderator may see of its prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.probes import planted
from webapp.domain.products import Product
from webapp.domain.retraining import Prediction
from webapp.domain.review import Probe
from webapp.domain.review_cards import (
    N_KEYS,
    Card,
    Option,
    QueueEntry,
    ShownRound,
    options_of,
)
from webapp.services.look_alike_cards import add_look_alikes
from webapp.storage import card_parts, predictions, products
from webapp.storage.database import Session


def make_cards(
    session: Session, *, catalogue: Catalogue, entries: Sequence[QueueEntry]
) -> list[Card]:
    """Return the cards of queue entries, in their order."""
    if not entries:
        return []
    found = products.find_many(session, product_ids=[entry.product_id for entry in entries])
    shown = find_all_shown(session, entries=entries)
    categories = card_parts.find_choosable(
        session,
        catalogue=catalogue,
        category_ids={
            ranked.category_id
            for prediction in shown.values()
            for branch in (prediction.fused, prediction.text, prediction.image)
            for ranked in branch or ()
        },
    )
    rounds = card_parts.find_rounds(session, round_ids={p.round_id for p in shown.values()})
    in_tree_order: tuple[Option, ...] = ()
    if len(shown) < len(entries):
        first = card_parts.list_first(session, catalogue=catalogue, n=N_KEYS)
        in_tree_order = tuple(Option(category, None) for category in first)
    cards = [
        _predicted(entry, found[entry.product_id], prediction, categories, rounds)
        if (prediction := shown.get(entry.product_id)) is not None
        else _unpredicted(entry, found[entry.product_id], in_tree_order)
        for entry in entries
    ]
    return add_look_alikes(session, catalogue=catalogue, entries=entries, cards=cards)


def find_shown(session: Session, *, entry: QueueEntry) -> Prediction | None:
    """Return the prediction that the holder of an entry sees; None where none may be seen."""
    return find_all_shown(session, entries=[entry]).get(entry.product_id)


def find_all_shown(session: Session, *, entries: Sequence[QueueEntry]) -> dict[int, Prediction]:
    """Return the predictions that the holders of entries see, by product id.

    What is planted on a card is in its prediction, as if the model had said so.
    """
    by_round: dict[int, list[QueueEntry]] = {}
    for entry in entries:
        if entry.shown_round_id is not None and not entry.is_suggestion_hidden:
            by_round.setdefault(entry.shown_round_id, []).append(entry)
    shown: dict[int, Prediction] = {}
    for round_id, its in by_round.items():
        said = predictions.find_many(
            session, round_id=round_id, product_ids=[entry.product_id for entry in its]
        )
        for entry in its:
            if entry.product_id in said:
                shown[entry.product_id] = _as_shown(entry, said[entry.product_id])
    return shown


def _as_shown(entry: QueueEntry, prediction: Prediction) -> Prediction:
    if entry.probe is not Probe.PLANTED or entry.planted_category_id is None:
        return prediction
    return planted(prediction, entry.planted_category_id) or prediction


def _predicted(
    entry: QueueEntry,
    product: Product,
    prediction: Prediction,
    categories: dict[int, Category],
    rounds: dict[int, ShownRound],
) -> Card:
    suggestion, *others = options_of(prediction.fused, categories) or (None,)
    text = options_of(prediction.text, categories)
    image = options_of(prediction.image, categories)
    return Card(
        product=product,
        asked_because=entry.asked_because,
        is_suggestion_hidden=False,
        prediction=prediction,
        round=rounds.get(prediction.round_id),
        suggestion=suggestion,
        choices=tuple(option for option in others[:N_KEYS] if option),
        text_says=text[0] if text else None,
        image_says=image[0] if image else None,
        lease=entry.lease_token,
        leased_until=entry.leased_until,
    )


def _unpredicted(entry: QueueEntry, product: Product, choices: tuple[Option, ...]) -> Card:
    if entry.is_suggestion_hidden:  # the seller's claim leads as much as the model's
        product = replace(product, source_path="", source_category_id=None)
    return Card(
        product=product,
        asked_because=entry.asked_because,
        is_suggestion_hidden=entry.is_suggestion_hidden,
        prediction=None,
        round=None,
        suggestion=None,
        choices=choices,
        text_says=None,
        image_says=None,
        lease=entry.lease_token,
        leased_until=entry.leased_until,
    )
