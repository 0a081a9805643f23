from dataclasses import replace
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest

from ml.choosing import features as module
from ml.choosing import text_features as text_module
from ml.choosing.features import features_of
from ml.contract import PipelineSettings
from tests.ml.choosing.catalogues import make_batch
from tests.ml.images.pictures import batch_of, encoded, picture

NO_WEIGHTS = PipelineSettings(weights=Path("there-is-no-such-file.h5"))
NAMES = ["blue steel cup", "red steel cup", "soft cotton towel", "large cotton towel"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> PipelineSettings:
    """Name random weights of a small backbone."""
    folder = tmp_path_factory.mktemp("weights")
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3)
    )
    network.save_weights(folder / "random.weights.h5")
    return PipelineSettings(
        backbone="MobileNetV2",
        weights=folder / "random.weights.h5",
        feature_dir=folder / "features",
        precision="float32",
        image_size_px=(32, 32),
    )


class MeanColours:
    """Stands for a backbone: the mean of each colour, which random weights do not tell apart."""

    n_features = 3

    def __init__(self, settings):
        self.settings = settings

    def compute(self, batch, on_progress):
        on_progress(len(batch), len(batch))

    def of(self, batch, on_progress):
        colours = [cv2.imread(str(path)).mean(axis=(0, 1)) for path in batch.image_paths]
        return np.array(colours, dtype=np.float16), np.ones(len(batch), dtype=np.bool_)


def lengths(features):
    return np.linalg.norm(features, axis=1)


class TestText:
    def test_products_of_the_same_words_look_alike(self):
        features = features_of(make_batch(NAMES), NO_WEIGHTS)

        cosines = features @ features.T
        assert cosines[0, 1] > cosines[0, 2]
        assert cosines[2, 3] > cosines[2, 0]
        assert features.dtype == np.float32
        assert lengths(features) == pytest.approx(1, abs=1e-5)

    def test_keys_of_specifications_bring_products_together(self):
        plain = make_batch(["alpha one", "beta two", "gamma three"])
        keyed = replace(plain, specifications=("Dial: Round", "Dial: Square", "Thread count: 90"))

        cosines = [
            features @ features.T
            for features in (features_of(batch, NO_WEIGHTS) for batch in (plain, keyed))
        ]
        assert cosines[1][0, 1] > cosines[0][0, 1] + 0.1

    def test_same_seed_gives_the_same_bits(self):
        once, again = (features_of(make_batch(NAMES * 9), NO_WEIGHTS, seed=3) for _ in range(2))

        assert once.tobytes() == again.tobytes()

    def test_a_large_catalogue_is_read_along_what_a_sample_teaches(self, monkeypatch):
        monkeypatch.setattr(text_module, "AT_MOST_TEXTS", 40)

        features = features_of(make_batch(NAMES * 25), NO_WEIGHTS)

        assert features.shape[0] == 100
        assert lengths(features) == pytest.approx(1, abs=1e-5)
        assert np.abs(features[:4] - features[96:]).max() < 1e-6

    @pytest.mark.parametrize("names", [["alone here", "quite other"], ["one"], ["of the", "and"]])
    def test_words_that_nobody_shares_are_enough(self, names):
        features = features_of(make_batch(names), NO_WEIGHTS)

        assert lengths(features) == pytest.approx(1, abs=1e-5)

    def test_a_product_without_words_has_zeros(self):
        features = features_of(make_batch([*NAMES, ""]), NO_WEIGHTS)

        assert lengths(features)[:4] == pytest.approx(1, abs=1e-5)
        assert not features[4].any()

    @pytest.mark.parametrize("n", [0, 3])
    def test_a_catalogue_without_any_word_has_one_column_of_zeros(self, n):
        features = features_of(make_batch([""] * n), NO_WEIGHTS)

        assert features.shape == (n, 1)
        assert not features.any()


class TestImages:
    def test_the_same_picture_brings_products_together(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "BackboneFeatures", MeanColours)
        red, blue = (encoded(picture(30, 30, colour)) for colour in ((220, 30, 30), (20, 60, 220)))
        batch = batch_of([red, blue, red, blue], tmp_path, texts=["w", "x", "y", "z"])

        features = features_of(batch, NO_WEIGHTS)

        cosines = features @ features.T
        assert cosines[0, 2] > cosines[0, 1] + 0.1

    def test_missing_and_damaged_pictures_leave_the_text(self, settings, tmp_path):
        contents = [encoded(picture(30, 30)), None, b"no image", encoded(picture(20, 30))]
        batch = batch_of(contents, tmp_path, texts=NAMES)

        features = features_of(batch, settings)

        assert lengths(features) == pytest.approx(1, abs=1e-5)
        assert features[1] @ features[2] == pytest.approx(
            np.prod(features_of(batch, NO_WEIGHTS)[1:3], axis=0).sum(), abs=1e-3
        )

    def test_nothing_but_damaged_pictures_is_text_alone(self, settings, tmp_path):
        batch = batch_of([b"no image", None], tmp_path, texts=NAMES[:2])

        assert features_of(batch, settings).tobytes() == features_of(batch, NO_WEIGHTS).tobytes()

    def test_progress_counts_pictures(self, settings, tmp_path):
        contents = [encoded(picture(24 + n, 31)) for n in range(3)]
        batch = batch_of(contents, tmp_path, texts=NAMES[:3])
        seen = []

        features_of(batch, settings, on_progress=lambda done, total: seen.append((done, total)))

        assert seen[-1] == (3, 3)

    def test_directions_are_found_on_a_sample_of_a_large_catalogue(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "BackboneFeatures", MeanColours)
        monkeypatch.setattr(module, "AT_MOST_NUMBERS", 0)
        monkeypatch.setattr(module, "IMAGE_DIMENSIONS", 2)
        colours = [(40 * n, 255 - 40 * n, 90) for n in range(6)]
        contents = [encoded(picture(30, 30, colour)) for colour in colours]
        batch = batch_of(contents, tmp_path, texts=[""] * 6)

        features = features_of(batch, NO_WEIGHTS)

        assert features.shape == (6, 2)
        assert lengths(features) == pytest.approx(1, abs=1e-5)
