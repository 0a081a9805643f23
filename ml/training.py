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
HELD_OUT = 0.1  # share of the products that decides when to stop
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
        Hold out a tenth of the products, stop after so many epochs without a lower loss on them,
        and keep the best weights. None trains on all products for all epochs: right for what
        does not overfit, as every label counts.

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
    wanted = np.eye(n_categories, dtype=np.float32)[targets] if label_smoothing else targets
    validation = None
    n_held_out = 0 if patience is None else int(HELD_OUT * len(targets))
    if n_held_out:
        order = np.random.default_rng(seed).permutation(len(targets))
        held_out, kept = order[:n_held_out], order[n_held_out:]
        validation = (_as_fed([part[held_out] for part in inputs]), wanted[held_out])
        inputs, wanted = [part[kept] for part in inputs], wanted[kept]
        callbacks.append(
            keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
        )
    network.fit(
        _as_fed(inputs),
        wanted,
        validation_data=validation,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
    )
    return network


def _as_fed(inputs: Sequence[Any]) -> Any:
    """Return one input bare and several as a list, as Keras wants them."""
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


def trunk_of(network: keras.Model) -> keras.Model:
    """Return the network without its last layer: what the softmax sees."""
    return keras.Model(_as_fed(network.inputs), network.layers[-1].input)


def epochs_for(n_products: int, batch_size: int, usual: int) -> int:
    """Return the usual number of epochs, or more where few products make short epochs.

    Examples
    --------
    >>> epochs_for(1000, 32, usual=10), epochs_for(64, 32, usual=10)
    (10, 100)
    """
    return max(usual, math.ceil(FEWEST_STEPS / max(1, math.ceil(n_products / batch_size))))


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
