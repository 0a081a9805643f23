"""Compiled epochs: each product takes part, the loss is the mean, layers add their own."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from ml.compiled_training import FORWARD_BATCH, CompiledTraining
from ml.training import predict

N = FORWARD_BATCH + 22
RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(N, 3)).astype(np.float32)
TARGETS = RNG.integers(0, 4, N)


def network_of(decay: float = 0.0) -> keras.Model:
    keras.utils.set_random_seed(0)
    regularizer = keras.regularizers.L2(decay) if decay else None
    softmax = keras.layers.Dense(4, activation="softmax", kernel_regularizer=regularizer)
    return keras.Sequential([keras.Input((3,)), softmax])


def compiled(network: keras.Model, batch_size: int = 32, smoothing: float = 0.0):
    return CompiledTraining(network, [INPUTS], TARGETS, 0.05, batch_size, smoothing)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_loss_is_the_mean_over_products_however_they_fall_into_batches(smoothing):
    network = network_of()
    wanted = (1 - smoothing) * np.eye(4)[TARGETS] + smoothing / 4

    loss = compiled(network, smoothing=smoothing).loss_of(np.arange(N))

    losses = -(wanted * np.log(predict(network, [INPUTS]))).sum(axis=1)
    assert loss == pytest.approx(losses.mean(), rel=1e-5)


@pytest.mark.parametrize("batch_size", [10, 32, N, 4 * N])
def test_an_epoch_takes_a_step_for_each_batch_and_for_what_is_left(batch_size):
    network = network_of()
    training = compiled(network, batch_size)

    training.run_epoch(np.arange(N))

    assert int(training.optimizer.iterations) == -(-N // batch_size)


def test_weight_decay_of_a_layer_is_part_of_what_is_minimised():
    lengths = []
    for decay in (0.0, 1.0):
        network = network_of(decay)
        training = compiled(network)
        for _ in range(20):
            training.run_epoch(np.arange(N))
        lengths.append(float(np.linalg.norm(network.get_weights()[0])))

    assert lengths[1] < 0.2 * lengths[0]


def test_products_that_are_not_named_teach_nothing():
    changed = np.where(np.arange(N) < 40, TARGETS, 0)
    weights = []
    for targets in (TARGETS, changed):
        network = network_of()
        CompiledTraining(network, [INPUTS], targets, 0.05, 16, 0.0).run_epoch(np.arange(40))
        weights.append(network.get_weights()[0])

    assert np.array_equal(weights[0], weights[1])


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_each_product_counts_in_the_loss_by_its_weight(smoothing):
    network = network_of()
    weights = RNG.uniform(0.1, 2, N)
    wanted = (1 - smoothing) * np.eye(4)[TARGETS] + smoothing / 4

    training = CompiledTraining(network, [INPUTS], TARGETS, 0.05, 32, smoothing, weights=weights)
    loss = training.loss_of(np.arange(N))

    losses = -(wanted * np.log(predict(network, [INPUTS]))).sum(axis=1)
    assert loss == pytest.approx((weights * losses).mean(), rel=1e-5)


def test_weights_of_one_change_nothing():
    learned = []
    for weights in (None, np.ones(N)):
        network = network_of()
        training = CompiledTraining(network, [INPUTS], TARGETS, 0.05, 32, 0.0, weights=weights)
        training.run_epoch(np.arange(N))
        learned.append(network.get_weights()[0])

    assert learned[0] == pytest.approx(learned[1], abs=1e-6)


class ColumnsSeen(keras.layers.Layer):
    """Gives the first category one part in as many as its inputs have columns."""

    def call(self, values):
        share = 1 / keras.ops.cast(keras.ops.shape(values)[1], "float32")
        return keras.ops.ones_like(values[:, :2]) * keras.ops.stack([share, 1 - share])


def test_a_batch_is_cut_to_its_longest_product():
    values = np.zeros((4, 9), dtype=np.float32)
    network = keras.Sequential([keras.Input((None,)), ColumnsSeen()])

    training = CompiledTraining(
        network, [values], np.zeros(4, np.int64), 0.05, 2, 0.0, np.array([2, 6, 4, 3])
    )

    assert training.loss_of(np.array([0, 2])) == pytest.approx(np.log(4))
    assert training.loss_of(np.array([0, 3, 1])) == pytest.approx(np.log(6))
