"""The category that several people's answers and a model together speak for: CROWDLAB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.agreement import MISSING
from ml.contract import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the answers come to.

    Parameters
    ----------
    categories : ndarray of shape (n_products,)
        Columns.
    qualities : ndarray of shape (n_products,)
        How likely each of them is right, 0 to 1.
    people : ndarray of shape (n_people,)
        How likely an answer of each person is right, 0 to 1; NaN for who gave none.
    """

    categories: IntArray
    qualities: FloatArray
    people: FloatArray


def find_consensus(answers: IntArray, probabilities: FloatArray) -> Consensus | None:
    """Weigh people by how often they agree, and the model beside them.

    Parameters
    ----------
    answers : ndarray of shape (n_products, n_people)
        Columns of categories, ``MISSING`` where a person gave none. Each product has two or more.
    probabilities : ndarray of shape (n_products, n_categories)
        Of a model that has not learned from these answers: each row sums to 1.

    Returns
    -------
    Consensus or None
        None where nobody can be weighed: fewer than two people, or no two who ever agree.

    References
    ----------
    Goh, Tkachenko, Mueller (2022), CROWDLAB: Supervised learning to infer consensus labels and
    quality scores for data with multiple annotators. As cleanlab computes it.
    """
    is_there = (answers != MISSING).any(axis=0)
    given = answers[:, is_there]
    if given.shape[1] < 2 or not _agree_once(given):
        return None
    from cleanlab.multiannotator import get_label_quality_multiannotator  # brings pandas

    found = get_label_quality_multiannotator(
        np.where(given == MISSING, np.nan, given.astype(np.float64)), probabilities, verbose=False
    )
    qualities = found["label_quality"]
    people = np.full(answers.shape[1], np.nan)
    stats = found["annotator_stats"]["annotator_quality"].sort_index()
    people[is_there] = stats.to_numpy(dtype=np.float64)
    return Consensus(
        qualities["consensus_label"].to_numpy(dtype=np.int64),
        np.clip(qualities["consensus_quality_score"].to_numpy(dtype=np.float64), 0, 1),
        np.clip(people, 0, 1),
    )


def _agree_once(answers: IntArray) -> bool:
    falling = -np.sort(-answers, axis=1)
    is_same = (falling[:, 1:] == falling[:, :-1]) & (falling[:, 1:] != MISSING)
    return bool(is_same.any())
