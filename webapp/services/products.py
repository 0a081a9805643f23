"""Finding products outside the queue."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.accounts import User
from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import ProductFilter, ProductOrder, ProductPage
from webapp.storage import product_search, rounds, users
from webapp.storage.database import Session

MAX_COUNT = 10_000  # a page says "more than" beyond; an exact count would read them all


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """A page of products, and how many there are in all.

    ``n_products`` counts no further than ``MAX_COUNT + 1``.
    """

    page: ProductPage
    n_products: int

    @property
    def are_more_than_counted(self) -> bool:
        """Tell whether the count stopped early."""
        return self.n_products > MAX_COUNT


@dataclass(frozen=True, slots=True)
class SearchChoices:
    """What else a search of a catalogue can ask for: people, and numbers of rounds."""

    people: tuple[User, ...]
    round_numbers: tuple[int, ...]  # the newest first


def list_choices(session: Session, *, catalogue: Catalogue) -> SearchChoices:
    """Return who may have decided something, and while which round was live."""
    return SearchChoices(
        people=tuple(users.list_all(session)),
        round_numbers=tuple(rounds.list_numbers(session, catalogue_id=catalogue.id)),
    )


def search(
    session: Session,
    *,
    catalogue: Catalogue,
    only: ProductFilter,
    order: ProductOrder = ProductOrder.IMPORTED,
    after: int | None = None,
    before: int | None = None,
) -> FoundProducts:
    """Return the products that match, one page of them."""
    n_products = product_search.count(session, catalogue=catalogue, only=only, limit=MAX_COUNT + 1)
    page = product_search.list_page(
        session,
        catalogue=catalogue,
        only=only,
        order=order,
        after=after,
        before=before,
        n_matching=n_products,
    )
    return FoundProducts(page, n_products)
