"""The study as it defines its systems, beside ours, one after the other in one process.

    python -m bench.study products.csv --images DIR --weights FILE [--backbone NAME] [--only A,B]

Products without an image are left out, so that all systems share one random split, as in the study.
SIFT runs on images enlarged to the size that the originals have, as those are not at hand.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench import study_images, study_literal
from ml.contract import FloatArray, IntArray, PipelineSettings, ProductBatch, ignore_progress
from ml.images import visual_word_groups
from ml.metrics import accuracy, ari_of_clusters, ari_of_predictions
from ml.pipelines import build
from ml.study.protocols import readable, stratified_split
from ml.study.table_files import read_products
from ml.text.cleaning import stems
from webapp.processes import quieten_tensorflow

SEED = 0
T = TypeVar("T")


WAYS = {
    "embedding_net_flatten": study_literal.simple_rnn,
    "bilstm": study_literal.bidirectional_rnn,
    "cnn_plain": study_literal.cnn,
    "cnn_augmented": study_literal.cnn_augmented,
    "backbone_flatten": study_literal.transfer,
}
SYSTEMS = (*WAYS, "visual_words")


@dataclass(frozen=True, slots=True)
class Measured:
    """One way to run a system: wall time in seconds, and how good it is."""

    seconds: float
    ari: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A system as the study defines it, and as it is here."""

    system: str
    literal: Measured
    ours: Measured

    @property
    def ratio(self) -> float:
        """How many times less time ours takes."""
        return self.literal.seconds / self.ours.seconds


def compare(
    batch: ProductBatch,
    enlarged: ProductBatch,
    columns: IntArray,
    settings: PipelineSettings,
    only: Sequence[str],
) -> Iterator[Pair]:
    """Run systems of the study both ways; no store holds anything of ours before."""
    batch = readable(batch, "study")
    split = stratified_split(columns, seed=SEED)
    rows = (split.train, split.test)
    n_categories = len(np.unique(columns))
    for description in batch.descriptions:
        stems(description)  # the process remembers stems: whoever came second would be faster

    def predictions(answer: Callable[[], FloatArray]) -> Measured:
        seconds, probabilities = clocked(answer)
        true, predicted = columns[split.test], probabilities.argmax(axis=1)
        return Measured(
            seconds, ari_of_predictions(true, predicted) or 0.0, accuracy(true, predicted)
        )

    def groups(answer: Callable[[], IntArray]) -> Measured:
        seconds, clusters = clocked(answer)
        return Measured(seconds, ari_of_clusters(columns, clusters) or 0.0, None)

    def ours(name: str) -> FloatArray:
        pipeline = build(name, settings).fit(
            batch.take(split.train), columns[split.train], ignore_progress
        )
        return pipeline.predict_proba(batch.take(split.test))

    def our_groups() -> IntArray:
        pipeline = visual_word_groups.build(settings).fit(enlarged, columns, ignore_progress)
        return pipeline.clusters(enlarged)

    for name in only:
        if name == "visual_words":
            literally = groups(partial(study_literal.visual_words, enlarged, n_categories))
            yield Pair(name, literally, ours=groups(our_groups))
        else:
            way = WAYS[name]
            literally = predictions(partial(way, settings, batch, columns, *rows))
            yield Pair(name, literally, ours=predictions(partial(ours, name)))


def clocked(answer: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    answered = answer()
    return time.perf_counter() - start, answered


def describe(pair: Pair) -> str:
    def shown(way: Measured) -> str:
        right = "       -" if way.accuracy is None else f"{way.accuracy:8.3f}"
        return f"{way.seconds:8.1f} s  {way.ari:6.3f}{right}"

    return f"{pair.system:<22}{shown(pair.literal)}    {shown(pair.ours)}    {pair.ratio:6.1f}"


def describe_whole(pairs: Sequence[Pair]) -> str:
    literal = sum(pair.literal.seconds for pair in pairs)
    ours = sum(pair.ours.seconds for pair in pairs)
    return f"whole study: {literal:.0f} s literally, {ours:.0f} s ours: {literal / ours:.1f} times"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("products", type=Path, help="CSV with the Flipkart sample's columns")
    parser.add_argument("--images", type=Path, required=True, help="folder of the images")
    parser.add_argument("--weights", type=Path, required=True, help="of the backbone")
    parser.add_argument("--backbone", default="MobileNetV2")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(SYSTEMS))
    arguments = parser.parse_args(words)
    quieten_tensorflow()
    products = read_products(arguments.products, arguments.images)
    with_image = np.flatnonzero(products.batch.has_image())
    batch, labels = products.batch.take(with_image), products.labels[with_image]
    with tempfile.TemporaryDirectory() as scratch:
        settings = PipelineSettings(
            seed=SEED,
            backbone=arguments.backbone,
            weights=arguments.weights,
            feature_dir=Path(scratch) / "features",
        )
        study_images.print_sift(study_images.compare_sift(batch, labels, Path(scratch)))
        kept_apart = replace(settings, feature_dir=Path(scratch) / "features of an epoch")
        study_images.print_epochs(study_images.compare_epochs(batch, labels, kept_apart))
        print("\nsystem                 literally: s     ARI accuracy    ours: s     ARI accuracy")
        enlarged = study_images.enlarge(batch, Path(scratch) / "enlarged for all")
        pairs = []
        for pair in compare(batch, enlarged, labels, settings, arguments.only):
            print(describe(pair), flush=True)
            pairs.append(pair)
        print(describe_whole(pairs))


if __name__ == "__main__":
    main()
