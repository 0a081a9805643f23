"""Groups among the scored products that no label had a part in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ml.clustering import k_means
from ml.contract import FloatArray, Grouping, IntArray, Pipeline, ProductBatch
from ml.study.maps import principal_coordinates
from ml.study.scoring import NO_CLUSTER

MOST_SEEN = 2_000  # 0.8 GB of a flattened network's 48,000 features


@dataclass(frozen=True, slots=True)
class FoundGroups:
    """Groups of products, and what they were found on.

    Parameters
    ----------
    clusters
        Shape ``(n_products,)``: the group of each, ``NO_CLUSTER`` where it was left out; None
        where there are fewer products than groups to find.
    rows
        Rising: the products that have coordinates.
    coordinates
        Shape ``(len(rows), n_components)``: what the system sees of them, by principal axes.
    left_out
        What was left out and why, a sentence each.
    """

    clusters: IntArray | None
    rows: IntArray
    coordinates: FloatArray
    left_out: tuple[str, ...]


def find_groups(pipeline: Pipeline, seen: ProductBatch, n_groups: int, *, seed: int) -> FoundGroups:
    """Group products as the fitted system does by itself, else by k-means on what it sees.

    Of very many products, k-means looks at a random part.
    """
    drawn = np.random.default_rng(seed).permutation(len(seen))[:MOST_SEEN]
    rows = np.sort(drawn)
    coordinates = principal_coordinates(pipeline.embed(seen.take(rows)))
    if isinstance(pipeline, Grouping):
        return FoundGroups(pipeline.clusters(seen), rows, coordinates, ())
    if len(rows) < n_groups:
        reason = f"No clusters: {len(rows)} products cannot fall into {n_groups} groups."
        return FoundGroups(None, rows, coordinates, (reason,))
    clusters = np.full(len(seen), NO_CLUSTER, dtype=np.int64)
    with threadpool_limits(1):  # threads cost more than they save on so few products
        clusters[rows] = k_means(coordinates, n_groups, seed)
    left_out: tuple[str, ...] = ()
    if len(rows) < len(seen):
        left_out = (f"Clusters were sought among {len(rows)} of {len(seen)} products.",)
    return FoundGroups(clusters, rows, coordinates, left_out)
