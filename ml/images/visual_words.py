"""Photos as bags of visual words: SIFT descriptors, a vocabulary learned by k-means, histograms.

Csurka, Dance, Fan, Willamowski, Bray (2004), Visual Categorization with Bags of Keypoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from ml.contract import BoolArray, OnProgress, ProductBatch, ignore_progress
from ml.errors import ArtifactError
from ml.images.key_points import N_DIMENSIONS, KeyPointDescriptors

N_WORDS = 140  # the study's
BATCH = 20_000  # descriptors, the study's
# A sample bounds memory, 30 MB of floats however large the catalogue: all 290,000 descriptors of
# the study's sample gave words as good as 60,000 of them, in four times the time.
AT_MOST_DESCRIPTORS = 60_000
AT_MOST_IMAGES = 1_000
AT_MOST_TURNS = 20  # over the descriptors
PATIENCE = 5  # batches without a gain
CHUNK = 128  # products at a time: 8 MB of descriptors, 34 MB of distances to the words
# In soft assignment the weight of a word falls to 0.6 at this distance; descriptors are 512 long.
SOFTNESS = 100.0
N_SHARING = 4  # words

WORDS = "words.npy"

Words = NDArray[np.float32]
"""Shape ``(n_words, 128)``: the descriptor in the middle of each word."""


def learn_words(
    source: KeyPointDescriptors, batch: ProductBatch, seed: int, on_progress: OnProgress
) -> Words:
    """Learn a vocabulary from a sample of the key points in the images of ``batch``.

    Returns
    -------
    ndarray of shape (n_words, 128)
        140 words, or fewer where there are fewer key points; one of zeros where there is none.
    """
    source.compute(batch, on_progress)
    sample = _sample(source, batch, seed)
    if not len(sample):
        return np.zeros((1, N_DIMENSIONS), dtype=np.float32)
    clustering = MiniBatchKMeans(
        min(N_WORDS, len(sample)),
        batch_size=BATCH,
        max_iter=AT_MOST_TURNS,
        max_no_improvement=PATIENCE,
        n_init=1,
        random_state=seed,
    )
    with threadpool_limits(1):  # 2 s; threads that wait for a busy processor made it 37 s
        clustering.fit(sample)
    return np.asarray(clustering.cluster_centers_, dtype=np.float32)


def histograms(
    source: KeyPointDescriptors,
    batch: ProductBatch,
    words: Words,
    *,
    is_soft: bool,
    on_progress: OnProgress = ignore_progress,
) -> tuple[NDArray[np.float64], BoolArray]:
    """Return how often each word is in each product's image.

    The square root of the shares, so that a frequent word does not drown the others (the Hellinger
    kernel: Vedaldi, Zisserman 2012, Efficient Additive Kernels via Explicit Feature Maps).

    Parameters
    ----------
    is_soft
        Whether a key point counts for its 4 nearest words, by distance, or for the nearest alone
        (Philbin, Chum, Isard, Sivic, Zisserman 2008, Lost in Quantization).

    Returns
    -------
    histograms : ndarray of shape (n_products, n_words)
        Rows of length 1; zeros where no key point is found.
    found : ndarray of shape (n_products,)
        Whether there is one.
    """
    counts = np.zeros((len(batch), len(words)))
    for start, (descriptors, owners) in _parts(source, batch, on_progress):
        if len(owners):
            weights = _word_weights(descriptors, words, is_soft)
            rows, first = np.unique(owners, return_index=True)  # owners rise
            counts[start + rows] = np.add.reduceat(weights, first)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=counts, where=totals > 0)
    return np.sqrt(shares), totals[:, 0] > 0


def save_words(words: Words, path: Path) -> None:
    """Write a vocabulary as an array of numpy's."""
    np.save(path, words, allow_pickle=False)


def load_words(path: Path) -> Words:
    """Read what ``save_words`` wrote.

    Raises
    ------
    ArtifactError
        If the file can't be read, or holds no vocabulary.
    """
    try:
        words = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ArtifactError(f"the words {path} can't be read; train the model again") from error
    if words.ndim != 2 or words.shape[1] != N_DIMENSIONS:
        raise ArtifactError(f"the file {path} holds no visual words; train the model again")
    return np.asarray(words, dtype=np.float32)


def _parts(
    source: KeyPointDescriptors, batch: ProductBatch, on_progress: OnProgress
) -> Iterator[tuple[int, tuple[NDArray[np.float32], NDArray[Any]]]]:
    """Give the key points of some products at a time, and the row of each one's product."""
    for start in range(0, len(batch), CHUNK):
        end = min(start + CHUNK, len(batch))
        descriptors, _ = source.of(batch.take(range(start, end)), ignore_progress)
        there = descriptors.any(axis=2)
        yield start, (descriptors[there].astype(np.float32), np.nonzero(there)[0])
        on_progress(end, len(batch))


def _sample(source: KeyPointDescriptors, batch: ProductBatch, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    with_image = np.flatnonzero(batch.has_image())
    chosen = rng.permutation(with_image)[:AT_MOST_IMAGES]
    quota = AT_MOST_DESCRIPTORS // max(1, len(chosen))
    drawn: list[NDArray[np.float32]] = []
    for _, (descriptors, owners) in _parts(source, batch.take(chosen), ignore_progress):
        for owner in np.unique(owners):
            own = descriptors[owners == owner]
            drawn.append(own[rng.permutation(len(own))[:quota]])
    return np.concatenate(drawn) if drawn else np.zeros((0, N_DIMENSIONS), dtype=np.float32)


def _word_weights(
    descriptors: NDArray[np.float32], words: Words, is_soft: bool
) -> NDArray[np.float32]:
    """Return, shape ``(n_descriptors, n_words)``, how much each descriptor counts for each word."""
    # Squared distances, less the square of the descriptor: the same for all its words.
    distances = (words**2).sum(axis=1) - 2 * descriptors @ words.T
    n_sharing = min(N_SHARING, len(words)) if is_soft else 1
    nearest = np.argpartition(distances, n_sharing - 1, axis=1)[:, :n_sharing]
    near = np.take_along_axis(distances, nearest, axis=1)
    weights = np.exp((near.min(axis=1, keepdims=True) - near) / (2 * SOFTNESS**2))
    weights /= weights.sum(axis=1, keepdims=True)
    spread = np.zeros(distances.shape, dtype=np.float32)
    np.put_along_axis(spread, nearest, weights, axis=1)
    return spread
