"""Topics are found, with the labels' help or without."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from ml.contract import Grouping, PipelineSettings, TopicModel, ignore_progress
from ml.errors import ArtifactError
from ml.metrics import ari_of_clusters
from ml.pipelines import build, load
from ml.text.topics import mixtures
from tests.ml.text.texts import WORDS_OF, batch_of_texts, easy_catalogue

every_form = pytest.mark.parametrize("name", ["lda", "nmf", "lda_unsupervised", "nmf_unsupervised"])
settings = PipelineSettings(seed=1)


@pytest.mark.parametrize(
    ("name", "least_ari", "least_accuracy"),
    # LDA often makes one topic of two categories, as it does on the study's sample.
    [("nmf", 0.9, 0.9), ("nmf_unsupervised", 0.9, 0.9), ("lda_unsupervised", 0.4, 0.7)],
)
def test_topics_of_an_easy_catalogue_are_its_categories(name, least_ari, least_accuracy):
    batch, labels = easy_catalogue()

    fitted = build(name, settings).fit(batch, labels, ignore_progress)

    right = fitted.predict_proba(batch).argmax(axis=1) == np.searchsorted([5, 15, 25, 35], labels)
    assert ari_of_clusters(labels, fitted.clusters(batch)) > least_ari
    assert right.mean() > least_accuracy


@pytest.mark.parametrize("name", ["nmf", "nmf_unsupervised"])
def test_words_of_a_topic_are_those_of_a_category(name):
    batch, labels = easy_catalogue()

    fitted = build(name, settings).fit(batch, labels, ignore_progress)

    words = [set(topic) for topic in fitted.topic_words(3)]
    kinds = [set(kind.split()) for kind in WORDS_OF]
    stems_of_kinds = [{word[:4] for word in kind} for kind in kinds]
    assert all(
        any({word.split()[0][:4] for word in topic} <= kind for kind in stems_of_kinds)
        for topic in words
    )


@pytest.mark.parametrize("name", ["lda_unsupervised", "nmf_unsupervised"])
def test_labels_shape_no_cluster_of_the_unsupervised_forms(name):
    batch, labels = easy_catalogue()
    shuffled = np.random.default_rng(0).permutation(labels)

    one, other = (
        build(name, settings).fit(batch, given, ignore_progress) for given in (labels, shuffled)
    )

    assert np.array_equal(one.clusters(batch), other.clusters(batch))
    assert not np.allclose(one.predict_proba(batch), other.predict_proba(batch))


@every_form
def test_forms_answer_for_groups_and_words(name):
    batch, labels = easy_catalogue()
    fitted = build(name, settings).fit(batch, labels, ignore_progress)

    assert isinstance(fitted, Grouping)
    assert isinstance(fitted, TopicModel)
    assert [len(words) for words in fitted.topic_words(2)] == [2] * 4
    assert fitted.embed(batch).sum(axis=1) == pytest.approx(np.ones(len(batch)))


@every_form
@pytest.mark.parametrize("n_categories", [2, 30])
def test_few_and_many_categories_survive(name, n_categories):
    batch, labels = easy_catalogue(n_categories, n_each=3)

    fitted = build(name, settings).fit(batch, labels, ignore_progress)

    assert fitted.predict_proba(batch).shape == (3 * n_categories, n_categories)
    assert fitted.clusters(batch).max() < n_categories


@every_form
def test_vocabulary_of_one_word_survives(name):
    batch = batch_of_texts(["mug", "mug", "mug"])

    fitted = build(name, settings).fit(batch, np.array([1, 2, 2]), ignore_progress)

    answers = fitted.predict_proba(batch_of_texts(["mug", "lamp", ""]))
    assert answers.sum(axis=1) == pytest.approx(np.ones(3))


@every_form
def test_product_is_answered_the_same_whatever_stands_beside_it(name):
    batch, labels = easy_catalogue()
    fitted = build(name, settings).fit(batch, labels, ignore_progress)

    alone = fitted.predict_proba(batch.take([7]))

    assert alone[0] == pytest.approx(fitted.predict_proba(batch)[7], abs=1e-12)


def test_topics_of_another_kind_than_the_manifest_says_are_refused(tmp_path):
    batch, labels = easy_catalogue()
    build("nmf", settings).fit(batch, labels, ignore_progress).save(tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"nmf"', '"lda"'))

    with pytest.raises(ArtifactError, match="holds a NMF in place of a LatentDirichletAllocation"):
        load(tmp_path, settings)


class TestMixtures:
    def test_row_that_is_a_mixture_gives_its_shares(self):
        topics = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])

        shares = mixtures(csr_array(np.array([[0.25, 0.75]]) @ topics), topics)

        assert shares[0] == pytest.approx([0.25, 0.75], abs=1e-6)

    def test_no_topic_weighs_less_than_nothing(self):
        topics = np.array([[1.0, 1.0], [0.0, 1.0]])

        shares = mixtures(csr_array(np.array([[1.0, 0.0]])), topics)

        assert shares[0] == pytest.approx([1, 0], abs=1e-6)

    def test_row_about_nothing_is_spread_evenly(self):
        shares = mixtures(csr_array((1, 2)), np.eye(2))

        assert shares.tolist() == [[0.5, 0.5]]
