from __future__ import annotations

import numpy as np
import pytest
from cleanlab.rank import get_normalized_margin_for_each_label
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from ml.sampling.scores import (
    disagreement_score,
    entropy_score,
    gradient_score,
    least_confidence_score,
    margin_score,
    prediction_errors,
    suspicion_score,
)

UNCERTAINTIES = [least_confidence_score, margin_score, entropy_score]
rows = st.lists(st.lists(st.floats(-8, 8), min_size=3, max_size=3), min_size=1, max_size=20).map(
    lambda logits: softmax(np.array(logits), axis=1)
)


@pytest.mark.parametrize("score", UNCERTAINTIES)
class TestUncertainty:
    def test_is_highest_where_all_categories_are_alike(self, score):
        scores = score(np.array([[1 / 3, 1 / 3, 1 / 3], [0.4, 0.35, 0.25], [1.0, 0.0, 0.0]]))

        assert scores[0] > scores[1] > scores[2] == 0.0

    @given(probabilities=rows)
    def test_does_not_know_the_names_of_categories(self, score, probabilities):
        np.testing.assert_allclose(score(probabilities), score(probabilities[:, ::-1]), atol=1e-12)


class TestMargin:
    def test_needs_two_categories(self):
        with pytest.raises(ValueError, match="at least two categories"):
            margin_score(np.ones((3, 1)))


class TestDisagreement:
    @given(probabilities=rows)
    def test_lies_between_nothing_and_everything_and_is_symmetric(self, probabilities):
        other = probabilities[::-1]

        scores = disagreement_score(probabilities, other)

        assert ((scores >= 0) & (scores <= 1 + 1e-12)).all()
        np.testing.assert_array_equal(scores, disagreement_score(other, probabilities))
        np.testing.assert_array_equal(disagreement_score(probabilities, probabilities), 0.0)

    def test_one_voice_does_not_disagree(self):
        missing = np.full((1, 2), np.nan)

        assert disagreement_score(missing, np.array([[1.0, 0.0]])).tolist() == [0.0]


class TestSuspicion:
    def test_equals_the_normalised_margin_of_cleanlab(self):
        rng = np.random.default_rng(0)
        probabilities, recorded = rng.dirichlet(np.ones(5), 200), rng.integers(5, size=200)

        scores = suspicion_score(probabilities, recorded)

        theirs = get_normalized_margin_for_each_label(recorded, probabilities)
        np.testing.assert_allclose(scores, 1.0 - 2.0 * theirs, atol=1e-12)

    def test_says_nothing_of_a_product_without_a_recorded_category(self):
        assert np.isnan(suspicion_score(np.array([[0.9, 0.1]]), np.array([-1]))).all()

    def test_needs_two_categories(self):
        with pytest.raises(ValueError, match="at least two categories"):
            suspicion_score(np.ones((3, 1)), np.zeros(3, dtype=int))


class TestGradient:
    def test_equals_the_length_of_the_gradient_written_out(self):
        rng = np.random.default_rng(0)
        probabilities, features = rng.dirichlet(np.ones(4), 50), rng.standard_normal((50, 6))

        scores = gradient_score(probabilities, features)

        gradients = prediction_errors(probabilities)[:, :, None] * features[:, None, :]
        np.testing.assert_allclose(scores, np.linalg.norm(gradients, axis=(1, 2)))
