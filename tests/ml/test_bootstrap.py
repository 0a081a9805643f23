import time

import numpy as np
import pytest

from ml import bootstrap
from ml.bootstrap import cluster_ari_interval, intervals, paired_intervals
from ml.metrics import accuracy, ari_of_predictions, log_loss, macro_f1


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


class TestPairedIntervals:
    def test_hold_the_differences_of_the_sample_itself(self):
        columns, a = answers(300, right=0.9)
        _, b = answers(300, right=0.6)

        found = paired_intervals(columns, a, b, np.arange(300))

        wanted = {
            "accuracy": accuracy(columns, a.argmax(1)) - accuracy(columns, b.argmax(1)),
            "ari": ari_of_predictions(columns, a.argmax(1))
            - ari_of_predictions(columns, b.argmax(1)),
            "macro_f1": macro_f1(columns, a.argmax(1)) - macro_f1(columns, b.argmax(1)),
            "log_loss": log_loss(columns, a) - log_loss(columns, b),
        }
        assert {name: row.value for name, row in found.items()} == pytest.approx(wanted)
        assert all(row.low <= row.value <= row.high and row.n == 300 for row in found.values())
        assert found["accuracy"].low > 0
        assert found["log_loss"].high < 0

    def test_of_accuracy_agree_with_the_normal_approximation_of_discordant_products(self):
        # 1,000 products: A alone is right on 60, B alone on 30, both on the others.
        columns = np.zeros(1000, dtype=int)
        right, wrong = [0.9, 0.1], [0.1, 0.9]
        a = np.array([right] * 60 + [wrong] * 30 + [right] * 910)
        b = np.array([wrong] * 60 + [right] * 30 + [right] * 910)

        found = paired_intervals(columns, a, b, np.arange(1000))["accuracy"]

        half = 1.96 * np.sqrt((0.06 + 0.03 - 0.03**2) / 1000)
        assert found.value == pytest.approx(0.03)
        assert found.low == pytest.approx(0.03 - half, abs=0.004)
        assert found.high == pytest.approx(0.03 + half, abs=0.004)

    def test_of_a_model_and_itself_are_zero(self):
        columns, a = answers(80)

        found = paired_intervals(columns, a, a, np.arange(80))

        assert {(row.value, row.low, row.high) for row in found.values()} == {(0.0, 0.0, 0.0)}

    def test_tell_models_apart_whose_own_intervals_overlap(self):
        columns, a = answers(400, right=0.85)
        b = a.copy()
        spoilt = np.flatnonzero(a.argmax(axis=1) == columns)[:12]
        b[spoilt] = np.roll(b[spoilt], 1, axis=1)

        paired = paired_intervals(columns, a, b, np.arange(400))["accuracy"]

        own_a = intervals(columns, a, np.arange(400))["accuracy"]
        own_b = intervals(columns, b, np.arange(400))["accuracy"]
        assert own_a.low < own_b.high
        assert paired.low > 0

    def test_turned_round_change_their_sign(self):
        columns, a = answers(120)
        _, b = answers(120, right=0.7)

        one = paired_intervals(columns, a, b, np.arange(120) // 2)["ari"]
        other = paired_intervals(columns, b, a, np.arange(120) // 2)["ari"]

        assert (one.value, one.low, one.high) == pytest.approx(
            (-other.value, -other.high, -other.low)
        )

    def test_are_wider_where_products_are_copies_of_one_another(self):
        columns, a = (np.repeat(array, 4, axis=0) for array in answers(60))
        _, b = (np.repeat(array, 4, axis=0) for array in answers(60, right=0.7))

        alone = paired_intervals(columns, a, b, np.arange(240))["accuracy"]
        grouped = paired_intervals(columns, a, b, np.repeat(np.arange(60), 4))["accuracy"]

        assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)

    def test_of_one_category_have_no_ari(self):
        a, b = np.tile([0.8, 0.2], (12, 1)), np.tile([0.3, 0.7], (12, 1))

        found = paired_intervals(np.zeros(12, dtype=int), a, b, np.arange(12))

        assert found["ari"].value is None
        assert found["accuracy"].value == 1.0

    def test_without_products_say_nothing(self):
        none = np.zeros((0, 3))

        found = paired_intervals(np.array([], dtype=int), none, none, np.array([], dtype=int))

        assert {(row.value, row.n) for row in found.values()} == {(None, 0)}

    def test_of_different_categories_are_refused(self):
        columns, a = answers(20)

        with pytest.raises(ValueError, match="differ in shape"):
            paired_intervals(columns, a, a[:, :4], np.arange(20))


def test_clusters_are_scored_sample_by_sample_as_their_names_mean_nothing_outside():
    true, renamed = np.repeat([0, 1], 10), np.repeat([1, 0], 10)
    groups = np.arange(20)

    together = cluster_ari_interval([(true, true, groups), (true, renamed, groups)])

    assert together.value == pytest.approx(1.0)
    assert together.n == 40


def test_the_interval_of_clusters_draws_near_duplicates_together_in_all_samples():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 40).repeat(4)
    clusters = np.where(rng.random(40) < 0.7, true[::4], rng.integers(0, 3, 40)).repeat(4)
    apart, together = np.arange(160), np.arange(40).repeat(4)

    alone = cluster_ari_interval([(true, clusters, apart)])
    grouped = cluster_ari_interval([(true, clusters, together)])
    twice = cluster_ari_interval([(true, clusters, together)] * 2)

    assert grouped.low < grouped.value < grouped.high
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)
    assert (twice.value, twice.low, twice.high) == pytest.approx(
        (grouped.value, grouped.low, grouped.high)
    )


def test_clusters_of_no_products_have_no_figure():
    assert cluster_ari_interval([]).value is None
