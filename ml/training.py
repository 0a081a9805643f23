"""The one training loop of the networks: seed, epochs, progress, early stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ml.compiled_training import FORWARD_BATCH, CompiledTraining, Inputs, as_fed, as_graph
from ml.contract import Epoch, FloatArray, IntArray, OnProgress, ParameterCount
from ml.errors import ArtifactError, NotEnoughDataError

HELD_OUT = 0.1  # share of the products that decides when to stop
FEWEST_STEPS = 200  # below, Adam has not arrived, however few the products
BLUR = 0.1  # share by which a length may be taken for another, so that batches change


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network, and how its loss went, epoch by epoch."""

    network: keras.Model
    curve: tuple[Epoch, ...]


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
    lengths: IntArray | None = None,
    weights: FloatArray | None = None,
) -> Trained:
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
    on_progress
        Told each epoch; what it raises ends the training.
    patience
        Hold out a tenth of the products, stop after so many epochs without a lower loss on them,
        and keep the best weights. None trains on all products for all epochs: right for what
        does not overfit, as every label counts.
    lengths : ndarray of shape (n_products,), optional
        How far along its second axis each product goes before padding begins, 1 or more, for a
        network that gives padding no part in its answer. Batches then are of near-equal length
        and no longer than their longest product, which saves the time that padding takes.
    weights : ndarray of shape (n_products,), optional
        How much each product counts in the loss, 1 on average: another mean would change what
        weight decay is worth. None: 1 each.

    Returns
    -------
    Trained
        The same arguments on the same machine give the same weights.
    """
    keras.utils.set_random_seed(seed)
    network = build()
    compiled = CompiledTraining(
        network, inputs, targets, learning_rate, batch_size, label_smoothing, lengths, weights
    )
    rng = np.random.default_rng(seed)
    n_held_out = 0 if patience is None else int(HELD_OUT * len(targets))
    held_out, kept = np.split(rng.permutation(len(targets)), [n_held_out])
    best_loss, best_weights, best_epoch = math.inf, None, 0
    curve: list[Epoch] = []
    for epoch in range(1, epochs + 1):
        training_loss = compiled.run_epoch(order_of_epoch(kept, lengths, batch_size, rng))
        on_progress(epoch, epochs)
        if patience is None or not n_held_out:
            curve.append(Epoch(training_loss))
            continue
        loss = compiled.loss_of(held_out)
        curve.append(Epoch(training_loss, loss))
        if loss < best_loss:
            best_loss, best_weights, best_epoch = loss, network.get_weights(), epoch
        elif epoch - best_epoch >= patience:
            break
    if best_weights is not None:
        network.set_weights(best_weights)
    return Trained(network, tuple(curve))


def order_of_epoch(
    rows: IntArray, lengths: IntArray | None, batch_size: int, rng: np.random.Generator
) -> IntArray:
    """Shuffle the rows of an epoch; by ``lengths``, into batches of near-equal length.

    Such batches come in random order, but for the one that is not full: it comes last.
    """
    shuffled: IntArray = rng.permutation(rows)
    if lengths is None:
        return shuffled
    blurred = lengths[shuffled] * rng.uniform(1 - BLUR, 1 + BLUR, len(shuffled))
    in_batches = shuffled[np.argsort(blurred, kind="stable")]
    full, rest = np.split(in_batches, [len(rows) // batch_size * batch_size])
    return np.concatenate([rng.permutation(full.reshape(-1, batch_size)).ravel(), rest])


def forward(
    network: keras.Model, inputs: Inputs, lengths: IntArray | None = None
) -> NDArray[np.float64]:
    """Return what a network answers to each product, shape ``(n_products, n_outputs)``.

    Calls the network directly: ``Model.predict`` traces a new graph for each model, which costs
    more than the small networks themselves. ``lengths`` as for ``train``; the one graph that is
    traced then serves them all.
    """
    n_products = len(inputs[0])
    answers = np.zeros((n_products, int(network.output_shape[-1])))
    answer = partial(network, training=False) if lengths is None else as_graph(network)
    order = np.arange(n_products) if lengths is None else np.argsort(lengths, kind="stable")
    for start in range(0, n_products, FORWARD_BATCH):
        rows = order[start : start + FORWARD_BATCH]
        parts = [part[rows] for part in inputs]
        if lengths is not None:
            parts = [part[:, : lengths[rows].max()] for part in parts]
        answers[rows] = keras.ops.convert_to_numpy(answer(as_fed(parts)))
    return answers


def predict(
    network: keras.Model, inputs: Inputs, lengths: IntArray | None = None
) -> NDArray[np.float64]:
    """Return probabilities, rows summing to 1 in double precision; ``lengths`` as for ``train``."""
    probabilities = forward(network, inputs, lengths)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def trunk_of(network: keras.Model) -> keras.Model:
    """Return the network without its last layer: what the softmax sees."""
    return keras.Model(as_fed(network.inputs), network.layers[-1].input)


def parameters_of(network: keras.Model) -> ParameterCount:
    """Return how many weights of a network are trained, and how many are not."""
    trained = sum(math.prod(weight.shape) for weight in network.trainable_weights)
    return ParameterCount(trained, network.count_params() - trained)


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
