"""What text networks share: several seeds are averaged, progress runs once over all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.contract import Epoch, PipelineSettings, ignore_progress
from ml.text.embedding_net import AVERAGE
from ml.text.network import TextNetwork, mean_curve
from tests.ml.text.texts import batch_of_texts

BATCH = batch_of_texts(["red mug", "blue cotton towel", "tea mug", "soft towel"] * 4)
LABELS = np.array([1, 2, 1, 2] * 4)
TWO_SEEDS = replace(AVERAGE, n_seeds=2)


def fitted(layout=AVERAGE, seed: int = 0, on_progress=ignore_progress) -> TextNetwork:
    settings = PipelineSettings(seed=seed, epochs=2)
    return TextNetwork(settings, layout).fit(BATCH, LABELS, on_progress)


def test_several_seeds_give_the_mean_of_what_each_alone_would():
    first, second = fitted(seed=7), fitted(seed=8)

    both = fitted(TWO_SEEDS, seed=7)

    assert both.predict_proba(BATCH) == pytest.approx(
        (first.predict_proba(BATCH) + second.predict_proba(BATCH)) / 2
    )
    assert np.array_equal(both.embed(BATCH), np.hstack([first.embed(BATCH), second.embed(BATCH)]))
    assert both.count_parameters().trained == 2 * first.count_parameters().trained
    assert both.curve_ == mean_curve([first.curve_, second.curve_])


def test_progress_counts_the_epochs_of_all_seeds():
    reports: list[tuple[int, int]] = []

    fitted(TWO_SEEDS, on_progress=lambda done, total: reports.append((done, total)))

    assert reports == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_curve_is_the_mean_over_the_networks_that_got_so_far():
    curves = [(Epoch(2.0, 3.0), Epoch(1.0, 2.0)), (Epoch(4.0, 5.0),)]

    assert mean_curve(curves) == (Epoch(3.0, 4.0), Epoch(1.0, 2.0))
    assert mean_curve([(Epoch(2.0),), (Epoch(1.0),)]) == (Epoch(1.5),)
