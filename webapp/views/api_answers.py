"""What the JSON API answers, made of records; ``api_schemas`` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import url_for

from webapp.domain.look_alikes import JointDecision
from webapp.domain.products import Product
from webapp.domain.review_cards import Card, LookAlike, Option


def claim_answer(slug: str, card: Card) -> dict[str, Any]:
    """Return a product that was claimed, with its prediction and its lease."""
    options = [card.suggestion, *card.choices] if card.suggestion else list(card.choices)
    return {
        "product": _product_answer(slug, card.product),
        "prediction": _prediction_answer(card, options),
        "is_suggestion_hidden": card.is_suggestion_hidden,
        "asked_because": card.asked_because.value,
        "categories": [_option_answer(option) for option in options],
        "lease": card.lease,
        "lease_until": card.leased_until,
        "look_alikes": [_look_alike_answer(slug, other) for other in card.look_alikes],
        "n_look_alikes": card.n_look_alikes,
    }


def decision_answer(decision: JointDecision) -> dict[str, Any]:
    """Return what was recorded, and what became of each look-alike."""
    taken = [
        {"product_id": act.product_id, "annotation_id": act.id, "left_because": None}
        for act in decision.taken_along
    ]
    left = [
        {"product_id": each.product_id, "annotation_id": None, "left_because": each.because.value}
        for each in decision.left_out
    ]
    return {**asdict(decision.annotation), "look_alikes": taken + left}


def _look_alike_answer(slug: str, other: LookAlike) -> dict[str, Any]:
    return {
        "product_id": other.product_id,
        "external_id": other.external_id,
        "name": other.name,
        "thumb_url": url_for("images.show", slug=slug, sha256=other.image_sha256, rendition="thumb")
        if other.image_sha256
        else None,
        "suggestion": _option_answer(other.suggestion),
        "is_held": other.is_held,
    }


def _prediction_answer(card: Card, options: list[Option]) -> dict[str, Any] | None:
    if card.prediction is None or card.suggestion is None:
        return None
    return {
        "round": card.round.number if card.round else None,
        "category": card.suggestion.category.path,
        "category_id": card.suggestion.category.id,
        "probability": card.suggestion.probability,
        "categories": [_option_answer(option) for option in options],
        "text": _option_answer(card.text_says),
        "image": _option_answer(card.image_says),
    }


def _option_answer(option: Option | None) -> dict[str, Any] | None:
    if option is None:
        return None
    return {
        "id": option.category.id,
        "path": option.category.path,
        "probability": option.probability,
    }


def _product_answer(slug: str, product: Product) -> dict[str, Any]:
    def address(sha256: str, rendition: str) -> str:
        return url_for("images.show", slug=slug, sha256=sha256, rendition=rendition)

    return {
        "id": product.id,
        "external_id": product.external_id,
        "name": product.name,
        "description": product.description,
        "specifications": [{"key": key, "value": value} for key, value in product.specifications],
        "brand": product.brand,
        "price": product.price,
        "source_path": product.source_path,
        "images": [
            {
                "display_url": address(image.sha256, "display"),
                "thumb_url": address(image.sha256, "thumb"),
                "width_px": image.width_px,
                "height_px": image.height_px,
            }
            for image in product.images
            if image.sha256
        ],
    }
