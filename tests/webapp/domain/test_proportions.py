import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, poisson_binom

from webapp.domain.proportions import (
    beta_quantile,
    chance_of_at_most,
    incomplete_beta,
    proportion,
)


@given(st.integers(0, 300), st.integers(0, 3000))
def test_interval_is_that_of_scipy(n_hits, n_others):
    n = n_hits + n_others

    found = proportion(n_hits, n)

    low = beta.ppf(0.025, n_hits, n_others + 1) if n_hits else 0
    high = beta.ppf(0.975, n_hits + 1, n_others) if n_others else 1
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


def test_a_share_of_nothing_can_be_anything():
    found = proportion(0, 0)

    assert (found.value, found.low, found.high) == (None, 0, 1)


def test_beta_is_that_of_scipy_whatever_its_shape():
    rng = random.Random(1)
    for _ in range(300):
        a, b = (rng.choice([0.5, 1, 3, 40, 2000, 1e5]) * rng.uniform(0.5, 1.5) for _ in "ab")
        x = beta.ppf(rng.random(), a, b)

        assert incomplete_beta(x, a, b) == pytest.approx(beta.cdf(x, a, b), abs=1e-8)
        assert beta_quantile(0.3, a, b) == pytest.approx(beta.ppf(0.3, a, b), abs=1e-8)


@given(st.lists(st.floats(0, 1), max_size=40), st.integers(0, 45))
def test_events_of_different_chances_are_counted_exactly(chances, n_hits):
    expected = poisson_binom.cdf(n_hits, chances) if chances else 1

    assert chance_of_at_most(n_hits, chances) == pytest.approx(expected, abs=1e-9)


def test_events_of_one_chance_are_binomial():
    assert chance_of_at_most(7, [0.05] * 300) == pytest.approx(binom.cdf(7, 300, 0.05))
