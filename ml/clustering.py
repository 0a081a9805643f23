"""Groups that no label names: finding them, and what categories they turn out to hold."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from ml.contract import FloatArray, IntArray

N_STARTS = 10  # k-means ends in the nearest valley; the best of ten is seldom a bad one


def k_means(embeddings: FloatArray, n_clusters: int, seed: int) -> IntArray:
    """Group products by the distance of their embeddings, the best of ten starts.

    Parameters
    ----------
    embeddings : ndarray of shape (n_products, n_features)
    n_clusters
        At most so many: fewer come out where fewer embeddings differ.

    Returns
    -------
    ndarray of shape (n_products,)
        The cluster of each product, from 0; its number means nothing.
    """
    n_distinct = len(np.unique(embeddings, axis=0))
    if n_distinct <= 1:
        return np.zeros(len(embeddings), dtype=np.int64)
    model = KMeans(min(n_clusters, n_distinct), n_init=N_STARTS, random_state=seed)
    return np.asarray(model.fit_predict(embeddings), dtype=np.int64)


def category_shares(memberships: FloatArray, targets: IntArray, n_categories: int) -> FloatArray:
    """Return ``P(category | group)``, counted over labelled products.

    Parameters
    ----------
    memberships : ndarray of shape (n_products, n_groups)
        How far each product is in each group; rows sum to 1.
    targets : ndarray of shape (n_products,)
        The column of each product's category, from 0.

    Returns
    -------
    ndarray of shape (n_groups, n_categories)
        Rows sum to 1. Each group counts one product more, spread as the categories are over all
        products: no share is quite 0 of a category that occurs, and an empty group says nothing.

    Examples
    --------
    >>> category_shares(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]), 2).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    is_of = np.eye(n_categories)[targets]
    counts = memberships.T @ is_of + is_of.mean(axis=0)
    shares: FloatArray = counts / counts.sum(axis=1, keepdims=True)
    return shares


def match_to_categories(columns: IntArray, clusters: IntArray, n_categories: int) -> IntArray:
    """Rename clusters to the categories that they match best, for a confusion matrix.

    Never before an ARI, or a figure that is said to be found without labels: this reads them.

    Parameters
    ----------
    columns : ndarray of shape (n_products,)
        The column of each product's true category, from 0; -1 where it has none.
    clusters : ndarray of shape (n_products,)
        Any number of them, from 0.

    Returns
    -------
    ndarray of shape (n_products,)
        A category's column for each product. As far as they go, clusters and categories are
        paired one to one so that the most products agree; each further cluster takes the category
        that most of its products have.

    References
    ----------
    Kuhn (1955), The Hungarian Method for the Assignment Problem.
    """
    counts = np.zeros((int(clusters.max(initial=-1)) + 1, n_categories), dtype=np.int64)
    known = columns >= 0
    np.add.at(counts, (clusters[known], columns[known]), 1)
    category_of = counts.argmax(axis=1)
    paired, category = linear_sum_assignment(counts, maximize=True)
    category_of[paired] = category
    return np.asarray(category_of[clusters], dtype=np.int64)
