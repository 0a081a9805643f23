"""The study's bag of words: one document a category, a product is filed by its likeness to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from scipy.sparse import csr_array, load_npz, save_npz

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.probabilities import normalised
from ml.text.chunks import in_chunks
from ml.text.cleaning import stems
from ml.text.tfidf import TermSpace, learn_space, words_and_pairs
from ml.training import columns_of

LARGEST_SHARE = 0.8  # the study's: a term of 6 or 7 of its 7 categories tells none
AT_MOST_TERMS = 50_000  # the study's sample has 21,000
# The temperature of the lowest log loss on inner folds of the study's sample; see
# docs/pipelines.md.
SHARPNESS = 28.0
TERMS, DOCUMENTS = "terms.json", "documents.npz"


class BagOfWords:
    """TF-IDF of one document a category; probabilities follow the cosine with each.

    Parameters
    ----------
    settings
        None is read: nothing here is left to chance.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        self.categories: tuple[int, ...] = ()

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Join the products of each category into one document, and weigh its terms."""
        self.categories, targets = columns_of(labels)
        documents = category_documents(terms_of(batch), targets, len(self.categories))
        on_progress(1, 2)
        self.space_ = learn_lens(documents)
        self.documents_ = self.space_.weigh(documents)
        on_progress(2, 2)
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; uniform where no term is known."""
        return normalised(SHARPNESS * self.embed(batch))

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the cosine with each category's document, from 0 to 1."""
        return in_chunks(
            lambda part: (self.space_.weigh(terms_of(part)) @ self.documents_.T).toarray(), batch
        )

    def count_parameters(self) -> ParameterCount:
        """Count the weight of each term in each category."""
        n_categories, n_terms = self.documents_.shape
        return ParameterCount(n_categories * n_terms)

    def save(self, directory: Path) -> None:
        """Write the terms, the categories' documents and the manifest."""
        write_artifact(
            directory,
            pipeline="bag_of_words",
            settings={},
            categories=self.categories,
            details={},
            writers={
                TERMS: lambda path: path.write_text(self.space_.as_json(), encoding="utf-8"),
                DOCUMENTS: partial(save_npz, matrix=self.documents_),
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.space_ = TermSpace.from_json((directory / TERMS).read_text(encoding="utf-8"))
        self.documents_ = csr_array(load_npz(directory / DOCUMENTS))
        return self


def terms_of(batch: ProductBatch) -> Iterator[list[str]]:
    """Read the words of each product and its pairs of neighbours."""
    return (words_and_pairs(stems(text)) for text in batch.texts())


def category_documents(
    products: Iterator[list[str]], targets: IntArray, n_categories: int
) -> list[list[str]]:
    """Join the terms of all products of a category into one document, by column."""
    documents: list[list[str]] = [[] for _ in range(n_categories)]
    for terms, target in zip(products, targets.tolist(), strict=True):
        documents[target].extend(terms)
    return documents


def learn_lens(documents: Sequence[Sequence[str]]) -> TermSpace:
    """Find the study's terms: those that tell categories apart, as rare as few have them.

    The rarity counts categories in place of products: so the labels shape every product's row.
    """
    return learn_space(documents, largest_share=LARGEST_SHARE, at_most=AT_MOST_TERMS)


def build(settings: PipelineSettings) -> BagOfWords:
    """Make the study's bag of words per category."""
    return BagOfWords(settings)
