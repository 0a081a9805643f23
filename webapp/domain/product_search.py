"""What people look for on the products page, and the rows that they get."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.review import ProductState

PAGE_LENGTH = 50


class ProductOrder(StrEnum):
    """The order of the products page."""

    IMPORTED = "imported"  # as they came
    NAME = "name"
    UNSURE = "unsure"  # lowest probability first; needs a live round


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products to list; what is None or empty filters nothing.

    Every word of ``words`` has to occur in the name, the brand or the external id.
    """

    words: str = ""
    state: ProductState | None = None
    label_id: int | None = None
    source_id: int | None = None
    predicted_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether every product of the catalogue matches."""
        return self == ProductFilter()


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """One row of the products page.

    ``predicted_id`` and ``probability`` are None where the live round says nothing or where the
    suggestion is hidden; ``image_sha256`` is that of the first image that could be stored.
    """

    id: int
    external_id: str
    name: str
    brand: str
    state: ProductState
    source_id: int | None
    label_id: int | None
    predicted_id: int | None
    probability: float | None
    is_suggestion_hidden: bool
    image_sha256: str | None
    flag_note: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of a list: its rows, and whether there are some before and after it."""

    rows: tuple[ListedProduct, ...]
    has_previous: bool
    has_next: bool


def hides_suggestion(*, is_evaluation: bool | None, state: ProductState) -> bool:
    """Tell whether a prediction has to stay out of sight, so that nobody is led.

    A product of the evaluation set measures the models: until it is decided, whoever opens it
    must not see what they say.
    """
    return bool(is_evaluation) and state is not ProductState.LABELLED
