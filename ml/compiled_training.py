"""An epoch of training as one call into TensorFlow.

``Model.fit`` comes back to Python for each batch, which costs more than a small network's batch
itself: six softmax layers on features take 3 s this way, and 30 s with ``fit``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ml.contract import FloatArray, IntArray

FORWARD_BATCH = 128  # the first layer of the small CNN puts out 1.5 MB a photo

Inputs = Sequence[NDArray[Any]]


class CompiledTraining:
    """A network, its products, and Adam on cross-entropy.

    Parameters
    ----------
    network
        With a softmax at its end; its weights change.
    inputs
        One array for each input of the network, ``(n_products, ...)``.
    targets : ndarray of shape (n_products,)
        Column of the right category, from 0.
    lengths : ndarray of shape (n_products,), optional
        How far along its second axis each product goes before padding begins: a batch is cut to
        the longest in it. None cuts nothing.
    weights : ndarray of shape (n_products,), optional
        Factors of the cross-entropy of each product; None: 1 each.
    """

    def __init__(
        self,
        network: keras.Model,
        inputs: Inputs,
        targets: IntArray,
        learning_rate: float,
        batch_size: int,
        label_smoothing: float,
        lengths: IntArray | None = None,
        weights: FloatArray | None = None,
    ) -> None:
        self._network = network
        self._batch_size = batch_size
        self._loss: keras.losses.Loss = keras.losses.SparseCategoricalCrossentropy()
        wanted: NDArray[Any] = targets
        if label_smoothing:
            self._loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
            wanted = np.eye(int(network.output_shape[-1]), dtype=np.float32)[targets]
        # Given to the graph at each call: what a graph captures is let go of much later.
        self._products = (
            [tf.constant(values) for values in inputs],
            tf.constant(wanted),
            None if lengths is None else tf.constant(lengths),
            None if weights is None else tf.constant(weights, dtype=tf.float32),
        )
        self.optimizer = keras.optimizers.Adam(learning_rate)
        self.optimizer.build(network.trainable_variables)
        self._compiled_epoch = tf.function(self._epoch)
        self._compiled_loss = tf.function(self._cross_entropy, reduce_retracing=True)

    def run_epoch(self, rows: IntArray) -> float:
        """Take one step of Adam for each batch of ``rows``, in their order.

        Returns
        -------
        float
            The mean loss of the products while they were trained on, in nats, with what the
            layers add of their own, such as weight decay.
        """
        return float(self._compiled_epoch(self._products, tf.constant(rows))) / len(rows)

    def loss_of(self, rows: IntArray) -> float:
        """Return the mean cross-entropy of the products at ``rows``, one or more."""
        total = 0.0
        for start in range(0, len(rows), FORWARD_BATCH):
            part = rows[start : start + FORWARD_BATCH]
            loss = self._compiled_loss(self._products, tf.constant(part), training=False)
            total += len(part) * float(loss)
        return total / len(rows)

    def _epoch(self, products: Any, rows: tf.Tensor) -> tf.Tensor:
        n_in_full = len(rows) // self._batch_size * self._batch_size
        total = tf.constant(0.0)
        for batch in tf.reshape(rows[:n_in_full], (-1, self._batch_size)):
            total += self._step(products, batch) * self._batch_size
        if n_in_full < len(rows):
            total += self._step(products, rows[n_in_full:]) * (len(rows) - n_in_full)
        return total

    def _step(self, products: Any, rows: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = self._cross_entropy(products, rows, training=True)
            # What the layers add of their own, such as weight decay.
            loss = tf.add_n([loss, *self._network.losses])
        variables = self._network.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    def _cross_entropy(self, products: Any, rows: tf.Tensor, training: bool) -> tf.Tensor:
        inputs, wanted, lengths, weights = products
        parts = [tf.gather(values, rows) for values in inputs]
        if lengths is not None:
            longest = tf.reduce_max(tf.gather(lengths, rows))
            parts = [part[:, :longest] for part in parts]
        answers = self._network(as_fed(parts), training=training)
        factors = None if weights is None else tf.gather(weights, rows)
        return self._loss(tf.gather(wanted, rows), answers, sample_weight=factors)


def as_graph(network: keras.Model) -> Callable[[Any], tf.Tensor]:
    """Return the network for predicting as one call into TensorFlow, for inputs of any length.

    Worth its 0.2 s for a recurrent network: its steps come back to Python otherwise, which takes
    five times as long.
    """
    fed = as_fed([tf.TensorSpec(part.shape, part.dtype) for part in network.inputs])
    graph: Callable[[Any], tf.Tensor] = tf.function(
        partial(network, training=False), input_signature=[fed]
    )
    return graph


def as_fed(inputs: Sequence[Any]) -> Any:
    """Return one input bare and several as a list, as Keras wants them."""
    return inputs[0] if len(inputs) == 1 else list(inputs)
