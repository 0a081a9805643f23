import cv2
import numpy as np
import pytest

from ml.branches import Branch
from ml.contract import PipelineSettings, ProductBatch
from ml.explaining.region import GRID, find_region
from ml.images.backbone import build
from ml.images.loading import load_inside
from ml.pipelines import load


def photo(path, corner=(200, 0, 0), size=(300, 400)):
    """Write a white photo with a coloured square in its lower right corner."""
    pixels = np.full((*size, 3), 255, dtype=np.uint8)
    pixels[-size[0] // 7 :, -size[1] // 7 :] = corner
    cv2.imwrite(str(path), pixels[:, :, ::-1])
    return path


def product(path):
    return ProductBatch(("p",), ("",), ("",), ("",), (path,), (path and "0" * 64,))


def by_corner(batch):
    """Answer by how red the lower right corner is."""
    shares = []
    for path in batch.image_paths:
        pixels = load_inside(path, 448, 448).astype(float)
        corner = pixels[-20:, -20:].mean(axis=(0, 1))
        shares.append(0.1 + 0.8 * (corner[0] > corner[1] + 50))
    return np.column_stack([np.array(shares), 1 - np.array(shares)])


def test_finds_the_corner_that_decides(tmp_path):
    found = find_region(by_corner, product(photo(tmp_path / "a.png")))

    assert found.column == 0
    assert found.weights.shape == (GRID, GRID)
    assert found.weights[-1, -1] == 1.0
    assert found.weights[:-3].max() == 0.0
    assert found.weights[:, :-3].max() == 0.0


def test_the_same_photo_has_the_same_region(tmp_path):
    path = photo(tmp_path / "a.png")

    first, second = find_region(by_corner, product(path)), find_region(by_corner, product(path))

    assert np.array_equal(first.weights, second.weights)


def test_a_branch_that_ignores_the_photo_has_no_region(tmp_path):
    def answer(batch):
        return np.tile([0.7, 0.3], (len(batch), 1))

    found = find_region(answer, product(photo(tmp_path / "a.png")))

    assert not found.weights.any()


def test_a_part_that_hardly_matters_is_no_region(tmp_path):
    def answer(batch):
        said = 0.7 + 0.02 * (by_corner(batch)[:, 0] > 0.5)
        return np.column_stack([said, 1 - said])

    found = find_region(answer, product(photo(tmp_path / "a.png")))

    assert not found.weights.any()


def test_without_a_readable_image_there_is_none(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")

    assert find_region(by_corner, product(None)) is None
    assert find_region(by_corner, product(tmp_path / "broken.png")) is None


def test_leaves_no_photo_behind(tmp_path):
    seen = []

    def answer(batch):
        seen.extend(batch.image_paths)
        return by_corner(batch)

    find_region(answer, product(photo(tmp_path / "a.png")))

    assert len(seen) == GRID * GRID + 1
    assert not any(path.exists() for path in seen)


@pytest.mark.slow
def test_a_backbone_is_asked_like_any_other_pipeline(tmp_path, shared_data):
    weights = shared_data / "weights" / "mobilenet_v2_imagenet_no_top.weights.h5"
    settings = PipelineSettings(backbone="MobileNetV2", weights=weights, epochs=5)
    paths = [photo(tmp_path / f"{at}.png", (0, 60 + at, 255 * (at % 2))) for at in range(8)]
    n = len(paths)
    batch = ProductBatch(
        tuple(map(str, range(n))), ("",) * n, ("",) * n, ("",) * n, tuple(paths),
        tuple(f"{at:064x}" for at in range(n)),
    )  # fmt: skip
    fitted = build(settings).fit(batch, np.arange(n) % 2, lambda done, total: None)
    fitted.save(tmp_path / "model")
    branch = Branch("image", "backbone", load(tmp_path / "model", settings), 1.0)

    found = find_region(lambda one: branch.predict(one, (0, 1)), batch.take([1]))

    assert found.column in {0, 1}
    assert 0.0 <= found.weights.min() <= found.weights.max() <= 1.0
