"""Time the bidirectional RNN as the study defines it, and as it is here, on the same split.

    python -m bench.study_bilstm products.csv --images DIR [--seed 0] [--quick]

Reads the columns of the Flipkart sample, and of the products their descriptions alone. The study
pads every text to the longest and trains for 20 epochs; here padding is masked, batches are as
long as their longest text, and training stops once a held-out tenth gains nothing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ml.contract import FloatArray, IntArray, PipelineSettings, ProductBatch, ignore_progress
from ml.metrics import accuracy, ari_of_predictions
from ml.study.table_files import read_products
from webapp.processes import quieten_tensorflow

STUDY_EPOCHS = 20
QUICK_EPOCHS = 4
TEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Run:
    """One system, trained and scored: seconds of wall time and of processor, and how good."""

    seconds: float
    cpu_seconds: float
    epochs: int
    accuracy: float
    ari: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The study's definition and ours on the same products."""

    literal: Run
    ours: Run

    @property
    def ratio(self) -> float:
        """How many times less wall time ours takes."""
        return self.literal.seconds / self.ours.seconds

    @property
    def cpu_ratio(self) -> float:
        """How many times less processor time ours takes: steadier where others compute too."""
        return self.literal.cpu_seconds / self.ours.cpu_seconds


def measure(
    batch: ProductBatch,
    labels: IntArray,
    train_rows: IntArray,
    test_rows: IntArray,
    seed: int,
    *,
    epochs: int = STUDY_EPOCHS,
) -> Comparison:
    """Train and score both, one after the other, in this process.

    Parameters
    ----------
    epochs
        All of them for the study's definition, at most so many for ours.
    """
    from ml.pipelines import build
    from ml.text.network import words
    from ml.training import columns_of

    _, columns = columns_of(labels)
    descriptions = replace(batch, names=("",) * len(batch), specifications=("",) * len(batch))
    words(descriptions)  # the process remembers stems: whoever comes second would be faster
    train, test = descriptions.take(train_rows), descriptions.take(test_rows)

    def ours() -> tuple[FloatArray, int]:
        pipeline = build("bilstm", PipelineSettings(seed=seed, epochs=epochs))
        pipeline.fit(train, columns[train_rows], ignore_progress)
        return pipeline.predict_proba(test), len(pipeline.curve_)

    def literal() -> tuple[FloatArray, int]:
        return fit_literally(train, columns[train_rows], test, epochs, seed), epochs

    return Comparison(
        literal=timed(literal, columns[test_rows]), ours=timed(ours, columns[test_rows])
    )


def timed(answer: Callable[[], tuple[FloatArray, int]], columns: IntArray) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    probabilities, epochs = answer()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    predicted = probabilities.argmax(axis=1)
    return Run(
        wall, cpu, epochs, accuracy(columns, predicted), ari_of_predictions(columns, predicted)
    )


def fit_literally(
    train: ProductBatch, columns: IntArray, test: ProductBatch, epochs: int, seed: int
) -> FloatArray:
    """Return the probabilities of ``test`` from the network as the study wrote it."""
    import keras

    from ml.text.bilstm import N_UNITS
    from ml.text.network import AT_MOST_TERMS, N_DIMENSIONS, words
    from ml.text.vocabulary import learn_vocabulary, sequences

    texts = words(train)
    vocabulary = learn_vocabulary(texts, at_most=AT_MOST_TERMS)
    longest = max(len(text) for text in texts)
    keras.utils.set_random_seed(seed)
    network = keras.Sequential(
        [
            keras.layers.Embedding(vocabulary.n_ids, N_DIMENSIONS),
            keras.layers.Bidirectional(keras.layers.LSTM(N_UNITS)),
            keras.layers.Dense(int(columns.max()) + 1, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(sequences(texts, vocabulary, longest), columns, epochs=epochs, verbose=0)
    answers = network.predict(sequences(words(test), vocabulary, longest), verbose=0)
    return np.asarray(answers, dtype=np.float64)


def describe(comparison: Comparison) -> str:
    lines = [
        f"{name:<24}{run.seconds:7.1f} s  {run.cpu_seconds:7.1f} s processor  "
        f"{run.epochs:2} epochs  accuracy {run.accuracy:.3f}  ARI {run.ari:.3f}"
        for name, run in (
            ("padded, every epoch", comparison.literal),
            ("by length, early stop", comparison.ours),
        )
    ]
    return "\n".join(
        [
            *lines,
            f"{comparison.ratio:.1f} times faster, {comparison.cpu_ratio:.1f} times less work",
        ]
    )


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("products", type=Path, help="CSV with the Flipkart sample's columns")
    parser.add_argument("--images", type=Path, required=True, help="folder of the images")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_EPOCHS} epochs of both")
    arguments = parser.parse_args(words)
    quieten_tensorflow()
    from sklearn.model_selection import train_test_split

    products = read_products(arguments.products, arguments.images)
    labels = products.labels
    train_rows, test_rows = train_test_split(
        np.arange(len(labels)), test_size=TEST_SHARE, stratify=labels, random_state=arguments.seed
    )
    epochs = QUICK_EPOCHS if arguments.quick else STUDY_EPOCHS
    comparison = measure(
        products.batch, labels, train_rows, test_rows, arguments.seed, epochs=epochs
    )
    print(describe(comparison))


if __name__ == "__main__":
    main()
