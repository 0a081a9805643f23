"""The small CNN: the study's size, in either precision."""

from __future__ import annotations

import numpy as np
import pytest

from ml.images.cnn import IMAGE_SIZE_PX, build_network
from ml.training import forward


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_network_has_the_parameters_of_the_study(precision):
    assert build_network(IMAGE_SIZE_PX, 7, precision).count_params() == 2_670_631


def test_weights_and_probabilities_stay_float32_in_mixed_precision():
    network = build_network((32, 32), 3, "mixed_bfloat16")
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)

    assert {weight.dtype for weight in network.weights} == {"float32"}
    assert network.layers[1].compute_dtype == "bfloat16"
    assert forward(network, [photos]).sum(axis=1) == pytest.approx(np.ones(2), abs=1e-6)
