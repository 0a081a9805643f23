import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, adjusted_rand_score, f1_score
from sklearn.metrics import log_loss as sklearn_log_loss

from ml.metrics import (
    accuracy,
    adjusted_rand_indices,
    ari_of_clusters,
    ari_of_predictions,
    confusion_matrix,
    count_cells,
    expected_calibration_error,
    log_loss,
    macro_f1,
)

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


class TestAri:
    def test_knows_the_textbook_value(self):
        value = ari_of_predictions(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2]))

        assert value == pytest.approx(0.5714, abs=1e-4)

    def test_is_one_for_any_permutation_of_the_categories(self):
        true = np.array([0, 0, 1, 1, 2, 2])

        assert ari_of_predictions(true, (true + 1) % 3) == 1.0
        assert accuracy(true, (true + 1) % 3) == 0.0

    def test_is_about_zero_for_random_groups(self):
        rng = np.random.default_rng(0)

        value = ari_of_clusters(rng.integers(0, 7, 5000), rng.integers(0, 7, 5000))

        assert value == pytest.approx(0, abs=0.005)

    def test_says_nothing_where_there_is_nothing_to_tell_apart(self):
        assert ari_of_predictions(np.array([], dtype=int), np.array([], dtype=int)) is None
        assert ari_of_predictions(np.array([3, 3, 3]), np.array([3, 3, 3])) is None

    def test_products_alone_on_both_sides_are_the_same_grouping(self):
        assert ari_of_clusters(np.array([0, 1]), np.array([5, 4])) == 1.0

    @given(pairs)
    def test_is_symmetric(self, columns):
        true, predicted = columns
        if len(np.unique(true)) < 2 or len(np.unique(predicted)) < 2:
            return

        assert ari_of_clusters(true, predicted) == pytest.approx(ari_of_clusters(predicted, true))

    @given(pairs)
    def test_agrees_with_scikit_learn(self, columns):
        true, predicted = columns

        value = ari_of_predictions(true, predicted)

        if len(np.unique(true)) < 2:
            assert value is None
        else:
            assert value == pytest.approx(adjusted_rand_score(true, predicted))

    @given(pairs)
    def test_drawing_every_product_twice_does_not_change_it(self, columns):
        true, predicted = columns

        once, twice = (
            adjusted_rand_indices(count_cells(true, predicted, np.full((1, len(true)), weight)))
            for weight in (1.0, 2.0)
        )

        assert twice == pytest.approx(once, nan_ok=True)


class TestShares:
    @given(pairs)
    def test_accuracy_and_f1_agree_with_scikit_learn(self, columns):
        true, predicted = columns

        assert accuracy(true, predicted) == pytest.approx(accuracy_score(true, predicted))
        expected = f1_score(true, predicted, average="macro", zero_division=0)
        assert macro_f1(true, predicted) == pytest.approx(expected)

    def test_without_products_there_is_no_figure(self):
        nothing, no_rows = np.array([], dtype=int), np.zeros((0, 3))

        assert accuracy(nothing, nothing) is None
        assert macro_f1(nothing, nothing) is None
        assert log_loss(nothing, no_rows) is None
        assert expected_calibration_error(nothing, no_rows) is None


class TestLogLoss:
    def test_agrees_with_scikit_learn(self):
        rng = np.random.default_rng(1)
        probabilities = rng.dirichlet(np.ones(4), 50)
        columns = rng.integers(0, 4, 50)

        value = log_loss(columns, probabilities)

        expected = sklearn_log_loss(columns, probabilities, labels=range(4))
        assert value == pytest.approx(expected)

    def test_a_category_without_a_column_costs_much_yet_not_infinitely(self):
        value = log_loss(np.array([-1]), np.array([[0.5, 0.5]]))

        assert value == pytest.approx(16.118, abs=0.001)


class TestCalibrationError:
    def test_is_the_gap_between_confidence_and_accuracy(self):
        probabilities = np.tile([0.85, 0.15], (10, 1))
        columns = np.array([0] * 6 + [1] * 4)

        assert expected_calibration_error(columns, probabilities) == pytest.approx(0.25)

    def test_is_zero_where_confidence_is_accuracy(self):
        probabilities = np.tile([0.75, 0.25], (8, 1))
        columns = np.array([0] * 6 + [1] * 2)

        assert expected_calibration_error(columns, probabilities) == pytest.approx(0)

    def test_opposite_gaps_in_two_bins_do_not_cancel(self):
        probabilities = np.array([[0.95, 0.05]] * 2 + [[0.55, 0.45]] * 2)
        columns = np.array([0, 1, 0, 0])

        error = expected_calibration_error(columns, probabilities)

        assert error == pytest.approx((0.45 + 0.45) / 2)


def test_confusion_counts_true_categories_in_rows():
    table = confusion_matrix(np.array([0, 0, 1, -1]), np.array([0, 1, 1, 1]), 3)

    assert table.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
