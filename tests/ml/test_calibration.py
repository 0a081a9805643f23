import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.calibration import apply_temperature, fit_temperature
from ml.metrics import log_loss


def overconfident(n=400, *, power=3.0, seed=0):
    """Return probabilities that are the true ones raised to ``power``, and outcomes."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.ones(4), n)
    columns = np.array([rng.choice(4, p=row) for row in honest])
    sharpened = honest**power
    return sharpened / sharpened.sum(axis=1, keepdims=True), columns


class TestTemperature:
    def test_finds_by_how_much_a_branch_is_too_sure(self):
        probabilities, columns = overconfident(4000, power=3.0)

        assert fit_temperature(probabilities, columns) == pytest.approx(3.0, rel=0.1)

    @given(st.floats(0.2, 5), st.integers(0, 20))
    def test_never_raises_the_loss_it_was_fitted_on(self, power, seed):
        probabilities, columns = overconfident(60, power=power, seed=seed)

        temperature = fit_temperature(probabilities, columns)

        after = log_loss(columns, apply_temperature(probabilities, temperature))
        assert after <= log_loss(columns, probabilities) + 1e-12

    def test_stays_in_bounds_when_every_row_is_right(self):
        probabilities = np.tile([0.9, 0.1], (20, 1))

        temperature = fit_temperature(probabilities, np.zeros(20, dtype=int))

        assert 0.05 <= temperature < 0.2

    def test_a_product_of_weight_two_counts_as_two(self):
        probabilities, columns = overconfident(60)
        twice = np.concatenate([np.arange(60), np.arange(20)])

        weighted = fit_temperature(probabilities, columns, np.where(np.arange(60) < 20, 2.0, 1.0))

        assert weighted == pytest.approx(
            fit_temperature(probabilities[twice], columns[twice]), rel=1e-3
        )

    def test_is_one_without_products(self):
        assert fit_temperature(np.zeros((0, 3)), np.array([], dtype=int)) == 1.0


class TestApplication:
    def test_keeps_order_and_sums_to_one(self):
        probabilities, _ = overconfident(50)

        tempered = apply_temperature(probabilities, 2.5)

        assert np.array_equal(tempered.argmax(axis=1), probabilities.argmax(axis=1))
        assert tempered.sum(axis=1) == pytest.approx(np.ones(50))

    def test_a_category_the_model_does_not_know_stays_impossible(self):
        tempered = apply_temperature(np.array([[0.7, 0.3, 0.0]]), 5.0)

        assert tempered[0, 2] == 0.0
        assert tempered.sum() == pytest.approx(1)
