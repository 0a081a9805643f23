"""Samplers of scikit-activeml keep the contract of ours."""

import numpy as np
import pytest

from ml.errors import MlError
from ml.simulation.oracles import ORACLES, sampler_of
from tests.ml.sampling.pools import make_pool
from tests.ml.simulation.catalogues import without_the_library


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("n_closed", [0, 12])
def test_rows_are_distinct_and_open(name, n_closed):
    pool = make_pool(60, n_closed=n_closed)

    rows = sampler_of(name)(pool, 7, np.random.default_rng(0))

    assert len(set(rows.tolist())) == 7
    assert pool.is_open[rows].all()


@pytest.mark.parametrize("name", ORACLES)
def test_the_last_batch_is_what_is_left(name):
    pool = make_pool(60, n_closed=55)

    rows = sampler_of(name)(pool, 20, np.random.default_rng(0))

    assert sorted(rows.tolist()) == list(range(55, 60))


@pytest.mark.parametrize("name", ORACLES)
def test_copies_do_no_harm(name):
    pool = make_pool(60, n_closed=12)
    pool.features[30:] = pool.features[0]

    rows = sampler_of(name)(pool, 5, np.random.default_rng(0))

    assert len(set(rows.tolist())) == 5
    assert pool.is_open[rows].all()


def test_products_held_out_are_not_seen():
    pool = make_pool(60, n_closed=12)
    shown = np.r_[0:40]
    pool.is_open[40:] = False  # neither open nor labelled: held out
    alone = make_pool(60, n_closed=12)
    alone.features[40:], alone.is_open[40:] = np.roll(alone.features[40:], 1), False

    rows = [
        sampler_of("skactiveml:badge")(each, 5, np.random.default_rng(0)) for each in (pool, alone)
    ]

    assert rows[0].tolist() == rows[1].tolist()
    assert np.isin(rows[0], shown).all()


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    without_the_library(monkeypatch)

    with pytest.raises(MlError, match="pip install"):
        sampler_of("skactiveml:badge")


def test_a_failure_of_the_library_is_said_and_loses_no_run(monkeypatch):
    def broken(*args, **kwargs):
        raise IndexError("index 3 is out of bounds")

    monkeypatch.setattr("skactiveml.pool.CoreSet.query", broken)

    with pytest.raises(MlError, match="CoreSet failed: index 3"):
        sampler_of("skactiveml:coreset")(make_pool(), 5, np.random.default_rng(0))
