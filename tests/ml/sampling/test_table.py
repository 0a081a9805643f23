"""Every row of the table keeps the contract of a sampler."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import MlError
from ml.sampling.pool import UNKNOWN, WHAT_IS_MISSING, Pool
from ml.sampling.table import SAMPLERS, missing, resolve
from tests.ml.sampling.pools import N_CATEGORIES, make_pool

every_sampler = pytest.mark.parametrize("name", sorted(SAMPLERS))


def ask(name: str, pool: Pool, n: int, seed: int = 0) -> np.ndarray:
    return resolve(name)(pool, n, np.random.default_rng(seed))


@every_sampler
class TestEverySampler:
    @settings(max_examples=15, deadline=None)
    @given(
        n_products=st.integers(1, 40),
        n_closed=st.integers(0, 40),
        n_groups=st.integers(1, 40),
        n=st.integers(0, 60),
        seed=st.integers(0, 5),
    )
    def test_asks_distinct_open_products_as_many_as_there_are(
        self, name, n_products, n_closed, n_groups, n, seed
    ):
        pool = make_pool(n_products, n_closed=n_closed, n_groups=n_groups, seed=seed)

        rows = ask(name, pool, n)

        assert np.issubdtype(rows.dtype, np.integer)
        assert len(rows) == min(n, len(pool.open_rows()))
        assert len(set(rows.tolist())) == len(rows)
        assert pool.is_open[rows].all()

    def test_orders_the_whole_catalogue(self, name):
        pool = make_pool(90, n_closed=10, n_groups=30)

        rows = ask(name, pool, 1_000)

        assert sorted(rows.tolist()) == list(range(10, 90))

    def test_gives_the_same_answer_for_the_same_seed(self, name):
        pool = make_pool(90, n_closed=10)

        assert ask(name, pool, 40, seed=3).tolist() == ask(name, pool, 40, seed=3).tolist()

    @pytest.mark.parametrize("n", [5, 12, 20])
    def test_asks_no_two_of_a_group_while_there_are_others(self, name, n):
        pool = make_pool(200, n_groups=20, seed=1)
        n_groups = len(np.unique(pool.groups))

        rows = ask(name, pool, n)

        assert len(np.unique(pool.groups[rows])) == min(n, n_groups)

    def test_asks_near_duplicates_when_nothing_else_is_left(self, name):
        pool = replace(make_pool(20), groups=np.arange(20) // 4)

        rows = ask(name, pool, 20)

        for turn in range(4):
            assert len(np.unique(pool.groups[rows[5 * turn : 5 * turn + 5]])) == 5

    def test_asks_the_only_product(self, name):
        assert ask(name, make_pool(1), 5).tolist() == [0]

    def test_has_nothing_to_ask_where_all_is_decided(self, name):
        assert ask(name, make_pool(10, n_closed=10), 5).tolist() == []

    def test_has_nothing_to_ask_of_an_empty_catalogue(self, name):
        assert ask(name, make_pool(0), 5).tolist() == []

    def test_orders_a_catalogue_without_any_text(self, name):
        pool = make_pool(30)
        pool = replace(pool, text=np.full((30, N_CATEGORIES), np.nan))

        assert sorted(ask(name, pool, 30).tolist()) == list(range(30))

    def test_orders_products_that_all_look_the_same(self, name):
        pool = make_pool(30)
        pool = replace(
            pool,
            features=np.tile(np.eye(8)[0], (30, 1)),
            probabilities=np.full((30, N_CATEGORIES), 1 / N_CATEGORIES),
        )

        assert sorted(ask(name, pool, 30).tolist()) == list(range(30))

    def test_orders_products_that_the_model_is_certain_of(self, name):
        pool = replace(make_pool(30), probabilities=np.eye(N_CATEGORIES)[np.arange(30) % 4])

        assert sorted(ask(name, pool, 30).tolist()) == list(range(30))

    def test_orders_a_catalogue_without_labels_and_source_categories(self, name):
        nothing = np.full(30, UNKNOWN)
        pool = replace(make_pool(30), labels=nothing, sources=nothing)

        assert sorted(ask(name, pool, 30).tolist()) == list(range(30))

    def test_orders_a_catalogue_without_source_categories(self, name):
        pool = replace(make_pool(60, n_closed=20), sources=np.full(60, UNKNOWN))

        rows = ask(name, pool, 60)

        assert sorted(rows.tolist()) == list(range(20, 60))

    def test_reads_single_precision(self, name):
        pool = make_pool(30)
        single = {
            array: getattr(pool, array).astype(np.float32)
            for array in ("features", "probabilities", "text", "image")
        }

        assert sorted(ask(name, replace(pool, **single), 30).tolist()) == list(range(30))

    def test_leaves_the_catalogue_as_it_was(self, name):
        pool, same = make_pool(30, n_closed=4), make_pool(30, n_closed=4)

        ask(name, pool, 30)

        for array in ("is_open", "labels", "sources", "groups", *WHAT_IS_MISSING):
            np.testing.assert_array_equal(getattr(pool, array), getattr(same, array))

    def test_needs_what_it_says_and_nothing_else(self, name):
        needs = SAMPLERS[name].needs
        unneeded = {array: None for array in WHAT_IS_MISSING if array not in needs}
        pool = replace(make_pool(30), sources=np.full(30, UNKNOWN), **unneeded)

        assert missing(name, pool) == ()
        assert len(ask(name, pool, 5)) == 5
        for need in needs:
            lacking = replace(pool, **{need: None})
            assert missing(name, lacking) == (need,)
            with pytest.raises(MlError, match="this order needs a catalogue with"):
                ask(name, lacking, 5)


def test_an_unknown_sampler_is_named_with_those_that_there_are():
    with pytest.raises(MlError, match="there is no sampler 'oracle'; there are: default, random, "):
        resolve("oracle")


def test_the_table_is_read_without_a_model_library():
    command = "import sys, ml.sampling.table; print('sklearn' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, timeout=60, check=True
    )

    assert answer.stdout.strip() == "False"
