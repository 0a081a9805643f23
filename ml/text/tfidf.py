"""Documents as rows of numbers: counts of their terms, or TF-IDF weights of length 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from ml.errors import NotEnoughDataError

NO_WORDS = "no product to learn from has a word that says anything; import names or descriptions"

Documents = Iterable[Sequence[str]]
"""The terms of each document, repeated as often as they occur."""


@dataclass(frozen=True, slots=True)
class TermSpace:
    """The terms that span a space, in the order of its columns.

    Parameters
    ----------
    terms
        Each once, by alphabet.
    rarity : ndarray of shape (n_terms,)
        Smoothed inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``: from 1 (in every
        document), no unit.
    """

    terms: tuple[str, ...]
    rarity: NDArray[np.float64]

    def count(self, documents: Documents) -> csr_array:
        """Return how often each document has each term, ``(n_documents, n_terms)``."""
        vectorizer = CountVectorizer(analyzer=_as_given, vocabulary=self.terms, dtype=np.float64)
        return csr_array(vectorizer.transform(documents))

    def weigh(self, documents: Documents, *, is_sublinear: bool = False) -> csr_array:
        """Return TF-IDF weights, ``(n_documents, n_terms)``.

        Each row has the length 1, or 0 where no term is known. With ``is_sublinear`` a term that
        occurs ``tf`` times counts ``1 + ln(tf)``, so that shouting one word helps little.
        """
        weights = self.count(documents)
        if is_sublinear:
            weights.data = 1 + np.log(weights.data)
        weights.data *= self.rarity[weights.indices]
        lengths = np.sqrt(weights.multiply(weights).sum(axis=1))
        weights.data /= np.repeat(lengths, np.diff(weights.indptr))
        return weights

    def as_json(self) -> str:
        """Return text that ``from_json`` reads again to the last bit."""
        return json.dumps({"terms": self.terms, "rarity": self.rarity.tolist()})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``as_json`` wrote."""
        stored = json.loads(text)
        return cls(tuple(stored["terms"]), np.array(stored["rarity"], dtype=np.float64))


def learn_space(
    documents: Documents, *, smallest_count: int = 1, largest_share: float = 1.0, at_most: int
) -> TermSpace:
    """Find the terms of a space and how rare each is.

    Parameters
    ----------
    smallest_count
        A term has to be in so many documents; 1 where no term is.
    largest_share
        A term may be in no more than this share of the documents, 0 to 1; 1 where every term is
        in more, as happens with two documents that share their words.
    at_most
        The terms that occur most often are kept.

    Raises
    ------
    NotEnoughDataError
        If no document has a term.
    """
    counter = CountVectorizer(analyzer=_as_given, dtype=np.float64)
    try:
        counts = csr_array(counter.fit_transform(documents))
    except ValueError as error:  # an empty vocabulary is all that it refuses
        raise NotEnoughDataError(NO_WORDS) from error
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    is_common = frequency >= smallest_count
    is_telling = frequency <= largest_share * counts.shape[0]
    for kept in (is_common & is_telling, is_telling, is_common, is_common | ~is_common):
        if kept.any():
            break
    columns = np.flatnonzero(kept)
    totals = counts.sum(axis=0)[columns]
    columns = np.sort(columns[np.argsort(-totals, kind="stable")[:at_most]])
    rarity = np.log((1 + counts.shape[0]) / (1 + frequency[columns])) + 1
    return TermSpace(tuple(counter.get_feature_names_out()[columns].tolist()), rarity)


def words_and_pairs(words: Sequence[str]) -> list[str]:
    """Return the words of a text, then its pairs of neighbours.

    Examples
    --------
    >>> words_and_pairs(["red", "mug", "set"])
    ['red', 'mug', 'set', 'red mug', 'mug set']
    """
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _as_given(terms: Sequence[str]) -> Sequence[str]:
    return terms
