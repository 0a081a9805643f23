"""Arrays of probabilities as the predictions that are stored: the likeliest categories only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ml.contract import FloatArray
from ml.probabilities import margins
from webapp.domain.retraining import Prediction, Ranked

N_FUSED, N_BRANCH = 10, 3


def rank_predictions(
    round_id: int,
    product_ids: Sequence[int],
    categories: tuple[int, ...],
    fused: FloatArray,
    text: FloatArray,
    image: FloatArray,
) -> Iterator[Prediction]:
    """Yield the prediction of each product.

    Parameters
    ----------
    fused, text, image : ndarray of shape (n_products, n_categories)
        A row of NaN in ``text`` or ``image`` means that the product lacks it.
    """
    margin = margins(fused)
    for row, product_id in enumerate(product_ids):
        ranked = _likeliest(categories, fused[row], N_FUSED)
        yield Prediction(
            round_id=round_id,
            product_id=product_id,
            category_id=ranked[0].category_id,
            probability=ranked[0].probability,
            margin=float(margin[row]),
            fused=ranked,
            text=_branch(categories, text[row]),
            image=_branch(categories, image[row]),
        )


def _branch(categories: tuple[int, ...], probabilities: FloatArray) -> tuple[Ranked, ...] | None:
    return None if np.isnan(probabilities[0]) else _likeliest(categories, probabilities, N_BRANCH)


def _likeliest(
    categories: tuple[int, ...], probabilities: FloatArray, n: int
) -> tuple[Ranked, ...]:
    order = np.argsort(-probabilities, kind="stable")[:n]
    return tuple(Ranked(categories[at], float(probabilities[at])) for at in order.tolist())
