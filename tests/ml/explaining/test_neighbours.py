import numpy as np
import pytest

from ml.explaining import neighbours as explaining
from ml.explaining.neighbours import nearest


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 6))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_finds_the_highest_cosines_without_the_product_itself(features):
    rows = np.array([3, 20])

    found, cosines = nearest(features, rows, n=5)

    every = features[rows] @ features.T
    every[[0, 1], rows] = -np.inf
    assert found.tolist() == np.argsort(-every, axis=1)[:, :5].tolist()
    assert cosines == pytest.approx(np.sort(every, axis=1)[:, ::-1][:, :5])


def test_reading_part_by_part_changes_nothing(features, monkeypatch):
    whole, _ = nearest(features, np.arange(50), n=7)
    monkeypatch.setattr(explaining, "AT_ONCE", 9)

    in_parts, _ = nearest(features, np.arange(50), n=7)

    assert in_parts.tolist() == whole.tolist()


def test_only_some_may_be_neighbours(features):
    found, _ = nearest(features, np.array([0]), np.array([4, 0, 9]), n=5)

    assert sorted(found[0].tolist()) == [-1, 4, 9]
    assert found[0, -1] == -1


def test_a_product_alone_has_none(features):
    found, cosines = nearest(features[:1], np.array([0]), n=3)

    assert found.tolist() == [[-1]]
    assert cosines.tolist() == [[-np.inf]]
