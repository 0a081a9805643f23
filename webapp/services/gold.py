"""What people do with gold products: vouch for one, or say where it belongs when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError, InvalidInputError, NotFoundError
from webapp.domain.gold import Gold
from webapp.domain.products import Product
from webapp.domain.review import ProductState
from webapp.storage import card_parts, product_locks, products
from webapp.storage import gold as stored
from webapp.storage.database import Session


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A gold product as it is asked: without a label, a suggestion, or what others said."""

    product: Product
    n_left: int


def mark(
    session: Session, *, catalogue: Catalogue, product_id: int, user_id: int, now: datetime
) -> Gold:
    """Vouch for the label that a product has; changing the label later does not change that.

    Raises
    ------
    ConflictError
        If the product has no label.
    """
    product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    label_id = stored.find_label(session, product_id=product_id)
    if product.state is not ProductState.LABELLED or label_id is None:
        raise ConflictError("Decide this product first: gold is a label that you vouch for.")
    gold = Gold(product_id, label_id, user_id, now)
    stored.write(session, catalogue_id=catalogue.id, gold=gold)
    return gold


def unmark(session: Session, *, catalogue: Catalogue, product_id: int) -> None:
    """Let a product be gold no more; its label stays."""
    product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    stored.remove(session, product_id=product_id)


def next_question(session: Session, *, catalogue: Catalogue, user_id: int) -> GoldQuestion | None:
    """Return the next gold product that a person has not decided yet, or None."""
    waiting = stored.list_unanswered(session, catalogue_id=catalogue.id, user_id=user_id)
    if not waiting:
        return None
    return GoldQuestion(products.get(session, product_id=waiting[0]), len(waiting))


def answer(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    category_id: int,
    now: datetime,
) -> None:
    """Keep what a person says of a gold product: it measures her, and decides nothing.

    Raises
    ------
    NotFoundError
        If the product is not gold in this catalogue.
    InvalidInputError
        If products cannot get that category.
    """
    product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    if stored.find(session, product_id=product_id) is None:
        raise NotFoundError("This product is not gold any more.")
    if not card_parts.find_choosable(session, catalogue=catalogue, category_ids=[category_id]):
        raise InvalidInputError("Products of this catalogue cannot get that category.")
    stored.add_answer(
        session, product_id=product_id, user_id=user_id, category_id=category_id, now=now
    )
