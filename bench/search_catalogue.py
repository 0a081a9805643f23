"""A large made-up catalogue to search: products, labels, predictions, decisions, look-alikes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests import factories
from webapp.domain.catalogue import Catalogue
from webapp.storage import catalogues
from webapp.storage.tables import (
    AnnotationRow,
    Base,
    CategoryRow,
    LabelRow,
    PredictionRow,
    ProductRow,
)

N_TOPS, N_LEAVES = 10, 20  # of each top category
N_MODERATORS = 5
BATCH = 5_000
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "é")]


def fill(session: Session, *, n_products: int, seed: int = 0) -> Catalogue:
    """Add the catalogue ``shop`` with so many products.

    A third is labelled by five moderators while one of two rounds was live; a tenth evaluates
    models; two in ten have look-alikes, some of them with another label.
    """
    chance = random.Random(seed)
    moderators = [
        factories.make_user(session, name=f"moderator{number}") for number in range(N_MODERATORS)
    ]
    catalogue = factories.make_catalogue(session, categories=())
    leaves = add_categories(session, catalogue)
    rounds = [
        factories.make_round(session, catalogue, {}, number=number, is_live=number == 2)
        for number in (1, 2)
    ]
    catalogue = catalogues.get(session, slug="shop")
    words = [vocabulary_word(chance) for _ in range(20_000)]
    for start in range(1, n_products + 1, BATCH):
        rows: dict[type[Base], list[dict[str, Any]]] = {}
        for number in range(start, min(start + BATCH, n_products + 1)):
            for table, row in rows_of(
                number, chance, words, catalogue, leaves, rounds, [m.id for m in moderators]
            ):
                rows.setdefault(table, []).append(row)
        for table in (ProductRow, PredictionRow, AnnotationRow, LabelRow):
            if rows.get(table):
                session.execute(insert(table), rows[table])
    return catalogue


def add_categories(session: Session, catalogue: Catalogue) -> list[int]:
    """Add a tree of two levels; return the ids of its leaves."""
    for top in range(N_TOPS):
        parent = CategoryRow(
            catalogue_id=catalogue.id, parent_id=None, name=f"Top {top}", path=f"Top {top}", level=1
        )
        session.add(parent)
        session.flush()
        session.add_all(
            CategoryRow(
                catalogue_id=catalogue.id,
                parent_id=parent.id,
                name=f"Leaf {leaf}",
                path=f"Top {top} > Leaf {leaf}",
                level=2,
            )
            for leaf in range(N_LEAVES)
        )
        session.flush()
    return list(
        session.scalars(
            select(CategoryRow.id)
            .where(CategoryRow.catalogue_id == catalogue.id, CategoryRow.level == 2)
            .order_by(CategoryRow.path)
        )
    )


def vocabulary_word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def rows_of(
    number: int,
    chance: random.Random,
    words: list[str],
    catalogue: Catalogue,
    leaves: list[int],
    rounds: list[int],
    moderators: list[int],
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    """Yield the rows of one product, each with its table."""

    def say(n: int) -> str:  # words are as unequally common as in a language
        return " ".join(words[int(len(words) ** chance.random()) - 1] for _ in range(n))

    source, text, image = (chance.choice(leaves) for _ in range(3))
    image = text if chance.random() < 0.8 else image
    is_labelled, is_evaluation = chance.random() < 0.33, chance.random() < 0.1
    kind = "curtain" if leaves.index(source) < len(leaves) // N_TOPS else "mug"
    yield (
        ProductRow,
        {
            "id": number,
            "catalogue_id": catalogue.id,
            "external_id": f"SKU{number:07}",
            "name": f"{say(5)} {kind}",
            "description": f"{say(60)} the {'rideau' if number % 2 else 'mug'} {say(60)}",
            "specifications": [["Brand", say(1)], ["Material", say(2)], ["Colour", say(1)]],
            "brand": say(1),
            "price": "4.50",
            "source_path": "",
            "source_category_id": source,
            "content_sha256": hashlib.sha256(str(number).encode()).hexdigest(),
            "created_at": factories.NOW,
            "updated_at": factories.NOW,
            "is_evaluation": is_evaluation,
            "group_number": number - number % 10 if number % 10 < 2 else None,
            "state": "labelled" if is_labelled else "open",
        },
    )
    probability = chance.random()
    for round_id in rounds:
        yield (
            PredictionRow,
            {
                "round_id": round_id,
                "product_id": number,
                "category_id": text,
                "probability": probability,
                "margin": probability,
                "fused": [[text, probability], [image, 1 - probability]],
                "text": [[text, probability]],
                "image": [[image, probability]],
            },
        )
    if is_labelled:
        yield (
            AnnotationRow,
            {
                "id": number,
                "catalogue_id": catalogue.id,
                "product_id": number,
                "user_id": chance.choice(moderators),
                "verdict": "confirmed",
                "category_id": source,
                "note": "",
                "idempotency_key": str(number),
                "asked_because": chance.choice(["random", "uncertain", "conflict"]),
                "is_suggestion_hidden": is_evaluation,
                "shown_round_id": chance.choice(rounds),
                "took_ms": 2000,
                "created_at": factories.NOW + timedelta(seconds=number),
            },
        )
        yield (
            LabelRow,
            {
                "product_id": number,
                "catalogue_id": catalogue.id,
                "category_id": source,
                "annotation_id": number,
            },
        )
