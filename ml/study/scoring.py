"""What a system answered, and the figures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.bootstrap import Interval, cluster_ari_interval, intervals
from ml.clustering import match_to_categories
from ml.contract import FloatArray, IntArray
from ml.metrics import confusion_matrix
from ml.study.records import METRICS, Figure

NO_CLUSTER = -1
# The names of ``ml.bootstrap``, in which the ARI is that of predictions.
OF_PREDICTIONS = {"ari_of_predictions": "ari"} | {
    name: name for name in ("accuracy", "macro_f1", "log_loss", "ece")
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What one system says of the products it is scored on, all arrays ``(n_products, ...)``.

    Parameters
    ----------
    columns
        The true category.
    groups
        Near-duplicates share a number.
    probabilities
        Shape ``(n_products, n_categories)``; None where the system is scored by groups alone.
    clusters
        The group that each was found in without labels, ``NO_CLUSTER`` where it was left out;
        None where groups could not be found.
    """

    columns: IntArray
    groups: IntArray
    probabilities: FloatArray | None
    clusters: IntArray | None


def score(samples: Sequence[Answers]) -> dict[str, Figure]:
    """Return every metric over one or more samples, such as the folds of one deal.

    Predictions are scored together; clusters, whose names mean something in their own sample
    alone, one by one, and the figure is their mean.
    """
    figures = dict.fromkeys(METRICS, Figure())
    predicted = [answers for answers in samples if answers.probabilities is not None]
    if predicted:
        found = intervals(
            np.concatenate([answers.columns for answers in predicted]),
            np.concatenate([answers.probabilities for answers in predicted]),
            np.concatenate([answers.groups for answers in predicted]),
        )
        for name, in_bootstrap in OF_PREDICTIONS.items():
            figures[name] = figure_of(found[in_bootstrap])
    clustered = [
        (answers.columns[known], answers.clusters[known], answers.groups[known])
        for answers in samples
        if answers.clusters is not None
        for known in [answers.clusters != NO_CLUSTER]
    ]
    figures["ari_of_clusters"] = figure_of(cluster_ari_interval(clustered))
    return figures


def figure_of(interval: Interval) -> Figure:
    """Return an interval without the number of products."""
    return Figure(interval.value, interval.low, interval.high)


def confusion_of(answers: Answers, n_categories: int) -> IntArray:
    """Count true categories against predicted ones, or else against matched clusters.

    Matching uses the labels: it serves the matrix alone, and no figure.

    Raises
    ------
    ValueError
        If there are neither predictions nor clusters.
    """
    if answers.probabilities is not None:
        predicted = answers.probabilities.argmax(axis=1)
        return confusion_matrix(answers.columns, predicted, n_categories)
    if answers.clusters is None:
        raise ValueError("there are neither predictions nor clusters")
    known = answers.clusters != NO_CLUSTER
    columns = answers.columns[known]
    matched = match_to_categories(columns, answers.clusters[known], n_categories)
    return confusion_matrix(columns, matched, n_categories)
