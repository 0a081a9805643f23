"""The training loop: the same seed gives the same network, progress goes out, stopping works."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from ml.compiled_training import CompiledTraining
from ml.contract import Epoch, ParameterCount, ignore_progress
from ml.errors import ArtifactError, NotEnoughDataError
from ml.training import (
    columns_of,
    epochs_for,
    forward,
    load_network,
    order_of_epoch,
    parameters_of,
    predict,
    save_network,
    train,
)

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(60, 4)).astype(np.float32)
TARGETS = (INPUTS[:, 0] > 0).astype(np.int64)


def build() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )


def trained(**changes: object) -> keras.Model:
    settings = {
        "learning_rate": 0.05,
        "epochs": 3,
        "batch_size": 16,
        "seed": 1,
        "on_progress": ignore_progress,
    } | changes
    return train(build, [INPUTS], TARGETS, **settings).network


def test_network_learns_what_is_there() -> None:
    network = trained(epochs=30)

    assert (predict(network, [INPUTS]).argmax(axis=1) == TARGETS).mean() > 0.9


def test_same_seed_gives_the_same_network_and_another_another() -> None:
    first, second, other = trained(), trained(), trained(seed=2)

    assert np.array_equal(predict(first, [INPUTS]), predict(second, [INPUTS]))
    assert not np.array_equal(predict(first, [INPUTS]), predict(other, [INPUTS]))


def test_each_epoch_is_reported() -> None:
    reports: list[tuple[int, int]] = []

    trained(on_progress=lambda done, total: reports.append((done, total)))

    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_what_progress_raises_stops_the_training() -> None:
    reports: list[int] = []

    def stop(done: int, total: int) -> None:
        reports.append(done)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        trained(on_progress=stop)
    assert reports == [1]


def test_patience_stops_once_held_out_products_gain_nothing() -> None:
    reports: list[int] = []

    trained(
        learning_rate=3.0,
        epochs=200,
        patience=2,
        on_progress=lambda done, total: reports.append(done),
    )

    assert len(reports) < 200


def test_patience_gives_back_the_weights_of_the_best_epoch() -> None:
    # 2.0 as rate and inputs without meaning: each further epoch is worse for held-out products.
    noise = np.random.default_rng(1).integers(0, 2, len(TARGETS))
    seen: list[np.ndarray] = []

    def build_and_watch() -> keras.Model:
        watched.append(build())
        return watched[0]

    def remember(done: int, total: int) -> None:
        seen.append(watched[0].get_weights()[0])

    watched: list[keras.Model] = []
    network = train(
        build_and_watch,
        [INPUTS],
        noise,
        learning_rate=2.0,
        epochs=50,
        batch_size=16,
        seed=1,
        on_progress=remember,
        patience=3,
    ).network

    assert len(seen) < 50
    assert np.array_equal(network.get_weights()[0], seen[-4])


def test_the_curve_tells_the_loss_of_each_epoch() -> None:
    def learn(patience: int | None) -> list[Epoch]:
        return list(
            train(
                build,
                [INPUTS],
                TARGETS,
                learning_rate=0.05,
                epochs=8,
                batch_size=16,
                seed=1,
                on_progress=ignore_progress,
                patience=patience,
            ).curve
        )

    without, watched = learn(None), learn(50)

    assert len(without) == len(watched) == 8
    assert without[-1].loss < without[0].loss
    assert {epoch.held_out_loss for epoch in without} == {None}
    assert watched[-1].held_out_loss < watched[0].held_out_loss


def test_the_loss_of_an_epoch_is_the_mean_over_its_products() -> None:
    network = trained(epochs=1)
    still = CompiledTraining(network, [INPUTS], TARGETS, 0.0, 16, 0.0)
    columns = predict(network, [INPUTS])[np.arange(len(TARGETS)), TARGETS]

    losses = [still.run_epoch(np.arange(len(TARGETS))) for _ in range(200)]

    # Dropout moves each turn's loss about that of the whole network.
    assert np.mean(losses) == pytest.approx(-np.log(columns).mean(), rel=0.1)


def test_trained_and_frozen_parameters_are_told_apart() -> None:
    frozen = keras.layers.Dense(2)
    frozen.trainable = False
    network = keras.Sequential([keras.Input((4,)), frozen, keras.layers.Dense(3)])

    assert parameters_of(network) == ParameterCount(9, frozen=10)


def test_smoothed_labels_make_the_network_less_certain() -> None:
    plain = predict(trained(epochs=20), [INPUTS]).max(axis=1).mean()
    smoothed = predict(trained(epochs=20, label_smoothing=0.4), [INPUTS]).max(axis=1).mean()

    assert smoothed < plain


def test_no_products_have_no_answers() -> None:
    assert forward(trained(epochs=1), [INPUTS[:0]]).shape == (0, 2)


class TestOrderOfEpoch:
    ROWS = np.arange(5, 105)
    LENGTHS = np.random.default_rng(3).integers(1, 300, 105)

    def order(self, seed: int = 0, lengths: np.ndarray | None = LENGTHS) -> np.ndarray:
        return order_of_epoch(self.ROWS, lengths, 16, np.random.default_rng(seed))

    @pytest.mark.parametrize("lengths", [None, LENGTHS])
    def test_each_row_comes_once_and_each_epoch_in_another_order(self, lengths):
        first, second = self.order(0, lengths), self.order(1, lengths)

        assert sorted(first) == sorted(second) == self.ROWS.tolist()
        assert first.tolist() != second.tolist()

    def test_batches_are_of_near_equal_length(self):
        batches = np.split(self.LENGTHS[self.order()], range(16, 100, 16))

        assert max(np.ptp(batch) for batch in batches) < 120
        assert sum(batch.max() * len(batch) for batch in batches) < 0.7 * 300 * len(self.ROWS)

    def test_batches_change_from_epoch_to_epoch_and_come_in_random_order(self):
        first, second = self.order(0)[:96].reshape(-1, 16), self.order(1)[:96].reshape(-1, 16)

        assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in second}
        means = self.LENGTHS[first].mean(axis=1)
        assert means.tolist() != sorted(means)

    def test_fewer_rows_than_a_batch_are_one_batch(self):
        order = order_of_epoch(self.ROWS[:3], self.LENGTHS, 16, np.random.default_rng(0))

        assert sorted(order) == [5, 6, 7]


def test_few_products_get_more_epochs() -> None:
    assert epochs_for(10_000, 32, usual=10) == 10
    assert epochs_for(32, 32, usual=10) == epochs_for(3, 32, usual=10) == 200


def test_one_category_is_too_few() -> None:
    with pytest.raises(NotEnoughDataError, match="at least two categories; there are 1"):
        columns_of(np.array([4, 4]))


def test_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.keras"
    path.write_bytes(b"not a network")

    with pytest.raises(ArtifactError, match=r"network\.keras"):
        load_network(path)


def test_network_that_carries_code_is_refused(tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    network = keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs))
    save_network(network, tmp_path / "network.keras")

    with pytest.raises(ArtifactError, match=r"network\.keras"):
        load_network(tmp_path / "network.keras")
