"""The bidirectional RNN reads words in their order, never padding, and stops early."""

from __future__ import annotations

import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.text.bilstm import BILSTM, build
from ml.text.network import TextNetwork, encode_sequences, words
from tests.ml.text.texts import batch_of_texts

LONG = "red mug " + "holds coffee tea water " * 10
TEXTS = ["red mug", "blue cotton towel", LONG, "soft towel", "mug for tea", "towel blue bath"] * 4
LABELS = np.array([1, 2, 1, 2, 1, 2] * 4)
BATCH = batch_of_texts(TEXTS)


@pytest.fixture(scope="module")
def fitted() -> TextNetwork:
    return build(PipelineSettings(seed=1, epochs=4)).fit(BATCH, LABELS, ignore_progress)


def test_a_text_gets_the_same_answer_alone_and_beside_a_long_one(fitted):
    alone = fitted.predict_proba(batch_of_texts(["soft red mug"]))
    beside = fitted.predict_proba(batch_of_texts(["soft red mug", LONG]))

    assert beside[0] == pytest.approx(alone[0], abs=1e-6)
    assert abs(beside[0] - beside[1]).max() > 1e-4


def test_order_of_products_does_not_matter(fitted):
    order = np.random.default_rng(0).permutation(len(BATCH))

    answers, shuffled = fitted.predict_proba(BATCH), fitted.predict_proba(BATCH.take(order))

    assert shuffled == pytest.approx(answers[order], abs=1e-6)
    assert fitted.embed(BATCH.take(order)) == pytest.approx(fitted.embed(BATCH)[order], abs=1e-6)


def test_padding_to_the_longest_text_gives_the_same_answers(fitted):
    (padded,) = encode_sequences(words(BATCH), fitted.vocabulary_, fitted.length_ + 20)

    answers = np.asarray(fitted.networks_[0](padded, training=False))

    assert fitted.predict_proba(BATCH) == pytest.approx(answers, abs=1e-6)


def test_order_of_words_matters(fitted):
    answers = fitted.predict_proba(batch_of_texts(["blue mug red towel", "towel red mug blue"]))

    assert abs(answers[0] - answers[1]).max() > 1e-5


def test_words_beyond_the_longest_text_learned_from_are_not_read(fitted):
    words_read = fitted.length_

    answers = fitted.predict_proba(
        batch_of_texts(["mug " * words_read, "mug " * (words_read + 500)])
    )

    assert answers[1] == pytest.approx(answers[0], abs=1e-6)


def test_a_text_without_words_gets_an_answer(fitted):
    answers = fitted.predict_proba(batch_of_texts(["", "the of and", LONG]))

    assert np.isfinite(answers).all()
    assert answers[0] == pytest.approx(answers[1], abs=1e-6)


def test_training_stops_once_held_out_products_gain_nothing():
    noise = np.random.default_rng(2).integers(1, 3, len(BATCH))

    pipeline = build(PipelineSettings(seed=1, epochs=80)).fit(BATCH, noise, ignore_progress)

    assert BILSTM.patience is not None
    held_out = [epoch.held_out_loss for epoch in pipeline.curve_]
    assert len(held_out) < 80
    assert int(np.argmin(held_out)) == len(held_out) - 1 - BILSTM.patience


def test_the_network_is_the_study_s(fitted):
    n_ids = fitted.vocabulary_.n_ids
    each_way = 4 * 160 * (80 + 160 + 1)

    assert fitted.count_parameters().trained == n_ids * 80 + 2 * each_way + (2 * 160 + 1) * 2
