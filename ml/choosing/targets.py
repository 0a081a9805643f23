"""What a round learns from: labels, and source categories as far as they can be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.choosing.features import features_of
from ml.choosing.posterior import LABEL_WEIGHT, posterior
from ml.choosing.smoothing import smooth
from ml.contract import PipelineSettings
from ml.sampling.pool import UNKNOWN, Pool
from ml.training_set import TrainingSet

# Below, most sources that look wrong are right and hard to tell, and what is hard to tell teaches
# most: on the study's sample with right sources alone, the doubt is 0.01 (ADR 0016).
LEAST_DOUBT = 0.02


@dataclass(frozen=True, slots=True)
class Believed:
    """The products that a round learns from, by all evidence.

    Parameters
    ----------
    training
        Its labels are as they were. In place of source categories stand the likeliest ones, each
        with the square of its probability as weight, where there is enough doubt; else all is as
        it was.
    doubt
        The share of the source categories of unlabelled products that is expected to be wrong, 0
        to 1. Where models are weak it is too high, where many errors are alike too low.
    n_replaced
        Products that are learned from under another category than their source.
    """

    training: TrainingSet
    doubt: float
    n_replaced: int

    def as_dict(self) -> dict[str, float | int | bool]:
        """Return what the manifest of a round keeps."""
        return {
            "doubt": self.doubt,
            "are_weighed": self.training.weights is not None,
            "n_replaced": self.n_replaced,
        }


def believe(
    training: TrainingSet, categories: tuple[int, ...], settings: PipelineSettings
) -> Believed:
    """Weigh source categories against what the training products look like; no other is read.

    Parameters
    ----------
    categories
        The category ids in the order of the columns.
    settings
        As for ``features_of``; their seed is that of folds and features.
    """
    unlabelled = np.flatnonzero(~training.is_label)
    if not len(unlabelled):
        return Believed(training, doubt=0.0, n_replaced=0)
    features = features_of(training.batch, settings, seed=settings.seed)
    pool = Pool(
        is_open=~training.is_label,
        n_categories=len(categories),
        labels=np.where(training.is_label, training.columns, UNKNOWN),
        sources=training.sources,
        groups=training.groups,
        features=smooth(features, seed=settings.seed),
    )
    found = posterior(pool, seed=settings.seed)
    doubt = float(1 - found.q[unlabelled, training.sources[unlabelled]].mean())
    columns = found.q.argmax(axis=1)
    if doubt < LEAST_DOUBT or len(np.unique(columns)) < 2:
        return Believed(training, doubt, n_replaced=0)
    believed = replace(
        training,
        labels=np.array(categories)[columns],
        columns=columns,
        weights=np.where(training.is_label, LABEL_WEIGHT, found.q_max**2),
    )
    return Believed(believed, doubt, int((columns != training.columns).sum()))
