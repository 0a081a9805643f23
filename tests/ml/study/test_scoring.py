"""Figures of predictions and of clusters."""

import numpy as np
import pytest

from ml.study.records import METRICS, Figure
from ml.study.scoring import NO_CLUSTER, Answers, confusion_of, score

COLUMNS = np.repeat([0, 1], 20)
GROUPS = np.arange(40)


def answer(*, predicted=None, clusters=None):
    probabilities = None if predicted is None else np.eye(2)[predicted] * 0.8 + 0.1
    return Answers(COLUMNS, GROUPS, probabilities, clusters)


def test_predictions_and_clusters_have_their_own_ari():
    figures = score([answer(predicted=COLUMNS, clusters=np.arange(40) % 2)])

    assert figures["ari_of_predictions"].value == pytest.approx(1.0)
    assert abs(figures["ari_of_clusters"].value) < 0.1
    assert figures["accuracy"].value == 1.0


def test_clusters_alone_have_no_other_figure():
    figures = score([answer(clusters=1 - COLUMNS)])

    assert figures["ari_of_clusters"].value == pytest.approx(1.0)
    assert [figures[name] for name in METRICS if name != "ari_of_clusters"] == [Figure()] * 5


def test_the_names_of_clusters_do_not_matter_from_sample_to_sample():
    samples = [answer(clusters=COLUMNS), answer(clusters=1 - COLUMNS)]

    assert score(samples)["ari_of_clusters"].value == pytest.approx(1.0)


def test_predictions_of_all_samples_are_scored_together():
    samples = [answer(predicted=COLUMNS), answer(predicted=np.zeros(40, dtype=int))]

    assert score(samples)["accuracy"].value == 0.75


def test_products_that_were_not_clustered_count_nowhere():
    clusters = COLUMNS.copy()
    clusters[::3] = NO_CLUSTER

    assert score([answer(clusters=clusters)])["ari_of_clusters"].value == pytest.approx(1.0)
    assert confusion_of(answer(clusters=clusters), 2).sum() == (clusters != NO_CLUSTER).sum()


def test_confusion_matches_clusters_to_categories():
    assert confusion_of(answer(clusters=1 - COLUMNS), 2).tolist() == [[20, 0], [0, 20]]


def test_confusion_of_predictions_comes_first():
    found = confusion_of(answer(predicted=np.zeros(40, dtype=int), clusters=COLUMNS), 2)

    assert found.tolist() == [[20, 0], [20, 0]]


def test_no_answer_has_no_confusion():
    with pytest.raises(ValueError, match="neither"):
        confusion_of(answer(), 2)
