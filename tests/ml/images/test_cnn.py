"""The small CNNs: the study's size, in either precision, and what the variants do differently."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.errors import MlError
from ml.images.cnn import (
    AUGMENTED,
    FALLBACK,
    IMAGE_SIZE_PX,
    PLAIN,
    build_network,
    build_plain,
)
from ml.training import forward
from tests.ml.images.pictures import batch_of, encoded, picture

COLOURS = ((220, 30, 30), (30, 30, 220))


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("layout", [FALLBACK, PLAIN, AUGMENTED], ids=lambda layout: layout.name)
def test_network_has_the_parameters_of_the_study(layout, precision) -> None:
    network = build_network(layout, IMAGE_SIZE_PX, 7, precision)

    assert sum(weight.shape.num_elements() for weight in network.trainable_weights) == 2_670_631


def test_an_unknown_precision_is_refused_in_words() -> None:
    with pytest.raises(MlError, match="no precision 'float8'; there are: float32"):
        build_plain(PipelineSettings(precision="float8"))


def test_weights_and_probabilities_stay_float32_in_mixed_precision() -> None:
    network = build_network(FALLBACK, (32, 32), 3, "mixed_bfloat16")
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)

    assert {weight.dtype for weight in network.trainable_weights} == {"float32"}
    assert network.layers[1].compute_dtype == "bfloat16"
    assert forward(network, [photos]).sum(axis=1) == pytest.approx(np.ones(2), abs=1e-6)


def test_photos_change_only_while_training_and_only_where_augmented() -> None:
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)

    for layout, is_changed in ((AUGMENTED, True), (PLAIN, False)):
        keras.utils.set_random_seed(0)
        network = build_network(layout, (32, 32), 3)
        answers = [
            keras.ops.convert_to_numpy(network(photos, training=training))
            for training in (False, False, True)
        ]

        assert np.array_equal(answers[0], answers[1])
        assert (not np.allclose(answers[0], answers[2])) == is_changed


def test_corners_that_turning_opens_are_white() -> None:
    keras.utils.set_random_seed(0)
    network = build_network(AUGMENTED, (32, 32), 3)
    turned = keras.Model(network.inputs[0], network.get_layer(index=3).output)
    white = np.full((4, 32, 32, 3), 255, dtype=np.uint8)

    assert np.abs(keras.ops.convert_to_numpy(turned(white, training=True))).max() < 1e-5


def test_plain_network_runs_through_all_epochs_and_remembers_them(tmp_path: Path) -> None:
    contents = [encoded(picture(20 + n, 30, colour)) for n in range(6) for colour in COLOURS]
    settings = PipelineSettings(image_size_px=(32, 32), epochs=6)

    fitted = build_plain(settings).fit(
        batch_of(contents, tmp_path), np.array([4, 9] * 6), ignore_progress
    )

    assert len(fitted.curve_) == 6
    assert fitted.curve_[-1].loss < fitted.curve_[0].loss
    assert fitted.curve_[-1].held_out_loss is None
