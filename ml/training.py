"""The one training loop of the networks: seed, epochs, progress, early stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ml.contract import IntArray, OnProgress
from ml.errors import ArtifactError, NotEnoughDataError

PREDICT_BATCH = 512
# A loss that improves by less than this over the patience is called settled.
SMALLEST_GAIN = 1e-3

FEWEST_STEPS = 200  # below, Adam has not arrived, however few the products

Inputs = Sequence[NDArray[Any]]


class _Progress(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """Reports each epoch; what ``on_progress`` raises ends the training."""

    def __init__(self, on_progress: OnProgress, epochs: int) -> None:
        super().__init__()
        self._on_progress = on_progress
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._on_progress(epoch + 1, self._epochs)


def train(
    build: Callable[[], keras.Model],
    inputs: Inputs,
    targets: IntArray,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    seed: int,
    on_progress: OnProgress,
    label_smoothing: float = 0.0,
    patience: int | None = None,
) -> keras.Model:
    """Build a network with a softmax at its end and train it with Adam on cross-entropy.

    Parameters
    ----------
    build
        Called once the seed is set, so that the first weights follow from it.
    inputs
        One array for each input of the network, ``(n_products, ...)``.
    targets : ndarray of shape (n_products,)
        Column of the right category, from 0.
    label_smoothing
        Share of the target that is spread over all categories, 0 to 1.
    patience
        Stop after so many epochs without a lower training loss, and keep the best weights; None
        trains all epochs. The training loss serves, as a hold-out of the few labels of a young
        catalogue would cost more than it tells.

    Returns
    -------
    keras.Model
        Trained. The same arguments on the same machine give the same weights.
    """
    keras.utils.set_random_seed(seed)
    network = build()
    n_categories = int(network.output_shape[-1])
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=_loss(label_smoothing),
        # One call into TensorFlow for a whole epoch of a small data set.
        steps_per_execution=max(1, min(32, len(targets) // batch_size)),
    )
    callbacks: list[keras.callbacks.Callback] = [_Progress(on_progress, epochs)]
    if patience is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "loss", min_delta=SMALLEST_GAIN, patience=patience, restore_best_weights=True
            )
        )
    wanted = np.eye(n_categories, dtype=np.float32)[targets] if label_smoothing else targets
    network.fit(
        _as_fed(inputs),
        wanted,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
    )
    return network


def _as_fed(inputs: Inputs) -> Any:
    """Return one array bare and several as a list, as Keras wants them."""
    return inputs[0] if len(inputs) == 1 else list(inputs)


def _loss(label_smoothing: float) -> keras.losses.Loss:
    if label_smoothing:
        return keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    return keras.losses.SparseCategoricalCrossentropy()


def forward(network: keras.Model, inputs: Inputs) -> NDArray[np.float64]:
    """Return what a network answers to each product, shape ``(n_products, n_outputs)``.

    Calls the network directly: ``Model.predict`` traces a new graph for each model, which costs
    more than the small networks themselves.
    """
    parts = [
        keras.ops.convert_to_numpy(
            network(
                _as_fed([part[start : start + PREDICT_BATCH] for part in inputs]), training=False
            )
        )
        for start in range(0, len(inputs[0]), PREDICT_BATCH)
    ]
    if not parts:
        return np.zeros((0, int(network.output_shape[-1])))
    return np.concatenate(parts).astype(np.float64)


def predict(network: keras.Model, inputs: Inputs) -> NDArray[np.float64]:
    """Return probabilities, rows summing to 1 in double precision."""
    probabilities = forward(network, inputs)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def epochs_for(n_products: int, batch_size: int, usual: int) -> int:
    """Return the usual number of epochs, or more where few products make short epochs.

    Examples
    --------
    >>> epochs_for(1000, 32, usual=10), epochs_for(64, 32, usual=10)
    (10, 100)
    """
    return max(usual, math.ceil(FEWEST_STEPS * batch_size / max(1, n_products)))


def columns_of(labels: IntArray) -> tuple[tuple[int, ...], IntArray]:
    """Return the categories in rising order and each label's column among them.

    Raises
    ------
    NotEnoughDataError
        If all labels are the same, or there are none: there is nothing to tell apart.

    Examples
    --------
    >>> columns, targets = columns_of(np.array([7, 3, 7]))
    >>> columns, targets.tolist()
    ((3, 7), [1, 0, 1])
    """
    categories, targets = np.unique(labels, return_inverse=True)
    if len(categories) < 2:
        raise NotEnoughDataError(
            f"training needs labels of at least two categories; there are {len(categories)}"
        )
    return tuple(int(category) for category in categories), targets.astype(np.int64)


def save_network(network: keras.Model, path: Path) -> None:
    """Write a network as a ``.keras`` file, which holds its layers and weights, and no code."""
    network.save(path)


def load_network(path: Path) -> keras.Model:
    """Read what ``save_network`` wrote, for predicting.

    Raises
    ------
    ArtifactError
        If the file can't be read, or asks for code to be run.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"the network {path} can't be read; train the model again") from error
