"""Image systems of the study, taken literally, beside ours: the same work in one process.

python -m bench.study_images products.csv --images DIR --weights FILE [--backbone NAME]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from ml.compiled_training import CompiledTraining
from ml.contract import IntArray, PipelineSettings, ProductBatch, ignore_progress
from ml.images.backbone import BATCH as HEAD_BATCH
from ml.images.backbone import build_head, learning_rate_of, unit_length
from ml.images.features import BackboneFeatures
from ml.images.key_points import KeyPointDescriptors
from ml.images.loading import load_letterboxed
from ml.images.weights import find_file, load_backbone, preprocess
from ml.metrics import accuracy, ari_of_clusters
from ml.study.table_files import read_products
from ml.training import columns_of
from webapp.processes import quieten_tensorflow

ENLARGED_PX = 1_500  # the longer side of most originals of the study's sample
N_WORDS = 140
N_FOLDS = 5
VISUAL_WORD_SEEDS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class WayToSee:
    """What one way to compute SIFT features cost and what they are worth.

    Parameters
    ----------
    wall_s, processor_s
        For ``n_images`` images, decoding included.
    accuracy
        Of logistic regression on the histograms, 5 folds; mean over the seeds of the words.
    ari
        Of k-means groups of all histograms; mean over the same seeds.
    """

    name: str
    n_images: int
    wall_s: float
    processor_s: float
    accuracy: float
    ari: float


@dataclass(frozen=True, slots=True)
class HeadEpochs:
    """One epoch of the softmax layer, on kept features and through the backbone, in wall time."""

    backbone: str
    n_images: int
    through_backbone_s: float
    on_features_s: float

    @property
    def ratio(self) -> float:
        """Return how many times dearer the epoch through the backbone is."""
        return self.through_backbone_s / self.on_features_s


def compare_sift(batch: ProductBatch, labels: IntArray, scratch: Path) -> tuple[WayToSee, ...]:
    """Measure the literal way and ours, on the images as they are and enlarged.

    The originals are not at hand: the images are enlarged to 1,500 px and written as JPEG first.
    """
    large = enlarge(batch, scratch / "enlarged")
    return tuple(
        measure_sift(name, one, labels, way)
        for one, size in ((batch, "as they are"), (large, f"enlarged to {ENLARGED_PX} px"))
        for name, way in ((f"literal, {size}", literal_sift), (f"ours, {size}", our_sift))
    )


def literal_sift(batch: ProductBatch) -> list[NDArray[np.float32]]:
    """Describe each image at its full size, one after another, as the study does."""
    sift = cv2.SIFT_create(500)  # type: ignore[attr-defined]  # OpenCV's stubs lack it
    described = []
    for path in batch.image_paths:
        _, found = sift.detectAndCompute(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), None)
        described.append(np.zeros((0, 128), np.float32) if found is None else found)
    return described


def our_sift(batch: ProductBatch) -> list[NDArray[np.float32]]:
    """Describe each image as ``visual_words`` does, with nothing kept from before."""
    rows, _ = KeyPointDescriptors(PipelineSettings()).of(batch, ignore_progress)
    return [row[row.any(axis=1)].astype(np.float32) for row in rows]


def measure_sift(
    name: str,
    batch: ProductBatch,
    labels: IntArray,
    way: Callable[[ProductBatch], list[NDArray[np.float32]]],
) -> WayToSee:
    wall, processor = time.perf_counter(), time.process_time()
    described = way(batch)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    worth = [worth_of(described, labels, seed) for seed in VISUAL_WORD_SEEDS]
    right, ari = np.mean(worth, axis=0)
    return WayToSee(name, len(batch), wall, processor, float(right), float(ari))


def worth_of(
    described: list[NDArray[np.float32]], labels: IntArray, seed: int
) -> tuple[float, float]:
    """Return the accuracy of a linear classifier and the ARI of groups, on the study's words.

    The words, histograms and classifier are the same for both ways: only the features differ.
    """
    with threadpool_limits(1):
        points = np.concatenate(described)
        words = MiniBatchKMeans(
            N_WORDS, batch_size=20_000, n_init=1, max_iter=20, random_state=seed
        ).fit(points)
        owners = np.repeat(np.arange(len(described)), [len(one) for one in described])
        counts = np.zeros((len(described), N_WORDS))
        np.add.at(counts, (owners, words.predict(points)), 1)
        rows = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
        classifier = LogisticRegression(C=5, max_iter=1_000)
        predicted = cross_val_predict(classifier, rows, labels, cv=folds)
        reduced = PCA(0.99, random_state=seed).fit_transform(rows)
        groups = KMeans(len(np.unique(labels)), n_init=10, random_state=seed).fit_predict(reduced)
    return float(accuracy(labels, predicted) or 0), float(ari_of_clusters(labels, groups) or 0)


def enlarge(batch: ProductBatch, folder: Path) -> ProductBatch:
    """Write each image with a longer side of 1,500 px."""
    folder.mkdir(parents=True)
    paths = []
    for number, path in enumerate(batch.image_paths):
        pixels = np.asarray(cv2.imread(str(path)))
        scale = ENLARGED_PX / max(pixels.shape[:2])
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        paths.append(folder / f"{number}.jpg")
        cv2.imwrite(str(paths[-1]), large)
    return replace(batch, image_paths=tuple(paths))


def compare_epochs(batch: ProductBatch, labels: IntArray, settings: PipelineSettings) -> HeadEpochs:
    """Measure one epoch of the head with the backbone in it, and one on kept features."""
    categories, targets = columns_of(labels)
    source = BackboneFeatures(settings)
    features, _ = source.of(batch, ignore_progress)
    head = build_head(source.n_features, len(categories))
    learning_rate = learning_rate_of(source.recipe.pooling)
    training = CompiledTraining(
        head, [unit_length(features)], targets, learning_rate, HEAD_BATCH, label_smoothing=0.0
    )
    order = np.random.default_rng(settings.seed).permutation(len(batch))
    training.run_epoch(order)  # traced once
    on_features_s = seconds_of(partial(training.run_epoch, order), n_times=5)
    backbone = load_backbone(source.recipe, find_file(settings))
    through = partial(
        epoch_through_backbone, backbone, source, batch, targets, order, len(categories)
    )
    return HeadEpochs(source.recipe.backbone, len(batch), seconds_of(through), on_features_s)


def epoch_through_backbone(
    backbone: keras.Model,
    source: BackboneFeatures,
    batch: ProductBatch,
    targets: IntArray,
    order: IntArray,
    n_categories: int,
) -> None:
    """Decode each batch, run it through the frozen backbone, and train the head on the answer."""
    head = build_head(source.n_features, n_categories)
    head.compile(
        keras.optimizers.Adam(learning_rate_of(source.recipe.pooling)),
        "sparse_categorical_crossentropy",
    )
    for start in range(0, len(order), HEAD_BATCH):
        rows = order[start : start + HEAD_BATCH]
        pixels = [
            load_letterboxed(path, *source.recipe.image_size_px)
            for path in batch.take(rows).image_paths
            if path is not None
        ]
        seen = backbone.predict_on_batch(preprocess(source.recipe.backbone, np.stack(pixels)))
        head.train_on_batch(unit_length(np.asarray(seen, dtype=np.float32)), targets[rows])


def seconds_of(run: Callable[[], object], n_times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(n_times):
        run()
    return (time.perf_counter() - start) / n_times


def print_sift(ways: Sequence[WayToSee]) -> None:
    print("SIFT                          images  wall s  processor s  accuracy  ARI of clusters")
    for way in ways:
        print(
            f"{way.name:<29} {way.n_images:>6}  {way.wall_s:>6.1f}  {way.processor_s:>11.1f}"
            f"  {way.accuracy:>8.3f}  {way.ari:>15.3f}"
        )
    for literal, ours in zip(ways[::2], ways[1::2], strict=True):
        print(
            f"{literal.name}, to ours: {literal.wall_s / ours.wall_s:.1f} times the wall time, "
            f"{literal.processor_s / ours.processor_s:.1f} times the processor time"
        )


def print_epochs(epochs: HeadEpochs) -> None:
    print(
        f"one epoch of the softmax layer on {epochs.backbone}, {epochs.n_images} images: "
        f"{epochs.through_backbone_s:.2f} s through the backbone, "
        f"{epochs.on_features_s:.4f} s on kept features: {epochs.ratio:.0f} times"
    )


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("products", type=Path, help="CSV with the Flipkart sample's columns")
    parser.add_argument("--images", type=Path, required=True, help="folder of the images")
    parser.add_argument("--weights", type=Path, required=True, help="of the backbone")
    parser.add_argument("--backbone", default="MobileNetV2")
    parser.add_argument("--at-most", type=int, help="images; all by default")
    arguments = parser.parse_args(words)
    quieten_tensorflow()
    products = read_products(arguments.products, arguments.images)
    rows = np.flatnonzero(products.batch.has_image())
    rows = np.random.default_rng(0).permutation(rows)[: arguments.at_most]
    batch, labels = products.batch.take(rows), products.labels[rows]
    with tempfile.TemporaryDirectory() as scratch:
        print_sift(compare_sift(batch, labels, Path(scratch)))
        settings = PipelineSettings(
            backbone=arguments.backbone,
            weights=arguments.weights,
            feature_dir=Path(scratch) / "features",
        )
        print_epochs(compare_epochs(batch, labels, settings))


if __name__ == "__main__":
    main()
