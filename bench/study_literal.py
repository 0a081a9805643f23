"""The systems of the study as it defines them, taken literally: nothing kept, nothing stopped.

Each function trains on some rows and returns what the system says of others. What the study leaves
open is Keras's own: batches of 32, and as many epochs as its CNN had.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import PCA

from bench.study_images import literal_sift
from ml.contract import FloatArray, IntArray, PipelineSettings, ProductBatch
from ml.images.weights import find_file, load_backbone, preprocess, recipe_of
from ml.text.cleaning import stems
from ml.text.vocabulary import learn_vocabulary, sequences

EPOCHS = 20
N_DIMENSIONS, N_UNITS = 80, 160
N_WORDS, DESCRIPTORS_AT_ONCE = 140, 20_000
HEIGHT, WIDTH = 145, 160
BACKBONE_PX = 224

Rows = IntArray
Layer = Any  # Keras has no types


def simple_rnn(
    settings: PipelineSettings, batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    """Train Embedding, Flatten, Dense."""
    return _of_text([keras.layers.Flatten()], batch, columns, train, test)


def bidirectional_rnn(
    settings: PipelineSettings, batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    """Train Embedding, a bidirectional LSTM that reads the padding too, Dense."""
    lstm = keras.layers.Bidirectional(keras.layers.LSTM(N_UNITS))
    return _of_text([lstm], batch, columns, train, test)


def _of_text(
    middle: list[Layer], batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    texts = [stems(text) for text in batch.descriptions]
    vocabulary = learn_vocabulary([texts[row] for row in train], at_most=10**9)
    longest = max(len(texts[row]) for row in train)
    ids = sequences(texts, vocabulary, longest)
    network = _compiled(
        [
            keras.Input((longest,), dtype="int32"),
            keras.layers.Embedding(vocabulary.n_ids, N_DIMENSIONS),
            *middle,
        ],
        columns,
    )
    network.fit(ids[train], columns[train], epochs=EPOCHS, verbose=0)
    return np.asarray(network.predict(ids[test], verbose=0))


def visual_words(batch: ProductBatch, n_categories: int) -> IntArray:
    """Group images: SIFT at full size, words, a histogram an image, PCA, k-means."""
    described = literal_sift(batch)
    words = MiniBatchKMeans(N_WORDS, batch_size=DESCRIPTORS_AT_ONCE, n_init=3, random_state=0).fit(
        np.concatenate(described)
    )
    histograms = np.zeros((len(described), N_WORDS))
    for row, points in enumerate(described):
        if len(points):
            counts = np.bincount(words.predict(points), minlength=N_WORDS)
            histograms[row] = counts / len(points)
    reduced = PCA(0.99, random_state=0).fit_transform(histograms)
    return np.asarray(KMeans(n_categories, n_init=10, random_state=0).fit_predict(reduced))


def cnn(
    settings: PipelineSettings, batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    """Train three convolutions from scratch."""
    return _convolutional([], [], batch, columns, train, test)


def cnn_augmented(
    settings: PipelineSettings, batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    """Train the same behind Keras's layers of augmentation, with dropout."""
    layers = keras.layers
    changes = [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
    ]
    return _convolutional(changes, [layers.Dropout(0.5)], batch, columns, train, test)


def _convolutional(
    before: list[Layer],
    dropout: list[Layer],
    batch: ProductBatch,
    columns: IntArray,
    train: Rows,
    test: Rows,
) -> FloatArray:
    layers = keras.layers
    convolution = partial(layers.Conv2D, kernel_size=3, activation="relu")
    network = _compiled(
        [
            keras.Input((HEIGHT, WIDTH, 3)),
            *before,
            layers.Rescaling(1 / 255),
            convolution(16, padding="same"),
            layers.AveragePooling2D(2),
            convolution(32, padding="same"),
            layers.AveragePooling2D(2),
            convolution(64),
            layers.AveragePooling2D(2),
            *dropout,
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
        ],
        columns,
    )
    pixels = _squashed(batch, HEIGHT, WIDTH)
    network.fit(pixels[train], columns[train], epochs=EPOCHS, verbose=0)
    return np.asarray(network.predict(pixels[test], verbose=0))


def transfer(
    settings: PipelineSettings, batch: ProductBatch, columns: IntArray, train: Rows, test: Rows
) -> FloatArray:
    """Train Dense on a frozen backbone, flattened: every image in every epoch."""
    recipe = recipe_of(replace(settings, pooling="flatten", precision="float32"))
    backbone = load_backbone(recipe, find_file(settings))
    network = _compiled(
        [keras.Input((BACKBONE_PX, BACKBONE_PX, 3)), backbone],
        columns,
    )
    pixels = preprocess(recipe.backbone, _squashed(batch, BACKBONE_PX, BACKBONE_PX))
    network.fit(pixels[train], columns[train], epochs=EPOCHS, verbose=0)
    return np.asarray(network.predict(pixels[test], verbose=0))


def _compiled(layers: list[Layer], columns: IntArray) -> keras.Model:
    keras.utils.set_random_seed(0)
    head = keras.layers.Dense(int(columns.max()) + 1, activation="softmax")
    network = keras.Sequential([*layers, head])
    network.compile("adam", "sparse_categorical_crossentropy")
    return network


def _squashed(batch: ProductBatch, height: int, width: int) -> NDArray[np.float32]:
    """Decode each image whole and squash it; ``batch`` holds products with an image alone."""
    return np.stack(
        [
            cv2.resize(np.asarray(cv2.imread(str(path)))[:, :, ::-1], (width, height))
            for path in batch.image_paths
        ]
    ).astype(np.float32)
