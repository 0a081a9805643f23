"""The place of a product in the queue, and the card that a moderator sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.domain.catalogue import Category
from webapp.domain.evidence import CardEvidence
from webapp.domain.products import Product
from webapp.domain.retraining import Prediction, Ranked
from webapp.domain.review import AskedBecause, Probe

N_KEYS = 9  # the digits of a keyboard that choose a category


class Likelihood(StrEnum):
    """A probability in a word, so that it is never told by colour or number alone."""

    CERTAIN = "almost certain"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A product's place in the queue and, while it is lent to somebody, its lease.

    ``shown_round_id`` is the round that was live at the last lease, ``probe`` what its card did by
    chance: what its holder saw.
    """

    product_id: int
    asked_because: AskedBecause
    is_suggestion_hidden: bool
    shown_round_id: int | None
    leased_to: int | None = None
    lease_token: str | None = None
    leased_at: datetime | None = None
    leased_until: datetime | None = None
    probe: Probe | None = None
    planted_category_id: int | None = None

    def is_held_by_another(self, user_id: int, *, now: datetime) -> bool:
        """Tell whether somebody else has it right now; a lease that ran out holds nothing."""
        return (
            self.leased_to is not None
            and self.leased_to != user_id
            and self.leased_until is not None
            and self.leased_until > now
        )


@dataclass(frozen=True, slots=True)
class Option:
    """A category that can be chosen; its probability is None where none may be shown."""

    category: Category
    probability: float | None


@dataclass(frozen=True, slots=True)
class ShownRound:
    """The round behind a card; ``fallback`` says why another image network took the place."""

    id: int
    number: int
    fallback: str | None


@dataclass(frozen=True, slots=True)
class LookAlike:
    """An undecided near-duplicate as a card shows it; ``suggestion`` is of the card's round.

    ``is_proposed`` tells whether it goes along unless the moderator takes it out: nobody else has
    it, and the model suggests for it what it suggests for the product of the card.
    """

    product_id: int
    external_id: str
    name: str
    image_sha256: str | None
    suggestion: Option | None
    is_held: bool
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One product and one question.

    Where the suggestion is hidden, nothing here tells what a model or the seller thinks:
    ``prediction``, ``suggestion``, ``text_says``, ``image_says`` and ``round`` are None, the
    choices are in the order of the tree, and the product comes without its source category.

    Parameters
    ----------
    choices
        What the digits 1 to 9 choose: the runners-up behind the suggestion, or without one the
        first categories of the tree.
    lease
        The token that a decision has to name; None if nothing is lent, as after undoing a
        decision behind which an earlier one stands.
    look_alikes
        Undecided near-duplicates, of which there may be more (``n_look_alikes``). None where the
        suggestion is hidden: each product of the evaluation set is judged by itself.
    evidence
        Why the model suggests it, and what is like it; None where nobody has looked, and where the
        suggestion is hidden.
    """

    product: Product
    asked_because: AskedBecause
    is_suggestion_hidden: bool
    prediction: Prediction | None
    round: ShownRound | None
    suggestion: Option | None
    choices: tuple[Option, ...]
    text_says: Option | None
    image_says: Option | None
    lease: str | None
    leased_until: datetime | None
    look_alikes: tuple[LookAlike, ...] = ()
    n_look_alikes: int = 0
    evidence: CardEvidence | None = None

    @property
    def branches_disagree(self) -> bool:
        """Tell whether text alone and image alone name different categories."""
        if self.text_says is None or self.image_says is None:
            return False
        return self.text_says.category.id != self.image_says.category.id


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Why nothing waits for a person though products are open.

    ``n_lent`` are with people, and ``n_for_others`` wait for somebody else than those who have
    answered.
    """

    n_lent: int
    n_for_others: int


def likelihood(probability: float) -> Likelihood:
    """Return the word for a calibrated probability, 0 to 1."""
    if probability >= 0.97:
        return Likelihood.CERTAIN
    return Likelihood.LIKELY if probability >= 0.75 else Likelihood.UNSURE


def options_of(
    ranked: tuple[Ranked, ...] | None, categories: dict[int, Category]
) -> tuple[Option, ...]:
    """Return what a ranking offers, likeliest first, without categories that are gone."""
    return tuple(
        Option(categories[entry.category_id], entry.probability)
        for entry in ranked or ()
        if entry.category_id in categories
    )
