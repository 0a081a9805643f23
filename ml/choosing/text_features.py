"""What the text of a product looks like to a sampler: its words, bits of its name, its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.choosing.axes import main_axes, sample, unit_length
from ml.contract import FloatArray, ProductBatch
from ml.text.chunks import in_chunks
from ml.text.tfidf_linear import PIECE_LENGTHS, keys

# Kinds of terms, their weights and the numbers were measured on the study's sample (ADR 0015).
N_DIMENSIONS = 100
SMALLEST_COUNT = 2
AT_MOST_TERMS = 50_000  # of a kind
# Terms and directions are found on a sample, then every product is read along them.
AT_MOST_TEXTS = 50_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of terms: where they stand, how to take them, and how much they count."""

    of: Callable[[ProductBatch], Sequence[str]]
    settings: Mapping[str, Any]
    weight: float


READINGS = (
    Reading(ProductBatch.texts, {"ngram_range": (1, 2), "stop_words": "english"}, 1.0),
    Reading(
        lambda batch: batch.names,
        {"analyzer": "char_wb", "ngram_range": (PIECE_LENGTHS[0], PIECE_LENGTHS[-1])},
        0.5,
    ),
    Reading(lambda batch: batch.specifications, {"analyzer": keys}, 0.5),
)


def text_features(batch: ProductBatch, rng: np.random.Generator) -> FloatArray | None:
    """Return TF-IDF weights of all terms, brought to few dimensions (latent semantic analysis).

    Returns
    -------
    ndarray of shape (n_products, at most N_DIMENSIONS), or None
        float32, rows of length 1; zeros where a product has no known term. None where no product
        has any.

    References
    ----------
    Deerwester, Dumais, Furnas, Landauer, Harshman (1990), Indexing by Latent Semantic Analysis.
    """
    sampled = batch.take(sample(np.arange(len(batch)), AT_MOST_TEXTS, rng))
    learned = [(reading, _learn_terms(reading, sampled)) for reading in READINGS]
    spaces = [(reading, space) for reading, space in learned if space is not None]
    if not spaces:
        return None

    def weigh(part: ProductBatch) -> csr_array:
        kinds = [reading.weight * space.transform(reading.of(part)) for reading, space in spaces]
        return csr_array(hstack(kinds))

    axes = main_axes(weigh(sampled), N_DIMENSIONS, rng)
    return in_chunks(lambda part: unit_length(weigh(part) @ axes), batch)


def _learn_terms(reading: Reading, batch: ProductBatch) -> TfidfVectorizer | None:
    texts = reading.of(batch)
    for smallest in (SMALLEST_COUNT, 1):  # where no term is shared, any will do
        vectorizer = TfidfVectorizer(
            sublinear_tf=True,
            strip_accents="unicode",
            min_df=min(smallest, max(1, len(batch))),
            max_features=AT_MOST_TERMS,
            dtype=np.float32,
            **reading.settings,
        )
        try:
            return vectorizer.fit(texts)
        except ValueError:  # an empty vocabulary is all that it refuses
            continue
    return None
