"""Who answered what by herself, and how well people agree, as the worker has found it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.figures import Figure, read_figure
from webapp.domain.review import Annotation, AskedBecause, ProductState, settle, standing


@dataclass(frozen=True, slots=True)
class Consensus:
    """What several people's answers to one product come to.

    Parameters
    ----------
    majority_category_id
        What most of them say, None where it is a tie.
    category_id, quality
        What the answers and the model together speak for (CROWDLAB), and how likely that is right,
        0 to 1; None where there was no round, or nobody to weigh.
    """

    product_id: int
    n_people: int
    majority_category_id: int | None
    category_id: int | None
    quality: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """How two people agree on ``n`` products; ``kappa`` None where both name one category only.

    ``low`` and ``high`` are the 95 % interval of kappa, None where an earlier version compared.
    """

    first_id: int
    second_id: int
    n: int
    agreed: float
    kappa: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TeamAgreement:
    """How well the people of a catalogue agree.

    Parameters
    ----------
    alpha, agreed
        Krippendorff's alpha, and the share of pairs of answers that agree; None where nobody has
        answered the same, and alpha also where all answers name one category.
    n_products, n_ties
        Products with two or more answers, and those of them without a majority.
    by_person
        By the id of a person: how many of the others' answers to her products are hers.
    quality
        By the id of a person: how likely an answer of hers is right, by CROWDLAB.
    """

    alpha: Figure | None
    agreed: Figure | None
    n_products: int
    n_ties: int
    pairs: tuple[Pair, ...]
    by_person: Mapping[int, Figure]
    quality: Mapping[int, float]
    round_number: int | None
    computed_at: datetime


def blind_answers(annotations: Iterable[Annotation]) -> dict[int, int | None]:
    """Return what people answered of one product before they could see what others had answered.

    Others' answers are hidden until a product is settled for the first time. Whoever answers after
    that may have seen them, also who takes her answer back and gives another. Of several answers of
    a person the first one that stands counts. None is a flag. An adjudication is no such answer,
    and confirming what was planted says nothing of the product.
    """
    acts = sorted(annotations, key=lambda act: act.id)
    lengths = range(1, len(acts) + 1)
    is_settled = (n for n in lengths if settle(acts[:n]).state is not ProductState.OPEN)
    n_hidden = next(is_settled, len(acts))
    answers: dict[int, int | None] = {}
    for act in standing(acts):
        is_blind = act.id <= acts[n_hidden - 1].id
        if is_blind and act.decides and act.asked_because is not AskedBecause.ADJUDICATION:
            answers.setdefault(act.user_id, act.category_id)
    return answers


def read_agreement(
    stored: Mapping[str, Any], *, round_number: int | None, computed_at: datetime
) -> TeamAgreement:
    """Read figures as the worker has stored them."""
    people = {int(user_id): found for user_id, found in stored["people"].items()}
    by_person = {user_id: read_figure(found, "agreed") for user_id, found in people.items()}
    return TeamAgreement(
        alpha=read_figure(stored, "alpha"),
        agreed=read_figure(stored, "agreed"),
        n_products=stored["n_products"],
        n_ties=stored["n_ties"],
        pairs=tuple(Pair(**pair) for pair in stored["pairs"]),
        by_person={user_id: figure for user_id, figure in by_person.items() if figure},
        quality={
            user_id: found["quality"]
            for user_id, found in people.items()
            if found["quality"] is not None
        },
        round_number=round_number,
        computed_at=computed_at,
    )
