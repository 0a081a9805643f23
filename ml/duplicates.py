"""Near-duplicates: products so alike that one in training would give the other's answer away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from ml.contract import IntArray, OnProgress, ignore_progress

ROWS_AT_ONCE = 256
PAIRS_AT_ONCE = 50_000
ROUNDING = 1e-9
ENOUGH_SHARED_WORDS = 10  # a text of fewer would come down to "blue mug"

Pairs = tuple[IntArray, IntArray]


def group_near_duplicates(
    texts: Sequence[str],
    image_hashes: Sequence[str | None],
    *,
    threshold: float = 0.8,
    on_progress: OnProgress = ignore_progress,
) -> IntArray:
    """Put products with nearly the same text, or the very same image, into one group.

    Parameters
    ----------
    texts, image_hashes
        One each a product. Products without text are alike by image only, and the other way.
    threshold
        The cosine of two TF-IDF vectors of words from which texts count as the same, above 0.
        Words that no other text holds are left out of longer texts.

    Returns
    -------
    ndarray of shape (n_products,)
        Groups 0 to g-1 in order of first appearance. They are connected components: two products
        of a group may be alike only through a third.
    """
    words = [" ".join(text.split()) for text in texts]
    distinct = {text: row for row, text in reversed(list(enumerate(words))) if text}
    pictures = {key: row for row, key in reversed(list(enumerate(image_hashes))) if key}
    pairs = [
        _pairs_with_first(words, distinct),
        _pairs_with_first(image_hashes, pictures),
        *_similar_pairs(distinct, threshold, on_progress),
    ]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    shape = (len(words), len(words))
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=shape)
    _, component = connected_components(graph, directed=False)
    _, first, renumbered = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[renumbered]


def _pairs_with_first(keys: Sequence[str | None], first: dict[str, int]) -> Pairs:
    """Pair every product with the first one of the same key; empty keys pair with nobody."""
    rows = [row for row, key in enumerate(keys) if key]
    return (
        np.array(rows, dtype=np.int64),
        np.array([first[key] for key in keys if key], dtype=np.int64),
    )


def _similar_pairs(
    distinct: dict[str, int], threshold: float, on_progress: OnProgress
) -> Iterator[Pairs]:
    """Find all pairs of distinct texts whose cosine is at least the threshold.

    Comparing all with all takes n squared. Instead, texts are compared that share a word among
    the rarest ones which make up ``1 - threshold**2`` of each one's squared length: without such a
    word in common, what is left of a vector is too short to reach the threshold.

    References
    ----------
    Bayardo, Ma, Srikant (2007), Scaling Up All Pairs Similarity Search.
    """
    product = np.array(list(distinct.values()), dtype=np.int64)
    vectors = _vectors(list(distinct))
    rare = _rarest_part(vectors, threshold)
    columns = rare.T.tocsr()
    for start in range(0, len(product), ROWS_AT_ONCE):
        shared = (rare[start : start + ROWS_AT_ONCE] @ columns).tocoo()
        one, other = shared.coords[0] + start, shared.coords[1]
        below = one < other
        one, other = one[below], other[below]
        for at in range(0, len(one), PAIRS_AT_ONCE):
            left, right = one[at : at + PAIRS_AT_ONCE], other[at : at + PAIRS_AT_ONCE]
            cosine = vectors[left].multiply(vectors[right]).sum(axis=1)
            alike = np.asarray(cosine) >= threshold - ROUNDING
            yield product[left[alike]], product[right[alike]]
        on_progress(min(start + ROWS_AT_ONCE, len(product)), len(product))


def _vectors(texts: list[str]) -> csr_array:
    """Return TF-IDF vectors of length 1, their words sorted from rare to frequent."""
    if not texts:
        return csr_array((0, 0))
    words = r"\w+|[^\w\s]+"  # any run of signs counts as one, so that no text is without
    weighted = csr_array(TfidfVectorizer(token_pattern=words, norm=None).fit_transform(texts))
    vectors = csr_array(normalize(_without_lone_words(weighted)))
    n_texts_with = np.bincount(vectors.indices, minlength=vectors.shape[1])
    rank = np.argsort(np.argsort(n_texts_with, kind="stable"))
    ranked = csr_array((vectors.data, rank[vectors.indices], vectors.indptr), vectors.shape)
    ranked.sort_indices()
    return ranked


def _without_lone_words(weighted: csr_array) -> csr_array:
    """Drop words that no other text holds, from texts that have enough others.

    A model number would set two otherwise equal texts apart, and being the rarest it weighs most:
    with such words, the sample has 725 groups, without them 615.
    """
    alone = np.bincount(weighted.indices, minlength=weighted.shape[1])[weighted.indices] == 1
    shared = np.add.reduceat((~alone).astype(np.int64), weighted.indptr[:-1])
    enough = np.repeat(shared >= ENOUGH_SHARED_WORDS, np.diff(weighted.indptr))
    kept = weighted.copy()
    kept.data[alone & enough] = 0
    kept.eliminate_zeros()
    return kept


def _rarest_part(vectors: csr_array, threshold: float) -> csr_array:
    """Keep of each row its rarest words, until the rest is shorter than the threshold."""
    squares = vectors.data**2
    before = np.cumsum(squares) - squares
    before -= np.repeat(before[vectors.indptr[:-1]], np.diff(vectors.indptr))
    keep = 1 - before >= threshold**2 - ROUNDING
    kept = vectors.copy()
    kept.data = keep.astype(np.float64)
    kept.eliminate_zeros()
    return kept
