"""Gold products: how often a person is right where an admin vouches for the category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.acts import Act
from webapp.domain.proportions import Proportion, proportion


@dataclass(frozen=True, slots=True)
class Gold:
    """A product whose category an admin, ``set_by``, vouches for."""

    product_id: int
    category_id: int
    set_by: int
    created_at: datetime


def gold_accuracy(
    acts: Iterable[Act], answers: Mapping[int, int], gold: Mapping[int, Gold], *, user_id: int
) -> Proportion:
    """Return how many gold products a person got right, each counted once.

    Parameters
    ----------
    acts
        Hers, in any order; the first decision of a product at the desk counts, before what she
        said when asked on purpose. Later ones could follow what others had decided.
    answers
        What she said when asked, by product.
    gold
        By product; those that she vouches for herself say nothing of her.
    """
    said = dict(answers)
    for act in sorted(acts, key=lambda act: act.created_at, reverse=True):
        if act.is_card and act.category_id is not None:
            said[act.product_id] = act.category_id
    counted = [
        said[product_id] == each.category_id
        for product_id, each in gold.items()
        if product_id in said and each.set_by != user_id
    ]
    return proportion(sum(counted), len(counted))
