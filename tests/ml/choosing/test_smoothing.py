import numpy as np
import pytest

from ml.choosing import smoothing as module
from ml.choosing.smoothing import smooth
from tests.ml.choosing.catalogues import make_blobs


def test_one_turn_on_three_products_is_the_formula():
    # Cosines 0.8 (first and second), 0 and 0.6 (to the third).
    features = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])

    smoothed = smooth(features, n_neighbours=1, turns=1)

    expected = np.array([[0.9, 0.3], [0.9, 0.3], [0.4, 0.8]])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert smoothed == pytest.approx(expected, abs=1e-6)


def test_weights_are_squared_cosines():
    features = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.6, 0.0, 0.8]])

    smoothed = smooth(features, n_neighbours=2, turns=1)

    drawn = (0.64 * features[1] + 0.36 * features[2]) / 1.0
    expected = 0.5 * features[0] + 0.5 * drawn
    assert smoothed[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_products_of_a_category_come_closer_and_lengths_stay():
    features, truth = make_blobs(90)

    smoothed = smooth(features)

    same = truth[:, None] == truth
    gap_before, gap_after = (
        (x @ x.T)[same].mean() - (x @ x.T)[~same].mean() for x in (features, smoothed)
    )
    assert gap_after > gap_before + 0.1
    assert np.linalg.norm(smoothed, axis=1) == pytest.approx(1, abs=1e-5)


def test_neighbours_at_an_obtuse_angle_and_rows_of_zeros_change_nothing():
    features = np.array([[1.0, 0.0], [-1.0, 0.1], [0.0, 0.0]], dtype=np.float32)
    features[1] /= np.linalg.norm(features[1])

    assert smooth(features) == pytest.approx(features, abs=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_catalogues_are_smoothed(n):
    features = np.eye(2, 3, dtype=np.float32)[:n]

    assert smooth(features) == pytest.approx(features)


def test_the_argument_is_left_alone():
    features, _ = make_blobs(30)
    before = features.copy()

    smooth(features)

    assert features.tobytes() == before.tobytes()


class TestLargeCatalogues:
    @pytest.fixture(autouse=True)
    def small_cells(self, monkeypatch):
        monkeypatch.setattr(module, "AT_MOST_EXACT", 100)
        monkeypatch.setattr(module, "CELL", 60)
        monkeypatch.setattr(module, "AT_ONCE", 7)

    def test_cells_find_nearly_the_same_as_all_pairs(self, monkeypatch):
        features, _ = make_blobs(360, 6, spread=0.4)

        in_cells = smooth(features)
        monkeypatch.setattr(module, "AT_MOST_EXACT", 1_000)
        exact = smooth(features)

        assert (in_cells * exact).sum(axis=1).mean() > 0.98

    def test_each_product_is_in_one_cell(self):
        features, _ = make_blobs(360, 6)

        cells = module.cells_of(features, seed=0)

        assert len(cells) > 1
        assert sorted(np.concatenate(cells)) == list(range(360))

    def test_same_seed_gives_the_same_bits(self):
        features, _ = make_blobs(360, 6)

        assert smooth(features, seed=4).tobytes() == smooth(features, seed=4).tobytes()
