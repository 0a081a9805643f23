"""Topics: what products are about, found by LDA or NMF with the study's lens or without labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls
from scipy.sparse import csr_array
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.exceptions import ConvergenceWarning

from ml.artifacts import Manifest, write_artifact
from ml.clustering import category_shares
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.sklearn_files import load_estimator, save_estimator
from ml.text.bag_of_words import (
    AT_MOST_TERMS,
    LARGEST_SHARE,
    category_documents,
    learn_lens,
    terms_of,
)
from ml.text.chunks import in_chunks
from ml.text.tfidf import Documents, TermSpace, learn_space
from ml.training import columns_of

SMALLEST_COUNT = 2  # a term of one product alone can't say what products have in common
LDA_TURNS = 10  # as good as 50 on the study's sample
NMF_TURNS = 400
RIDGE = 1e-10  # of the mean squared length of a topic: two equal topics share a product's weight
TERMS, TOPICS, SHARES = "terms.json", "topics.skops", "shares.npy"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the four variants do differently.

    Parameters
    ----------
    has_lens
        Topics are fitted on one document a category, which the labels make; else on products.
    weigh
        Documents to rows of numbers.
    estimator
        The class of scikit-learn.
    """

    name: str
    has_lens: bool
    weigh: Callable[[TermSpace, Documents], csr_array]
    estimator: type[Any]
    turns: int


class Topics:
    """As many topics as there are categories; a product is a mixture of them.

    Parameters
    ----------
    settings
        ``seed`` is read, and ``epochs``: at most so many turns of the solver.
    layout
        ``LDA_LENS``, ``NMF_LENS``, ``LDA_UNSUPERVISED`` or ``NMF_UNSUPERVISED``.
    """

    def __init__(self, settings: PipelineSettings, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self.categories: tuple[int, ...] = ()

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Find the topics, then count over labels which categories each holds."""
        self.categories, targets = columns_of(labels)
        n_categories = len(self.categories)
        if self.layout.has_lens:
            documents = category_documents(terms_of(batch), targets, n_categories)
            self.space_ = learn_lens(documents)
            rows = self.layout.weigh(self.space_, documents)
        else:
            self.space_ = learn_space(
                terms_of(batch),
                smallest_count=SMALLEST_COUNT,
                largest_share=LARGEST_SHARE,
                at_most=AT_MOST_TERMS,
            )
            rows = self.layout.weigh(self.space_, terms_of(batch))
        on_progress(1, 3)
        # NMF takes the root of an error that is -1e-17 where it is none.
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            # Topics that still move in the fourth digit are topics.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.topics_ = self.layout.estimator(
                n_categories,
                max_iter=self.settings.epochs or self.layout.turns,
                random_state=self.settings.seed,
            ).fit(rows)
        on_progress(2, 3)
        self.shares_ = category_shares(self.embed(batch), targets, n_categories)
        on_progress(3, 3)
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return the shares of the categories in a product's topics, mixed as the topics are."""
        return np.asarray(self.embed(batch) @ self.shares_)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return how far each product is about each topic; rows sum to 1."""
        return in_chunks(self._memberships, batch)

    def clusters(self, batch: ProductBatch) -> IntArray:
        """Return the topic that each product is most about."""
        return np.asarray(self.embed(batch).argmax(axis=1), dtype=np.int64)

    def topic_words(self, n_words: int) -> list[list[str]]:
        """Return the heaviest terms of each topic, the heaviest first."""
        heaviest = np.argsort(-self.topics_.components_, axis=1, kind="stable")[:, :n_words]
        return [[self.space_.terms[column] for column in topic] for topic in heaviest.tolist()]

    def _memberships(self, batch: ProductBatch) -> FloatArray:
        rows = self.layout.weigh(self.space_, terms_of(batch))
        if not len(batch):
            return np.zeros((0, len(self.categories)))
        if isinstance(self.topics_, NMF):
            return mixtures(rows, self.topics_.components_)
        return np.asarray(self.topics_.transform(rows), dtype=np.float64)

    def count_parameters(self) -> ParameterCount:
        """Count the weight of each term in each topic, and of each category in it."""
        return ParameterCount(self.topics_.components_.size + self.shares_.size)

    def save(self, directory: Path) -> None:
        """Write the terms, the topics, the shares of categories and the manifest."""
        write_artifact(
            directory,
            pipeline=self.layout.name,
            settings={"seed": self.settings.seed, "epochs": self.settings.epochs},
            categories=self.categories,
            details={},
            writers={
                TERMS: lambda path: path.write_text(self.space_.as_json(), encoding="utf-8"),
                TOPICS: partial(save_estimator, estimator=self.topics_),
                SHARES: lambda path: np.save(path, self.shares_, allow_pickle=False),
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.space_ = TermSpace.from_json((directory / TERMS).read_text(encoding="utf-8"))
        self.topics_ = load_estimator(directory / TOPICS, self.layout.estimator)
        self.shares_ = np.load(directory / SHARES)
        return self


def mixtures(rows: csr_array, topics: FloatArray) -> FloatArray:
    """Return the mixture of topics that comes nearest to each row, by least squares.

    scikit-learn's own stops by an error summed over all rows, so that what it answers for one
    product hangs on those beside it; here each is solved alone, and to the end.

    Parameters
    ----------
    rows : sparse array of shape (n_products, n_terms)
    topics : ndarray of shape (n_topics, n_terms)
        Not negative.

    Returns
    -------
    ndarray of shape (n_products, n_topics)
        Not negative, rows sum to 1; the same everywhere where a row is about no topic.

    References
    ----------
    Lawson, Hanson (1974), Solving Least Squares Problems, chapter 23.
    """
    n_topics = len(topics)
    gram = topics @ topics.T
    ridge = RIDGE * max(float(np.trace(gram)) / n_topics, 1.0)
    root = cholesky(gram + ridge * np.eye(n_topics))
    wanted = solve_triangular(root, topics @ rows.T, trans="T")
    weights = np.array([nnls(root, column)[0] for column in wanted.T]).reshape(-1, n_topics)
    totals = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1 / n_topics)
    return np.asarray(np.divide(weights, totals, out=even, where=totals > 0))


LDA_LENS = Layout(
    name="lda",
    has_lens=True,
    weigh=TermSpace.weigh,
    estimator=LatentDirichletAllocation,
    turns=LDA_TURNS,
)
NMF_LENS = Layout(name="nmf", has_lens=True, weigh=TermSpace.weigh, estimator=NMF, turns=NMF_TURNS)
# LDA is a model of counted words: without the lens, counts serve it better than weights.
LDA_UNSUPERVISED = replace(LDA_LENS, name="lda_unsupervised", has_lens=False, weigh=TermSpace.count)
NMF_UNSUPERVISED = replace(NMF_LENS, name="nmf_unsupervised", has_lens=False)


def build_lda(settings: PipelineSettings) -> Topics:
    """Make the study's LDA, whose topics are fitted on the categories' documents."""
    return Topics(settings, LDA_LENS)


def build_nmf(settings: PipelineSettings) -> Topics:
    """Make the study's NMF, whose topics are fitted on the categories' documents."""
    return Topics(settings, NMF_LENS)


def build_lda_unsupervised(settings: PipelineSettings) -> Topics:
    """Make LDA on products: no label shapes a topic."""
    return Topics(settings, LDA_UNSUPERVISED)


def build_nmf_unsupervised(settings: PipelineSettings) -> Topics:
    """Make NMF on products: no label shapes a topic."""
    return Topics(settings, NMF_UNSUPERVISED)
