"""The dictionary of a catalogue: how many words it has, how many distinct, and which most often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ml.contract import IntArray, ProductBatch
from ml.text.cleaning import stems


@dataclass(frozen=True, slots=True)
class WordCounts:
    """The words of some texts.

    Parameters
    ----------
    n_words
        All of them, as often as they occur.
    n_distinct
        Each once.
    frequent
        The most frequent and how often each occurs, falling; by alphabet among equals.
    """

    n_words: int
    n_distinct: int
    frequent: tuple[tuple[str, int], ...]


def count_words(
    batch: ProductBatch, columns: IntArray, n_categories: int, *, n_frequent: int = 20
) -> tuple[tuple[WordCounts, ...], WordCounts]:
    """Count the stems of each category, and of all products.

    Parameters
    ----------
    columns : ndarray of shape (n_products,)
        The column of each product's category, from 0; -1 where it has none, which counts among
        all.

    Returns
    -------
    by_category
        In the order of the columns.
    overall
        Of all products.
    """
    counts: list[Counter[str]] = [Counter() for _ in range(n_categories)]
    overall: Counter[str] = Counter()
    for text, column in zip(batch.texts(), columns.tolist(), strict=True):
        words = stems(text)
        overall.update(words)
        if column >= 0:
            counts[column].update(words)
    by_category = tuple(_summed_up(of_category, n_frequent) for of_category in counts)
    return by_category, _summed_up(overall, n_frequent)


def _summed_up(counts: Counter[str], n_frequent: int) -> WordCounts:
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n_frequent]
    return WordCounts(counts.total(), len(counts), tuple(frequent))
