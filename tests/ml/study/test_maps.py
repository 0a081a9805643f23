"""Coordinates keep distances; maps need products that differ."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from ml.study import maps
from ml.study.maps import draw_maps, principal_coordinates


@pytest.mark.parametrize("shape", [(30, 8), (8, 300), (12, 12), (1, 5)])
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_distances_stay_what_they_are(shape, precision):
    embeddings = np.random.default_rng(0).normal(size=shape).astype(precision)

    found = principal_coordinates(embeddings)

    assert found.shape[1] <= max(shape[0], min(shape))
    assert pairwise_distances(found) == pytest.approx(pairwise_distances(embeddings), abs=1e-3)


def test_the_widest_axis_comes_first():
    embeddings = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 100]

    spread = principal_coordinates(embeddings).std(axis=0)

    assert spread[0] > 5 * spread[1] > 25 * spread[2]


def test_equal_products_stay_equal():
    embeddings = np.random.default_rng(0).normal(size=(6, 400))[[0, 0, 1, 2, 3, 0]]

    found = principal_coordinates(embeddings)

    assert len(np.unique(found, axis=0)) == 4


def test_two_far_groups_lie_apart_on_both_maps():
    rng = np.random.default_rng(0)
    columns = np.repeat([0, 1], 20)
    embeddings = rng.normal(size=(40, 5)) + 50 * columns[:, None]

    for points in draw_maps(principal_coordinates(embeddings), columns, seed=0):
        xy = np.array(points.xy)
        within = pairwise_distances(xy[:20]).mean()
        between = pairwise_distances(xy[:20], xy[20:]).mean()
        assert between > 2 * within
        assert points.columns == tuple(columns)


@pytest.mark.parametrize("embeddings", [np.ones((40, 3)), np.eye(9), np.zeros((0, 4))])
def test_too_few_that_differ_have_no_maps(embeddings):
    coordinates = embeddings - embeddings.mean(axis=0) if len(embeddings) else embeddings

    assert draw_maps(coordinates, np.zeros(len(embeddings), dtype=int), seed=0) == ()


def test_many_products_are_drawn_in_part(monkeypatch):
    monkeypatch.setattr(maps, "MOST_DRAWN", 15)
    embeddings = np.random.default_rng(0).normal(size=(60, 4))

    found = draw_maps(embeddings, np.arange(60), seed=0)

    assert [len(points.xy) for points in found] == [15, 15]
    assert found[0].columns == found[1].columns


def test_one_feature_is_enough():
    found = draw_maps(np.arange(20.0)[:, None], np.zeros(20, dtype=int), seed=0)

    assert all(len(point) == 2 for points in found for point in points.xy)
