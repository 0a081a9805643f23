"""The metrics of a model on the evaluation set, with its branches beside it."""

from __future__ import annotations

from dataclasses import dataclass

from ml.bootstrap import Interval, intervals
from ml.contract import IntArray
from ml.fused_model import Predictions
from ml.fusion import present
from ml.metrics import confusion_matrix
from ml.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures with intervals, and the confusion matrix, of the same products."""

    metrics: dict[str, Interval]
    confusion: IntArray
    is_provisional: bool


def score(
    snapshot: Snapshot,
    predictions: Predictions,
    *,
    min_labels: int,
    n_resamples: int,
    seed: int,
) -> Scores:
    """Score the final model's predictions of the evaluation products, and of nothing else.

    Returns
    -------
    Scores
        ``ari``, ``accuracy``, ``macro_f1``, ``log_loss`` and ``ece`` of the fused predictions, and
        ``text_accuracy`` and ``image_accuracy`` on the products that have the modality.
    """
    rows, is_provisional = snapshot.evaluation_rows(min_labels)
    columns = snapshot.columns_of(snapshot.targets()[rows])
    groups = snapshot.groups[rows]
    fused = predictions.fused[rows]
    metrics = intervals(columns, fused, groups, n_resamples=n_resamples, seed=seed)
    for name, whole in (("text_accuracy", predictions.text), ("image_accuracy", predictions.image)):
        branch = whole[rows]
        seen = present(branch)
        of_branch = intervals(
            columns[seen], branch[seen], groups[seen], n_resamples=n_resamples, seed=seed
        )
        metrics[name] = of_branch["accuracy"]
    confusion = confusion_matrix(columns, fused.argmax(axis=1), len(snapshot.categories))
    return Scores(metrics, confusion, is_provisional)
