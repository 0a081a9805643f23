"""A clean-up counts decisions until 99 % is right, and those until the advice to stop."""

import numpy as np
import pytest

from ml.contract import ignore_progress
from ml.sampling.pool import UNKNOWN
from ml.sampling.table import resolve
from ml.simulation.beliefs import by_model, by_posterior, by_source
from ml.simulation.cleaning import clean_up
from tests.ml.simulation.catalogues import make_start


def with_wrong(rows, spread=0.3):
    labels, _ = make_start(spread=spread)
    sources = labels.copy()
    sources[rows] = (sources[rows] + 1) % 3
    return make_start(sources, spread=spread)


def in_order(*first):
    """Return a sampler that asks some rows first, then the others as they stand."""

    def sampler(pool, n, rng):
        rest = [row for row in pool.open_rows().tolist() if row not in first]
        opened = [row for row in first if pool.is_open[row]]
        return np.array([*opened, *rest][:n])

    return sampler


def cleaned(labels, start, sampler, believe, batch=5, **modalities):
    rng = np.random.default_rng(0)
    return clean_up(labels, start, sampler, batch, believe, rng, ignore_progress, **modalities)


def test_what_is_right_already_needs_no_decision():
    labels, start = make_start()

    found = cleaned(labels, start, in_order(), by_source)

    assert found.right_at_start == 1
    assert found.n_to_enough == 0
    assert (found.n_to_advice, found.right_at_advice) == (30, 1.0)


def test_decisions_are_counted_one_by_one():
    labels, start = with_wrong([10, 20])  # of 90: 99 % is one mistake at most, and that is too much

    found = cleaned(labels, start, in_order(3, 10, 4, 20), by_source)

    assert found.right_at_start == pytest.approx(88 / 90)
    assert found.n_to_enough == 4


def test_advice_may_come_too_early_and_says_how_much_was_right_then():
    labels, start = with_wrong([70, 80])

    found = cleaned(labels, start, in_order(), by_source)

    assert (found.n_to_advice, found.right_at_advice) == (30, pytest.approx(88 / 90))
    assert found.n_to_enough == 81


def test_everything_is_asked_where_corrections_never_end():
    labels, start = with_wrong(np.arange(90))

    found = cleaned(labels, start, in_order(), by_source)

    assert found.right_at_start == 0
    assert (found.n_to_advice, found.right_at_advice) == (None, None)
    assert found.n_to_enough == 90


def test_the_recipe_finds_wrong_sources_sooner_than_random_order():
    labels, start = with_wrong(np.arange(0, 90, 10), spread=1.2)
    ways = [resolve("default"), resolve("random")]

    recipe, chance = (cleaned(labels, start, way, by_posterior(0)) for way in ways)
    kept = cleaned(labels, start, ways[1], by_source)

    assert recipe.right_at_start > kept.right_at_start == 0.9
    assert recipe.n_to_enough < chance.n_to_enough <= kept.n_to_enough


def test_without_sources_the_quick_model_is_believed():
    labels, start = make_start(np.full(90, UNKNOWN))

    found = cleaned(labels, start, resolve("default"), by_model)

    assert found.right_at_start < 0.6
    assert 0 < found.n_to_enough < 90


@pytest.mark.parametrize("believe", [by_posterior(0), by_source], ids=["posterior", "source"])
def test_a_sampler_that_compares_modalities_gets_what_each_makes_of_the_evidence(believe):
    labels, start = with_wrong([10, 20])
    image = start.features.copy()
    image[::4] = 0
    seen = []

    def first_ones(pool, n, rng):
        seen.append(pool)
        return pool.open_rows()[:n]

    cleaned(labels, start, first_ones, believe, text=start.features, image=image)

    assert np.isnan(seen[0].image[::4]).all()
    shown = np.delete(seen[0].image, np.s_[::4], axis=0)
    np.testing.assert_allclose(shown.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(seen[0].text, seen[0].probabilities)


def test_other_samplers_wait_for_no_modality():
    labels, start = make_start()
    seen = []

    def first_ones(pool, n, rng):
        seen.append(pool)
        return pool.open_rows()[:n]

    cleaned(labels, start, first_ones, by_source)

    assert (seen[0].text, seen[0].image) == (None, None)
