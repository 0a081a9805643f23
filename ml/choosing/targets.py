"""How much a round learns from a source category: as far as it can be believed."""

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
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Believed:
    """The products that a round learns from, by all evidence.

    Parameters
    ----------
    training
        The same categories. Where there is enough doubt they have weights: ``LABEL_WEIGHT`` for a
        label, for a source category the square of the probability that it is right.
    doubt
        The share of the source categories of unlabelled products that is expected to be wrong, 0
        to 1. Where models are weak it is too high, where many errors are alike too low.
    n_doubted
        Source categories of unlabelled products that are more likely wrong than right.
    """

    training: TrainingSet
    doubt: float
    n_doubted: int

    def as_dict(self) -> dict[str, float | int | bool]:
        """Return what the manifest of a round keeps."""
        return {
            "doubt": self.doubt,
            "are_weighed": self.training.weights is not None,
            "n_doubted": self.n_doubted,
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
        return Believed(training, doubt=0.0, n_doubted=0)
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
    # Another category in place of a doubted source would teach the networks what the model for
    # choosing says, and calibrate them against it: they become too sure of it (ADR 0016).
    right = found.q[np.arange(len(pool.sources)), training.columns]
    doubt = float(1 - right[unlabelled].mean())
    if doubt < LEAST_DOUBT:
        return Believed(training, doubt, n_doubted=0)
    weights = np.where(training.is_label, LABEL_WEIGHT, right**2)
    n_doubted = int((right[unlabelled] < _EVEN).sum())
    return Believed(replace(training, weights=weights), doubt, n_doubted)
