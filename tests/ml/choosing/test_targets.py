from dataclasses import replace

import numpy as np

from ml.choosing.posterior import LABEL_WEIGHT
from ml.choosing.targets import believe
from ml.contract import PipelineSettings
from ml.snapshots import NO_CATEGORY
from ml.training_set import TrainingSet
from tests.ml.catalogues import CATEGORIES, WORDS, make_snapshot

SETTINGS = PipelineSettings()


def make_training(*, wrong=0, labelled=0, n=200):
    """Make products whose words tell the category, the first ones filed wrongly."""
    snapshot = make_snapshot(n, group_size=1, with_image=0, evaluation=0)
    truth = snapshot.source_categories
    sources = truth.copy()
    sources[:wrong] = np.array(CATEGORIES)[(snapshot.columns_of(truth[:wrong]) + 1) % 3]
    labels = np.full(n, NO_CATEGORY)
    labels[n - labelled :] = truth[n - labelled :]
    names = tuple(f"{WORDS[category]} no {row}" for row, category in enumerate(truth.tolist()))
    told = replace(
        snapshot,
        batch=replace(snapshot.batch, names=names),
        source_categories=sources,
        labels=labels,
    )
    return TrainingSet.of(told), truth


class TestBelieve:
    def test_learns_little_from_a_source_that_the_product_does_not_look_like(self):
        training, _ = make_training(wrong=20)

        found = believe(training, CATEGORIES, SETTINGS)

        assert found.training.weights[:20].max() < 0.25
        assert found.training.weights[20:].min() > 0.5
        assert found.n_doubted == 20
        assert 0.02 < found.doubt < 0.12  # of 0.1

    def test_leaves_the_categories_as_they_are(self):
        training, _ = make_training(wrong=20)

        found = believe(training, CATEGORIES, SETTINGS)

        assert found.training.labels.tolist() == training.labels.tolist()
        assert found.training.columns.tolist() == training.columns.tolist()

    def test_weighs_by_how_sure_it_is_and_labels_most(self):
        training, _ = make_training(wrong=20, labelled=30)

        weights = believe(training, CATEGORIES, SETTINGS).training.weights

        assert weights[-30:].tolist() == [LABEL_WEIGHT] * 30
        assert 0 < weights[:-30].min() <= weights[:-30].max() <= 1

    def test_leaves_right_sources_as_they_are(self):
        training, _ = make_training()

        found = believe(training, CATEGORIES, SETTINGS)

        assert found.training is training
        assert found.doubt < 0.02
        assert found.as_dict()["are_weighed"] is False

    def test_leaves_labels_alone_where_there_is_nothing_else(self):
        training, _ = make_training(wrong=20, labelled=200)

        found = believe(training, CATEGORIES, SETTINGS)

        assert found.training is training
        assert (found.doubt, found.n_doubted) == (0.0, 0)

    def test_doubts_no_source_where_looks_say_nothing(self):
        training, _ = make_training(n=40)
        mute = replace(training, batch=replace(training.batch, names=("",) * 40))

        found = believe(mute, CATEGORIES, SETTINGS)

        assert found.n_doubted == 0
        assert found.training.labels.tolist() == training.labels.tolist()
