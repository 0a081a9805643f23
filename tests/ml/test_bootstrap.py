import time

import numpy as np
import pytest

from ml import bootstrap
from ml.bootstrap import intervals
from ml.metrics import accuracy, ari_of_predictions, log_loss


def answers(n, *, seed=0, right=0.9):
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 5, n)
    probabilities = rng.dirichlet(np.ones(5), n)
    sure = rng.random(n) < right
    probabilities[sure] = 0.02
    probabilities[np.flatnonzero(sure), columns[sure]] = 0.92
    return columns, probabilities


class TestIntervals:
    def test_hold_the_figures_of_the_sample_itself(self):
        columns, probabilities = answers(200)

        found = intervals(columns, probabilities, np.arange(200))

        predicted = probabilities.argmax(axis=1)
        assert found["accuracy"].value == accuracy(columns, predicted)
        assert found["ari"].value == pytest.approx(ari_of_predictions(columns, predicted))
        assert found["log_loss"].value == pytest.approx(log_loss(columns, probabilities))
        assert all(row.low <= row.value <= row.high and row.n == 200 for row in found.values())

    def test_of_accuracy_agree_with_the_normal_approximation(self):
        columns, probabilities = answers(1000)

        found = intervals(columns, probabilities, np.arange(1000))["accuracy"]

        half = 1.96 * np.sqrt(found.value * (1 - found.value) / 1000)
        assert found.value - found.low == pytest.approx(half, rel=0.15)
        assert found.high - found.value == pytest.approx(half, rel=0.15)

    def test_are_wider_where_products_are_copies_of_one_another(self):
        columns, probabilities = (np.repeat(array, 4, axis=0) for array in answers(60))
        apart, together = np.arange(240), np.repeat(np.arange(60), 4)

        alone = intervals(columns, probabilities, apart)["ari"]
        grouped = intervals(columns, probabilities, together)["ari"]

        assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)

    def test_same_seed_gives_the_same_interval_however_it_is_chunked(self, monkeypatch):
        columns, probabilities = answers(100)
        whole = intervals(columns, probabilities, np.arange(100), n_resamples=50, seed=4)

        monkeypatch.setattr(bootstrap, "WEIGHTS_AT_ONCE", 700)
        chunked = intervals(columns, probabilities, np.arange(100), n_resamples=50, seed=4)

        assert chunked["accuracy"] == whole["accuracy"]
        assert chunked["ari"] == whole["ari"]

    def test_without_products_say_nothing(self):
        found = intervals(np.array([], dtype=int), np.zeros((0, 3)), np.array([], dtype=int))

        assert set(found) == {"ari", "accuracy", "macro_f1", "log_loss", "ece"}
        assert all((row.value, row.low, row.high, row.n) == (None, None, None, 0)
                   for row in found.values())  # fmt: skip

    def test_of_one_category_give_accuracy_and_no_ari(self):
        probabilities = np.tile([0.8, 0.2], (12, 1))

        found = intervals(np.zeros(12, dtype=int), probabilities, np.arange(12))

        assert found["ari"].value is None
        assert found["ari"].n == 12
        assert found["accuracy"].value == 1.0

    def test_of_two_thousand_products_take_less_than_two_seconds(self):
        columns, probabilities = answers(2000)

        start = time.process_time()
        intervals(columns, probabilities, np.arange(2000))

        assert time.process_time() - start < 2


def test_a_model_without_a_mistake_is_not_called_certain():
    columns = np.array([0, 1, 2] * 12)
    probabilities = np.full((36, 3), 0.1)
    probabilities[np.arange(36), columns] = 0.8

    found = intervals(columns, probabilities, np.arange(36))

    exact = 0.025 ** (1 / 36)  # the lower Clopper-Pearson bound of 36 in 36
    assert found["accuracy"].value == found["accuracy"].high == 1.0
    assert found["accuracy"].low == pytest.approx(exact, abs=1 / 36)
    assert found["accuracy"].low <= exact
    assert 0.5 < found["ari"].low < 1.0
    assert 0.5 < found["macro_f1"].low < 1.0


def test_near_duplicates_widen_the_interval_of_a_model_without_a_mistake():
    columns = np.array([0, 1] * 20)
    probabilities = np.eye(2)[columns] * 0.8 + 0.1

    alone = intervals(columns, probabilities, np.arange(40))
    in_pairs = intervals(columns, probabilities, np.arange(40) // 4)

    assert in_pairs["accuracy"].low < alone["accuracy"].low
