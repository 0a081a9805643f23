"""The dictionary of a text pipeline: terms to numbers, and what each term is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN = 0, 1  # ids that no term has
N_RESERVED = 2


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms in the order of their ids, from ``N_RESERVED`` up.

    Parameters
    ----------
    terms
        Each once.
    rarity : ndarray of shape (n_terms,)
        Smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``: from 1 (in every
        text), no unit.
    """

    terms: tuple[str, ...]
    rarity: NDArray[np.float32]

    @property
    def n_ids(self) -> int:
        """Ids in use, padding and unknown included."""
        return len(self.terms) + N_RESERVED

    def ids(self) -> dict[str, int]:
        """Return the id of each term."""
        return {term: number for number, term in enumerate(self.terms, start=N_RESERVED)}


def learn_vocabulary(
    texts: Iterable[Sequence[str]], *, smallest_count: int = 1, at_most: int
) -> Vocabulary:
    """Collect the terms that occur in at least ``smallest_count`` texts.

    Parameters
    ----------
    at_most
        Keep the most frequent terms; ties go by alphabet, so that the order of texts is no matter.
    """
    counts: Counter[str] = Counter()
    n_texts = 0
    for text in texts:
        counts.update(set(text))
        n_texts += 1
    kept = [term for term, count in counts.items() if count >= smallest_count]
    kept = sorted(sorted(kept, key=lambda term: (-counts[term], term))[:at_most])
    frequency = np.array([counts[term] for term in kept], dtype=np.float64)
    rarity = np.log((1 + n_texts) / (1 + frequency)) + 1
    return Vocabulary(tuple(kept), rarity.astype(np.float32))


def sequences(
    texts: Sequence[Sequence[str]], vocabulary: Vocabulary, length: int
) -> NDArray[np.int32]:
    """Return the ids of each text in their order, shape ``(n_texts, length)``, padded after."""
    ids = vocabulary.ids()
    rows = np.full((len(texts), length), PADDING, dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        known = [ids.get(term, UNKNOWN) for term in text[:length]]
        row[: len(known)] = known
    return rows


def lengths_of(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how many columns each row of padded ids needs: its terms, at least 1.

    Examples
    --------
    >>> lengths_of(np.array([[5, 1, 0], [0, 0, 0]], dtype=np.int32)).tolist()
    [2, 1]
    """
    lengths: NDArray[np.int64] = np.maximum(1, np.count_nonzero(ids != PADDING, axis=1))
    return lengths


def weighted_terms(
    texts: Sequence[Sequence[str]], vocabulary: Vocabulary, at_most: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the distinct known terms of each text and their TF-IDF weights.

    Returns
    -------
    ids : ndarray of shape (n_texts, longest)
        Padded after; the ``at_most`` heaviest terms of a text are kept.
    weights : ndarray of shape (n_texts, longest)
        ``(1 + ln tf) * rarity``, each row summing to 1; all 0 where no term is known.
    """
    number = vocabulary.ids()
    found: list[list[tuple[int, float]]] = []
    for text in texts:
        counts = Counter(number[term] for term in text if term in number)
        weighted = [
            (term, (1 + float(np.log(count))) * float(vocabulary.rarity[term - N_RESERVED]))
            for term, count in counts.items()
        ]
        # By id among equals: a text's answer must not hang on the order of a dictionary.
        found.append(sorted(weighted, key=lambda pair: (-pair[1], pair[0]))[:at_most])
    longest = max((len(pairs) for pairs in found), default=0) or 1
    ids = np.full((len(texts), longest), PADDING, dtype=np.int32)
    weights = np.zeros((len(texts), longest), dtype=np.float32)
    for row, pairs in enumerate(found):
        ids[row, : len(pairs)] = [term for term, _ in pairs]
        weights[row, : len(pairs)] = [weight for _, weight in pairs]
    totals = weights.sum(axis=1, keepdims=True)
    return ids, np.divide(weights, totals, out=weights, where=totals > 0)
