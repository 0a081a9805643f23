"""Weights come from a file or Keras's cache, and what is wrong with them is said in plain words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.errors import MlError, WeightsUnavailableError
from ml.images import weights
from ml.images.features import BackboneFeatures
from ml.pipelines import backbone_problem, build, fetch_weights
from tests.ml.images.pictures import batch_of, encoded, picture

MOBILENET_FILE = (
    Path(__file__).resolve().parents[4]
    / "shared/data/weights/mobilenet_v2_imagenet_no_top.weights.h5"
)
VGG16_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions


@pytest.fixture
def keras_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of Keras's, away from that of whoever runs the tests."""
    monkeypatch.setattr(weights, "keras_home", lambda: str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "models"
    folder.mkdir(parents=True)
    return folder


def write_official_vgg16(path: Path) -> list[np.ndarray]:
    """Write random weights as the file of Keras 1 has them that ``weights="imagenet"`` fetches."""
    rng = np.random.default_rng(0)
    names: list[bytes] = [b"input_1"]
    arrays: list[np.ndarray] = []
    with h5py.File(path, "w") as out:
        out.create_group("input_1").attrs["weight_names"] = np.array([], dtype="S1")
        channels = 3
        for block, (width, depth) in enumerate(VGG16_BLOCKS, start=1):
            for layer in range(1, depth + 1):
                name = f"block{block}_conv{layer}"
                kernel = rng.normal(size=(3, 3, channels, width)) * np.sqrt(2 / (9 * channels))
                bias = rng.normal(size=width) * 0.01
                channels = width
                group = out.create_group(name)
                group.attrs["weight_names"] = [f"{name}_W_1:0".encode(), f"{name}_b_1:0".encode()]
                for suffix, values in (("W_1:0", kernel), ("b_1:0", bias)):
                    arrays.append(values.astype(np.float32))
                    group.create_dataset(f"{name}_{suffix}", data=arrays[-1])
                names.append(name.encode())
            names.append(f"block{block}_pool".encode())
            out.create_group(f"block{block}_pool").attrs["weight_names"] = np.array([], dtype="S1")
        out.attrs["layer_names"] = names
    return arrays


@pytest.mark.slow
class TestVgg16:
    def test_official_file_is_read_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
        arrays = write_official_vgg16(path)

        recipe = weights.recipe_of(PipelineSettings(weights=path, precision="float32"))
        network = weights.load_backbone(recipe, path)

        assert network.count_params() == 14_714_688
        assert network.output_shape == (None, 25_088)
        assert all(
            np.array_equal(kept, wanted)
            for kept, wanted in zip(network.get_weights(), arrays, strict=True)
        )
        assert not network.trainable_weights

    def test_pipeline_learns_on_it(self, tmp_path: Path) -> None:
        path = tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
        write_official_vgg16(path)
        settings = PipelineSettings(
            weights=path, feature_dir=tmp_path / "features", image_size_px=(32, 32), epochs=40
        )
        labels = np.array([1, 2] * 6)
        colours = {1: (230, 20, 20), 2: (20, 20, 230)}
        batch = batch_of(
            [encoded(picture(40 + n, 40, colours[k])) for n, k in enumerate(labels.tolist())],
            tmp_path / "images",
        )

        pipeline = build("backbone", settings).fit(batch, labels, lambda done, total: None)

        assert pipeline.embed(batch).shape == (12, 512)
        assert (pipeline.predict_proba(batch).argmax(axis=1) + 1 == labels).all()

    def test_file_in_the_cache_of_keras_is_found(self, keras_cache: Path) -> None:
        write_official_vgg16(keras_cache / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")

        assert backbone_problem(PipelineSettings(image_size_px=(32, 32))) is None


@pytest.mark.slow
def test_mobilenet_file_beside_the_project_is_read(tmp_path: Path) -> None:
    if not MOBILENET_FILE.is_file():
        pytest.skip("the MobileNetV2 weights of ../shared/data are not here")
    settings = PipelineSettings(backbone="MobileNetV2", weights=MOBILENET_FILE)

    features, found = BackboneFeatures(settings).of(
        batch_of([encoded(picture(300, 200))], tmp_path), lambda done, total: None
    )

    assert features.shape == (1, 1280)
    assert found.all()
    assert 0.1 < features.mean() < 2  # ReLU6 averaged: weights that miss their layer give 0 or 6


class TestProblem:
    def test_neither_file_nor_cache_says_what_to_do(self, keras_cache: Path) -> None:
        words = backbone_problem(PipelineSettings())

        assert words is not None
        assert "VGG16" in words
        assert "shelfwise weights fetch" in words

    def test_missing_file_is_named_with_what_was_expected(self, tmp_path: Path) -> None:
        words = backbone_problem(PipelineSettings(weights=tmp_path / "none.h5"))

        assert words is not None
        assert "none.h5 does not exist" in words
        assert "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5" in words

    @pytest.mark.parametrize("name", ["damaged.h5", "damaged.weights.h5", "damaged.bin"])
    def test_damaged_file_is_named(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 500)

        words = backbone_problem(
            PipelineSettings(
                backbone="MobileNetV3Small", weights=tmp_path / name, image_size_px=(32, 32)
            )
        )

        assert words is not None
        assert f"{name} can't be read as MobileNetV3Small's" in words

    def test_weights_of_another_backbone_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "other.weights.h5"
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save_weights(path)

        words = backbone_problem(
            PipelineSettings(backbone="MobileNetV3Small", weights=path, image_size_px=(32, 32))
        )

        assert words is not None
        assert "another network's" in words

    def test_unknown_backbone_lists_the_known(self, tmp_path: Path) -> None:
        (tmp_path / "some.h5").write_bytes(b"")

        words = backbone_problem(PipelineSettings(backbone="VGG61", weights=tmp_path / "some.h5"))

        assert words is not None
        assert "no backbone 'VGG61'" in words
        assert "VGG16" in words


class TestRecipe:
    def test_vgg16_is_flattened_as_in_the_study_and_others_are_averaged(self) -> None:
        assert weights.recipe_of(PipelineSettings()).pooling == "flatten"
        assert weights.recipe_of(PipelineSettings(backbone="MobileNetV2")).pooling == "avg"
        assert weights.recipe_of(PipelineSettings(pooling="max")).pooling == "max"

    @pytest.mark.parametrize("changes", [{"pooling": "median"}, {"precision": "float8"}])
    def test_unknown_value_lists_the_known(self, changes: dict[str, str]) -> None:
        with pytest.raises(MlError, match=r"there is no .*; there are: f"):
            weights.recipe_of(replace(PipelineSettings(), **changes))

    @pytest.mark.parametrize(
        ("flags", "precision"),
        [
            ("flags : fpu avx512_bf16 sse", "mixed_bfloat16"),
            ("flags : amx_bf16", "mixed_bfloat16"),
            ("flags : fpu avx512f", "float32"),
        ],
    )
    def test_precision_follows_the_processor(
        self, tmp_path: Path, flags: str, precision: str
    ) -> None:
        (tmp_path / "cpuinfo").write_text(flags, encoding="ascii")

        assert weights.fastest_precision(tmp_path / "cpuinfo") == precision

    def test_unknown_system_computes_in_float32(self, tmp_path: Path) -> None:
        assert weights.fastest_precision(tmp_path / "none") == "float32"


class TestFetch:
    def test_without_a_network_one_line_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**_: object) -> None:
            raise Exception("URL fetch failure on https://example.org: None -- [Errno -2]\nmore")

        monkeypatch.setattr(keras.applications, "MobileNetV3Small", refuse)

        with pytest.raises(WeightsUnavailableError, match="could not be downloaded: URL") as caught:
            fetch_weights("MobileNetV3Small")
        assert "\n" not in str(caught.value)

    def test_what_is_fetched_is_found_again(
        self, keras_cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = keras.applications.MobileNetV3Small
        monkeypatch.setattr(
            keras.applications,
            "MobileNetV3Small",
            lambda **known: real(**known | {"weights": None}),
        )

        path = fetch_weights("MobileNetV3Small")

        assert path.parent == keras_cache
        assert weights.find_file(PipelineSettings(backbone="MobileNetV3Small")) == path
