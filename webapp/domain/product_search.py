"""What people look for on the products page, and the rows that they get."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.review import AskedBecause, ProductState

PAGE_LENGTH = 50
_MAX_WORDS = 16  # each costs a look into the index of words


class ProductOrder(StrEnum):
    """The order of the products page."""

    RELEVANCE = "relevance"  # the words in the name, brand or id, before those elsewhere
    IMPORTED = "imported"  # as they came
    NAME = "name"
    UNSURE = "unsure"  # lowest probability first; what has no visible one comes last
    NEWEST = "newest"  # newest label first; what has none comes last
    ODD = "odd"  # labels that the live round doubts most first; what has none comes last


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products to list; what is None, false or empty filters nothing.

    Every word of ``words`` has to be a word of the name, the description, the specifications, the
    brand or the external id, or begin one if it is the last and has two letters; capitals and
    accents make no difference. A category stands for all below it too.

    ``predicted_id``, ``low``, ``high`` (both probabilities included) and ``disagrees`` (text and
    image name different categories) ask what the live round says. A product whose suggestion is
    hidden matches none of them: a search must not tell what its page keeps back.

    ``moderator_id``, ``round_number`` (live when the product was asked) and ``asked_because`` ask
    for one decision that stands and is all of it.
    """

    words: str = ""
    state: ProductState | None = None
    label_id: int | None = None
    source_id: int | None = None
    predicted_id: int | None = None
    low: float | None = None
    high: float | None = None
    disagrees: bool = False
    moderator_id: int | None = None
    round_number: int | None = None
    asked_because: AskedBecause | None = None
    group_number: int | None = None
    has_look_alikes: bool = False
    has_mixed_labels: bool = False  # its look-alikes and it have labels, and not all the same

    @property
    def is_empty(self) -> bool:
        """Tell whether every product of the catalogue matches."""
        return self == ProductFilter()

    @property
    def asks_models(self) -> bool:
        """Tell whether products whose suggestion is hidden are left out."""
        return (
            self.predicted_id is not None
            or self.low is not None
            or self.high is not None
            or self.disagrees
        )

    @property
    def asks_decisions(self) -> bool:
        """Tell whether only products match on which a certain decision stands."""
        return (
            self.moderator_id is not None
            or self.round_number is not None
            or self.asked_because is not None
        )


def split_words(text: str) -> tuple[str, ...]:
    """Return what somebody looks for, word by word, without what no word can be made of.

    Examples
    --------
    >>> split_words('  blue   "mug" - X-7')
    ('blue', '"mug"', 'X-7')
    """
    spaced = "".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in text)
    words = [word for word in spaced.split() if any(one.isalnum() for one in word)]
    return tuple(words[:_MAX_WORDS])


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
