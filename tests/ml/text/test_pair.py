"""The default text branch is the mean of its two halves, and does without the second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings, ProductBatch, ignore_progress
from ml.errors import ArtifactError
from ml.pipelines import build, load
from tests.ml.images.pictures import batch_of

SETTINGS = PipelineSettings(seed=3, epochs=4)
LABELS = np.array([4, 9] * 10)
TEXTS = ["blue cotton towel", "steel desk clock"] * 10


def batch(texts: list[str], folder: Path) -> ProductBatch:
    return batch_of([None] * len(texts), folder, texts)


def test_probabilities_are_the_mean_of_both_halves(tmp_path):
    products = batch(TEXTS, tmp_path)

    pair, network, linear = (
        build(name, SETTINGS).fit(products, LABELS, ignore_progress)
        for name in ("text_pair", "embedding_net", "tfidf_linear")
    )

    halves = (network.predict_proba(products) + linear.predict_proba(products)) / 2
    assert pair.predict_proba(products) == pytest.approx(halves)
    assert pair.count_parameters().trained == (
        network.count_parameters().trained + linear.count_parameters().trained
    )


def test_texts_without_a_term_are_left_to_the_network(tmp_path):
    products = batch(["the", "of"] * 10, tmp_path / "images")

    pair = build("text_pair", SETTINGS).fit(products, LABELS, ignore_progress)
    pair.save(tmp_path / "model")

    loaded = load(tmp_path / "model", SETTINGS)
    assert loaded.predict_proba(products).sum(axis=1) == pytest.approx(np.ones(20))
    assert np.array_equal(loaded.predict_proba(products), pair.predict_proba(products))


def test_a_damaged_half_is_refused(tmp_path):
    pair = build("text_pair", SETTINGS).fit(
        batch(TEXTS, tmp_path / "images"), LABELS, ignore_progress
    )
    pair.save(tmp_path / "model")
    (tmp_path / "model" / "tfidf_linear" / "words.json").write_text("{}")

    with pytest.raises(ArtifactError, match=r"words\.json"):
        load(tmp_path / "model", SETTINGS)
