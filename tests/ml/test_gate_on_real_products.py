"""The gate's two promises on the real sample; skipped where it does not lie beside the project."""

from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings, ignore_progress
from ml.gate import judge
from ml.pipelines import build
from ml.splits import grouped_folds
from ml.study.table_files import read_products

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "flipkart"
N = 20
needs_data = pytest.mark.skipif(
    not (DATA / "products.csv").is_file(), reason="the sample is not in ../shared/data"
)


@pytest.fixture(scope="module")
def sample():
    """The batch, the categories and the groups of the sample, and which fifth is held out."""
    found = read_products(DATA / "products.csv", None)
    return found.batch, found.labels, found.groups, grouped_folds(found.groups, found.labels, 5, 0)


def judged(sample, name, *, is_shuffled):
    """Let the gate judge new models against a live one: four on each of five held-out parts."""
    batch, categories, groups, folds = sample
    for fold in range(5):
        test, train = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)

        def predict(labels, seed, train=train, test=test):
            settings = PipelineSettings(seed=seed, epochs=5)
            model = build(name, settings).fit(batch.take(train), labels, ignore_progress)
            return np.array(model.categories)[model.predict_proba(batch.take(test)).argmax(axis=1)]

        live = predict(categories[train], 0)
        for seed in range(1, N // 5 + 1):
            learned = categories[train]
            if is_shuffled:
                learned = np.random.default_rng(N * fold + seed).permutation(learned)
            yield judge(categories[test], predict(learned, seed), live, groups[test])


@pytest.mark.slow
@needs_data
def test_a_round_of_shuffled_labels_is_always_held(sample):
    judgements = list(judged(sample, "tfidf_linear", is_shuffled=True))

    assert [judgement.is_passed for judgement in judgements] == [False] * N
    assert {judgement.rule for judgement in judgements} == {"bootstrap"}


@pytest.mark.slow
@needs_data
def test_a_round_that_differs_by_its_seed_alone_is_published(sample):
    judgements = list(judged(sample, "embedding_net", is_shuffled=False))

    assert len(judgements) == N
    assert sum(judgement.is_passed for judgement in judgements) >= 18
    assert any(judgement.accuracy.difference != 0 for judgement in judgements)
