"""What people have decided differently, and what somebody who judges between them sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.domain.agreement import Consensus
from webapp.domain.catalogue import Category
from webapp.domain.products import Product
from webapp.domain.review import Annotation


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person has decided; ``category`` is None where she flagged the product."""

    annotation: Annotation
    user_name: str
    category: Category | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the categories that people have chosen, or the flag, with all who chose it."""

    category: Category | None
    answers: tuple[Answer, ...]

    @property
    def note(self) -> str:
        """The first argument that somebody has written for it, or nothing."""
        return next((each.annotation.note for each in self.answers if each.annotation.note), "")


@dataclass(frozen=True, slots=True)
class Dispute:
    """A product that people have decided differently.

    Parameters
    ----------
    choices
        What was chosen, that of most people first.
    consensus
        What the answers come to by how right each person usually is, with its category; None
        where it is not known, and for the evaluation set: the model, which takes part in it, must
        lead nobody there.
    """

    product: Product
    choices: tuple[Choice, ...]
    consensus: tuple[Consensus, Category] | None

    @property
    def majority(self) -> Choice | None:
        """The choice of more people than any other; None where two are equal."""
        first, *others = self.choices
        is_alone = not others or len(others[0].answers) < len(first.answers)
        return first if is_alone else None


@dataclass(frozen=True, slots=True)
class ListedDispute:
    """A dispute as the list names it; ``is_own`` where the reader is one of those who differ."""

    product_id: int
    name: str
    is_own: bool


def choices_of(answers: Iterable[Answer]) -> tuple[Choice, ...]:
    """Group answers by what was chosen: that of most people first, then in the order they came."""
    by_category: dict[int | None, list[Answer]] = {}
    for each in answers:
        by_category.setdefault(each.annotation.category_id, []).append(each)
    choices = (Choice(group[0].category, tuple(group)) for group in by_category.values())
    return tuple(sorted(choices, key=lambda choice: -len(choice.answers)))
