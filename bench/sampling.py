"""What it costs to order a queue: every sampler on a million products, and scikit-activeml's.

    python -m bench.sampling [--products N] [--categories K ...] [--only A,B]

Side by side stand batches of ``N_BATCH`` out of ``N_BESIDE`` products, scored by one classifier, by
turns on one thread: a ratio of processor times means something where the times themselves do not.
A complete order of the whole catalogue follows for ours alone, as scikit-activeml keeps one row of
scores for each product asked.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import numpy as np
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import Badge, RandomSampling, TypiClust, UncertaintySampling
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ml.contract import FloatArray, IntArray
from ml.sampling.pool import UNKNOWN, Pool
from ml.sampling.table import SAMPLERS, resolve

N_FEATURES = 300
N_BESIDE = 20_000
N_BATCH = 100
LABELS_PER_CATEGORY = 5
MAX_GRADIENTS_GB = 2.0
N_TURNS = 3
CHUNK_ROWS = 20_000
MAX_SECONDS = 60.0


def synthetic(n_products: int, n_categories: int, rng: np.random.Generator) -> Pool:
    """Make products around one centre a category, each with the posterior of its place."""
    centres = rng.standard_normal((n_categories, N_FEATURES), dtype=np.float32) / 10.0
    categories = rng.integers(n_categories, size=n_products)
    features = np.empty((n_products, N_FEATURES), dtype=np.float32)
    probabilities = np.empty((n_products, n_categories), dtype=np.float32)
    for start in range(0, n_products, CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        chunk = rng.standard_normal((len(categories[rows]), N_FEATURES), dtype=np.float32) / 10.0
        chunk += centres[categories[rows]]
        chunk /= np.linalg.norm(chunk, axis=1, keepdims=True)
        logits = 4.0 * chunk @ centres.T
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        features[rows] = chunk
        probabilities[rows] = exponentials / exponentials.sum(axis=1, keepdims=True)
    labels = np.full(n_products, UNKNOWN)
    labelled = rng.choice(n_products, LABELS_PER_CATEGORY * n_categories, replace=False)
    labels[labelled] = categories[labelled]
    return Pool(
        is_open=labels == UNKNOWN,
        n_categories=n_categories,
        labels=labels,
        sources=np.where(rng.random(n_products) < 0.9, categories, 0),
        groups=rng.integers(int(0.8 * n_products), size=n_products),
        features=features,
        probabilities=probabilities,
        text=probabilities,
        image=probabilities[::-1],
    )


def theirs(pool: Pool) -> dict[str, Callable[[], IntArray]]:
    """Return scikit-activeml's way to each batch; its classifier is fitted beforehand."""
    features: FloatArray = np.asarray(pool.features, dtype=np.float64)
    labels = np.where(pool.labels == UNKNOWN, np.nan, pool.labels)
    classifier = SklearnClassifier(
        LogisticRegression(C=20.0, max_iter=200), classes=range(pool.n_categories)
    ).fit(features, labels)

    def uncertain(method: str) -> Callable[[], IntArray]:
        strategy = UncertaintySampling(method=method, random_state=0)
        return lambda: strategy.query(
            features, labels, classifier, fit_clf=False, batch_size=N_BATCH
        )

    ways: dict[str, Callable[[], IntArray]] = {
        "random": lambda: RandomSampling(random_state=0).query(
            features, labels, batch_size=N_BATCH
        ),
        "least_confidence": uncertain("least_confident"),
        "margin": uncertain("margin_sampling"),
        "entropy": uncertain("entropy"),
        "typical": lambda: TypiClust(random_state=0).query(features, labels, batch_size=N_BATCH),
    }
    gradients_gb = 8 * features.size * pool.n_categories / 1e9
    if gradients_gb > MAX_GRADIENTS_GB:
        print(f"left out: BADGE of scikit-activeml would hold gradients of {gradients_gb:.0f} GB")
        return ways
    return ways | {
        "badge": lambda: Badge(random_state=0).query(
            features, labels, classifier, fit_clf=False, batch_size=N_BATCH
        )
    }


def processor_time(answer: Callable[[], object]) -> float:
    start = time.process_time()
    answer()
    return time.process_time() - start


def order(pool: Pool, name: str, n: int) -> IntArray:
    return resolve(name)(pool, n, np.random.default_rng(0))


def compare(pool: Pool, names: Sequence[str]) -> None:
    print(f"\na batch of {N_BATCH} of {len(pool):,} products, {pool.n_categories} categories")
    print(f"{'sampler':<18}{'scikit-activeml: CPU-s':>24}{'ours: CPU-s':>13}{'ratio':>9}")
    for name, ask in theirs(pool).items():
        if name not in names:
            continue
        mine = partial(order, pool, name, N_BATCH)
        with threadpool_limits(1):
            pairs = [(processor_time(ask), processor_time(mine)) for _ in range(N_TURNS)]
        other, ours = (median(times) for times in zip(*pairs, strict=True))
        ratio = median(other / ours for other, ours in pairs)
        print(f"{name:<18}{other:>24.3f}{ours:>13.3f}{ratio:>9.1f}", flush=True)


def order_whole(pool: Pool, names: Sequence[str]) -> None:
    print(f"\na complete order of {len(pool):,} products, {pool.n_categories} categories")
    print(f"{'sampler':<18}{'s':>8}{'CPU-s':>8}{'GB beside the pool':>20}")
    tracemalloc.start()
    for name in names:
        tracemalloc.reset_peak()
        held, start = tracemalloc.get_traced_memory()[0], time.perf_counter()
        processor = processor_time(partial(order, pool, name, len(pool)))
        seconds = time.perf_counter() - start
        peak_gb = (tracemalloc.get_traced_memory()[1] - held) / 1e9
        late = "" if seconds < MAX_SECONDS else f"  over {MAX_SECONDS:.0f} s"
        print(f"{name:<18}{seconds:>8.1f}{processor:>8.1f}{peak_gb:>20.2f}{late}", flush=True)
    tracemalloc.stop()


def main(words: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--categories", type=int, nargs="+", default=[7, 300])
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(SAMPLERS))
    arguments = parser.parse_args(words)
    for n_categories in arguments.categories:
        rng = np.random.default_rng(0)
        compare(synthetic(N_BESIDE, n_categories, rng), arguments.only)
        order_whole(synthetic(arguments.products, n_categories, rng), arguments.only)


if __name__ == "__main__":
    main(sys.argv[1:])
