"""Products without a readable image: left out of training, given uniform rows when predicting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray
from ml.errors import NotEnoughDataError


def only_readable(categories: Sequence[int], labels: IntArray, found: BoolArray) -> IntArray:
    """Return the columns of the labels whose product has an image.

    Parameters
    ----------
    categories
        Rising ids, in the order of the columns.
    labels, found : ndarray of shape (n_products,)
        Category ids, each among ``categories``, and whether an image was read.

    Returns
    -------
    ndarray of shape (n_found,)

    Raises
    ------
    NotEnoughDataError
        If those that have one are all of one category.
    """
    targets = np.searchsorted(np.asarray(categories), labels[found])
    if len(np.unique(targets)) < 2:
        raise NotEnoughDataError(
            f"{int(found.sum())} of {len(found)} labelled products have an image that can be "
            "read; the image branch needs such products of at least two categories"
        )
    return np.asarray(targets, dtype=np.int64)


def with_uniform_rows(answers: FloatArray, found: BoolArray) -> FloatArray:
    """Put the answers where an image was found, and the same probability everywhere elsewhere.

    Parameters
    ----------
    answers : ndarray of shape (n_found, n_categories)
    found : ndarray of shape (n_products,)

    Returns
    -------
    ndarray of shape (n_products, n_categories)
        Rows sum to 1.
    """
    n_categories = answers.shape[1]
    rows = np.full((len(found), n_categories), 1 / n_categories)
    rows[found] = answers
    return rows
