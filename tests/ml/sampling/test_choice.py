from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.sampling import choice
from ml.sampling.choice import best, score_open
from tests.ml.sampling.pools import make_pool


def chosen(scores, n, *, groups=None, first=(), seed=0):
    pool = make_pool(len(scores))
    if groups is not None:
        pool = replace(pool, groups=np.array(groups))
    rng = np.random.default_rng(seed)
    return best(np.array(scores, dtype=float), pool, n, rng, np.array(first, dtype=int)).tolist()


class TestBest:
    def test_takes_the_highest_scores_first(self):
        assert chosen([0.1, 0.9, 0.5], 2) == [1, 2]

    def test_puts_what_has_no_score_last(self):
        assert chosen([np.nan, 0.0, -5.0], 3) == [1, 2, 0]

    def test_asks_one_of_each_group_before_the_second_of_any(self):
        assert chosen([0.9, 0.8, 0.7, 0.1], 4, groups=[0, 0, 0, 1]) == [0, 3, 1, 2]

    def test_begins_with_what_is_chosen_already(self):
        assert chosen([0.9, 0.8, 0.1, 0.2], 4, first=[2, 1]) == [2, 1, 0, 3]

    def test_counts_what_is_chosen_already_among_the_near_duplicates(self):
        assert chosen([0.9, 0.8, 0.1], 3, groups=[0, 1, 0], first=[2]) == [2, 1, 0]

    def test_draws_the_order_of_equal_scores(self):
        firsts = [chosen([0.5, 0.5], 1, seed=seed)[0] for seed in range(200)]

        assert 70 <= sum(firsts) <= 130

    def test_refuses_no_number(self):
        assert chosen([0.5, 0.2], -1) == []

    @given(
        scores=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, np.nan]), min_size=1, max_size=40),
        n_groups=st.integers(1, 40),
        n=st.integers(0, 40),
    )
    def test_fewer_are_the_beginning_of_more(self, scores, n_groups, n):
        groups = np.random.default_rng(0).integers(n_groups, size=len(scores))

        whole = chosen(scores, len(scores), groups=groups)

        assert chosen(scores, n, groups=groups) == whole[:n]


class TestScoreOpen:
    def test_scores_the_open_products_only(self):
        scores = score_open(make_pool(4, n_closed=2), lambda values: values, np.arange(4.0))

        assert scores[2:].tolist() == [2.0, 3.0]
        assert np.isnan(scores[:2]).all()

    def test_scores_alike_in_chunks(self, monkeypatch: pytest.MonkeyPatch):
        pool, values = make_pool(10), np.arange(10.0)
        monkeypatch.setattr(choice, "CHUNK_ROWS", 3)

        assert score_open(pool, lambda values: 2 * values, values).tolist() == (2 * values).tolist()
