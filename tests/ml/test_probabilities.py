import numpy as np
import pytest

from ml.probabilities import SMALLEST, logarithms, losses, margins, normalised


def test_a_probability_of_zero_has_a_finite_logarithm():
    assert logarithms(np.array([0.0, 1.0])).tolist() == [np.log(SMALLEST), 0.0]


def test_rows_sum_to_one_whatever_the_logarithms():
    rows = normalised(np.array([[1000.0, 0.0], [-1000.0, -1001.0]]))

    assert np.allclose(rows.sum(axis=1), 1)
    assert rows[1] == pytest.approx([0.7311, 0.2689], abs=1e-4)


def test_loss_of_a_category_without_a_column_is_the_largest():
    found = losses(np.array([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1]]), np.array([1, 0, -1]))

    assert found == pytest.approx([np.log(2), 0.0, -np.log(SMALLEST)])


def test_margin_is_the_difference_of_the_two_highest():
    found = margins(np.array([[0.1, 0.6, 0.3], [1.0, 0.0, 0.0], [0.4, 0.2, 0.4]]))

    assert found == pytest.approx([0.3, 1.0, 0.0])


def test_margin_of_one_category_is_refused():
    with pytest.raises(ValueError, match="two categories"):
        margins(np.ones((3, 1)))
