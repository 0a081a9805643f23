"""A replay asks everything once, never what is held out, and scores honestly."""

import numpy as np
import pytest

from ml.contract import ignore_progress
from ml.sampling.pool import UNKNOWN
from ml.sampling.table import resolve
from ml.simulation.replay import replay
from tests.ml.simulation.catalogues import make_replayed


def replayed(sampler, catalogue=None, batch=7):
    catalogue = make_replayed() if catalogue is None else catalogue
    return replay(catalogue, sampler, batch, np.random.default_rng(0), ignore_progress)


@pytest.mark.parametrize("name", ["random", "margin", "default", "badge"])
def test_points_go_from_the_first_batch_to_all_labels(name):
    points, picks = replayed(resolve(name))

    assert [point.n_labels for point in points] == [*range(7, 60, 7), 60]
    assert points[-1].ari > 0.8
    assert points[-1].accuracy > 0.9
    assert 3 <= picks <= 60


def test_a_sampler_sees_labels_of_what_was_asked_alone():
    catalogue = make_replayed()
    seen = []

    def first_ones(pool, n, rng):
        seen.append(pool)
        return pool.open_rows()[:n]

    replayed(first_ones, catalogue)

    assert (seen[0].labels == UNKNOWN).all()
    assert all((pool.labels[catalogue.held_out] == UNKNOWN).all() for pool in seen)
    assert all(not pool.is_open[catalogue.held_out].any() for pool in seen)
    assert [int((pool.labels != UNKNOWN).sum()) for pool in seen] == [*range(0, 60, 7)]
    assert (seen[0].text, seen[0].image) == (None, None)


def test_held_out_labels_play_no_part_in_what_is_asked():
    catalogue = make_replayed()
    others = catalogue.labels.copy()
    others[catalogue.held_out] = (others[catalogue.held_out] + 1) % 3
    orders = []
    for labels in (catalogue.labels, others):
        order = []

        def asked(pool, n, rng, order=order):
            rows = resolve("margin")(pool, n, rng)
            order.extend(rows.tolist())
            return rows

        replayed(asked, make_replayed(labels=labels))
        orders.append(order)

    assert orders[0] == orders[1]


def test_a_sampler_that_compares_modalities_gets_both_and_nothing_where_one_is_missing():
    catalogue = make_replayed()
    image = catalogue.features.copy()
    image[::4] = 0
    seen = []

    def first_ones(pool, n, rng):
        seen.append(pool)
        return pool.open_rows()[:n]

    replayed(first_ones, make_replayed(text=catalogue.features, image=image))

    assert np.isnan(seen[-1].image[::4]).all()
    assert not np.isnan(np.delete(seen[-1].image, np.s_[::4], axis=0)).any()
    assert not np.isnan(seen[-1].text).any()


@pytest.mark.parametrize("answer", [[], [1, 1], [0], [1, 90]])
def test_a_sampler_that_breaks_its_contract_is_no_result(answer):
    with pytest.raises((ValueError, IndexError)):
        replayed(lambda pool, n, rng: np.array(answer, dtype=np.int64))


def test_progress_counts_labels():
    told = []
    replay(
        make_replayed(),
        resolve("random"),
        40,
        np.random.default_rng(0),
        lambda done, total: told.append((done, total)),
    )

    assert told == [(40, 60), (60, 60)]
