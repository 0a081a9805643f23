import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.fusion import Fusion, choose_fusion, fit_pool, fuse, image_alone, pool, text_alone
from ml.metrics import log_loss

PRIOR = np.array([0.5, 0.3, 0.2])


def branches(n=600, *, seed=0, text_noise=1.0, image_noise=2.0):
    """Return two branches that see independent, noisy hints of the same categories."""
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 3, n)
    hint = np.eye(3)[columns]

    def posterior(noise):
        seen = hint + rng.normal(0, noise, (n, 3))
        logits = np.exp(seen / noise**2)
        return logits / logits.sum(axis=1, keepdims=True)

    return posterior(text_noise), posterior(image_noise), columns, np.arange(n) % 5


class TestChoice:
    def test_prefers_the_pool_where_the_hints_are_independent_and_says_why(self):
        fusion = choose_fusion(*branches())

        assert fusion.name == "logarithmic_pool"
        assert fusion.reason.startswith("logarithmic pool: out-of-fold log loss 0.")
        assert "of the mean" in fusion.reason

    def test_prefers_the_mean_where_no_pool_is_as_good(self):
        # Chance decides which of the two branches the truth follows: that is what a mean says.
        rng = np.random.default_rng(0)
        text, image = rng.dirichlet(np.full(3, 0.2), (2, 2000))
        columns = np.array([rng.choice(3, p=row) for row in (text + image) / 2])

        fusion = choose_fusion(text, image, columns, np.arange(2000) % 5)

        assert (fusion.name, fusion.text_weight, fusion.image_weight) == ("mean", 0.5, 0.5)
        assert "against" in fusion.reason

    def test_gains_on_either_branch(self):
        text, image, columns, folds = branches()

        fused = fuse(text, image, choose_fusion(text, image, columns, folds), PRIOR)

        assert log_loss(columns, fused) < min(log_loss(columns, text), log_loss(columns, image))

    def test_products_of_next_to_no_weight_change_nothing(self):
        text, image, columns, folds = branches()
        misled = np.where(np.arange(600) < 200, (columns + 1) % 3, columns)
        weights = np.where(np.arange(600) < 200, 1e-9, 1.0)

        weighted = choose_fusion(text, image, misled, folds, weights)
        without = choose_fusion(text[200:], image[200:], columns[200:], folds[200:])

        assert weighted.reason == without.reason
        assert weighted.text_weight == pytest.approx(without.text_weight, rel=1e-3)
        assert weighted.image_weight == pytest.approx(without.image_weight, rel=1e-3)

    def test_takes_the_mean_for_a_handful_of_products(self):
        text, image, columns, folds = branches(12)

        fusion = choose_fusion(text, image, columns, folds)

        assert fusion.name == "mean"
        assert "only 12 products" in fusion.reason


class TestPool:
    def test_weights_are_those_that_made_the_data(self):
        # Independent hints with calibrated likelihoods multiply: both exponents are 1.
        text, image, columns, _ = branches(20_000)

        assert fit_pool([text, image], columns) == pytest.approx((1.0, 1.0), abs=0.1)

    def test_a_branch_of_noise_gets_no_weight(self):
        text, _, columns, _ = branches(3000)
        noise = np.random.default_rng(1).dirichlet(np.ones(3), 3000)

        assert fit_pool([text, noise], columns)[1] < 0.1

    def test_of_three_branches_weighs_each_by_what_it_adds(self):
        text, image, columns, _ = branches(20_000)
        noise = np.random.default_rng(1).dirichlet(np.ones(3), 20_000)

        weights = fit_pool([text, noise, image], columns)
        twice = fit_pool([text, text, image], columns)

        assert weights == pytest.approx((1.0, 0.0, 1.0), abs=0.1)
        assert twice[0] + twice[1] == pytest.approx(1.0, abs=0.1)  # a copy adds nothing

    def test_of_one_branch_and_weight_one_is_that_branch(self):
        text, *_ = branches(50)

        assert np.allclose(pool([text], [1.0]), text)

    @given(st.integers(0, 30), st.floats(0.6, 3), st.floats(0.6, 3))
    def test_no_weights_nearby_are_better(self, seed, text_noise, image_noise):
        text, image, columns, _ = branches(
            80, seed=seed, text_noise=text_noise, image_noise=image_noise
        )
        u, v = fit_pool([text, image], columns)
        both = [text, image]
        best = log_loss(columns, pool(both, (u, v)))

        for step in (-0.05, 0.05):
            assert best <= log_loss(columns, pool(both, (max(u + step, 0), v))) + 1e-5
            assert best <= log_loss(columns, pool(both, (u, max(v + step, 0)))) + 1e-5


class TestMissingModality:
    @pytest.mark.parametrize("name", ["mean", "logarithmic_pool"])
    def test_uses_what_there_is(self, name):
        nothing = [np.nan] * 3
        text = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], nothing, nothing])
        image = np.array([[0.2, 0.6, 0.2], nothing, [0.2, 0.6, 0.2], nothing])

        fused = fuse(text, image, Fusion(name, 0.5, 0.5, ""), PRIOR)

        assert fused.sum(axis=1) == pytest.approx(np.ones(4))
        assert fused[1].tolist() == text[1].tolist()
        assert fused[2].tolist() == image[2].tolist()
        assert fused[3].tolist() == PRIOR.tolist()
        assert 0.2 < fused[0, 1] < 0.6

    def test_one_branch_alone_passes_through(self):
        text = np.array([[0.7, 0.2, 0.1]])
        none = np.full((1, 3), np.nan)

        assert fuse(text, none, text_alone("text alone: no image"), PRIOR).tolist() == text.tolist()
        assert fuse(none, text, image_alone("image alone"), PRIOR).tolist() == text.tolist()


def test_the_record_survives_json():
    fusion = Fusion("logarithmic_pool", 1.3, 0.3, "because")

    assert Fusion.from_dict(json.loads(json.dumps(fusion.as_dict()))) == fusion
