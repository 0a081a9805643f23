import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.sampling import SAMPLERS, Pool, best, margin_score


def make_pool(n, *, seed=0):
    return Pool(np.random.default_rng(seed).dirichlet(np.ones(4), n))


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
class TestEverySampler:
    @given(n=st.integers(0, 30), size=st.integers(0, 20))
    def test_gives_distinct_rows_and_never_more_than_the_pool_holds(self, sampler, n, size):
        rows = sampler(make_pool(size), n, np.random.default_rng(0))

        assert len(rows) == min(n, size) == len(set(rows.tolist()))
        assert all(0 <= row < size for row in rows)

    def test_same_seed_gives_the_same_rows(self, sampler):
        one, other = (
            sampler(make_pool(50), 10, np.random.default_rng(7)).tolist() for _ in range(2)
        )

        assert one == other

    def test_has_a_title_for_the_page(self, sampler):
        assert sampler.title
        assert SAMPLERS[sampler.name] is sampler


class TestMargin:
    def test_asks_about_the_undecided_first(self):
        pool = Pool(np.array([[0.9, 0.1, 0.0], [0.45, 0.44, 0.11], [0.6, 0.4, 0.0]]))

        rows = SAMPLERS["margin"](pool, 3, np.random.default_rng(0))

        assert rows.tolist() == [1, 2, 0]

    def test_does_not_look_at_the_order_of_categories(self):
        probabilities = make_pool(20).probabilities

        assert np.allclose(margin_score(probabilities), margin_score(probabilities[:, ::-1]))

    def test_of_one_category_is_refused(self):
        with pytest.raises(ValueError, match="two categories"):
            margin_score(np.ones((3, 1)))


def test_ties_are_broken_by_chance_and_not_by_row():
    rng = np.random.default_rng(0)

    firsts = {int(best(np.zeros(5), 1, rng)[0]) for _ in range(100)}

    assert firsts == {0, 1, 2, 3, 4}
