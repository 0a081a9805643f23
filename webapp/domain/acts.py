"""What a person did at the desk, as her figures are worked out from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.review import DECIDING, AskedBecause, Probe, Verdict

MOST_ACTS = 2000  # of each person, the newest: two days of work, and enough for every figure
# Decided beside another card, or on another page: no card of the desk was looked at by itself.
_NO_CARD = frozenset({AskedBecause.LOOK_ALIKE, AskedBecause.CHOSEN, AskedBecause.ADJUDICATION})


@dataclass(frozen=True, slots=True)
class Act:
    """One act that stands.

    Parameters
    ----------
    shown_category_id, shown_probability
        The suggestion and how likely it was called, None where the card made none.
    model_category_id, model_probability
        Where the suggestion was hidden: what the round said that was live then, None if there
        was none or it knew nothing of the product.
    gold_category_id
        Where an admin vouches for the product: its category.
    """

    product_id: int
    group_number: int | None
    verdict: Verdict
    category_id: int | None
    asked_because: AskedBecause
    probe: Probe | None
    is_in_bulk: bool
    is_suggestion_hidden: bool
    shown_category_id: int | None
    shown_probability: float | None
    took_ms: int | None
    created_at: datetime
    model_category_id: int | None = None
    model_probability: float | None = None
    gold_category_id: int | None = None

    @property
    def is_card(self) -> bool:
        """Tell whether a card of the desk was looked at for it."""
        return not self.is_in_bulk and self.asked_because not in _NO_CARD

    @property
    def is_decision(self) -> bool:
        """Tell whether it says where the product belongs, or that it belongs nowhere."""
        return self.verdict in DECIDING

    @property
    def is_shown(self) -> bool:
        """Tell whether a card made a suggestion that could be taken over."""
        return self.is_card and not self.is_suggestion_hidden and self.shown_category_id is not None

    @property
    def is_hidden_answer(self) -> bool:
        """Tell whether it is an answer that can be compared with what the card kept back."""
        return (
            self.is_card
            and self.is_suggestion_hidden
            and self.category_id is not None
            and self.model_category_id is not None
        )

    @property
    def is_confirming(self) -> bool:
        """Tell whether it took over the suggestion that was shown."""
        return self.category_id is not None and self.category_id == self.shown_category_id


def one_of_each_group(acts: Iterable[Act]) -> Iterator[Act]:
    """Yield the first act of each group of near-duplicates, and those of single products.

    A model that is wrong about a product is wrong about its copies: they are no further evidence.
    """
    seen: set[tuple[str, int]] = set()
    for act in acts:
        alike = act.group_number
        key = ("product", act.product_id) if alike is None else ("group", alike)
        if key not in seen:
            seen.add(key)
            yield act
