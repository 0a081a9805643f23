"""What a person did last, one line for each decision, so that any of them can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.review import Verdict


@dataclass(frozen=True, slots=True)
class RecentAct:
    """One standing decision: on a product, on it with look-alikes, or on many at once.

    Parameters
    ----------
    annotation_id, product_id, product_name
        Of the product that was asked; of an act on many, of one of them.
    bulk_act_id
        The act on many products that this is, or None.
    category
        The path of the category that was chosen, or None.
    n_products
        On how many products the decision still stands.
    """

    annotation_id: int
    product_id: int
    product_name: str
    bulk_act_id: int | None
    verdict: Verdict
    category: str | None
    n_products: int
    created_at: datetime
