from dataclasses import replace

import numpy as np
import pytest

from ml.fused_model import Predictions
from ml.scoring import score
from ml.snapshots import NO_CATEGORY
from tests.ml.catalogues import make_snapshot


def right_of(snapshot):
    """Return predictions that give every product its source category, with full confidence."""
    columns = snapshot.columns_of(snapshot.source_categories)
    exact = np.eye(len(snapshot.categories))[columns]
    return Predictions(exact.copy(), exact.copy(), exact.copy())


def scores_of(snapshot, predictions, min_labels=30):
    return score(snapshot, predictions, min_labels=min_labels, n_resamples=50, seed=0)


def test_products_that_train_count_for_nothing():
    snapshot = make_snapshot()
    predictions = right_of(snapshot)
    predictions.fused[~snapshot.is_evaluation] = predictions.fused[~snapshot.is_evaluation][:, ::-1]

    scores = scores_of(snapshot, predictions)

    assert scores.metrics["accuracy"].value == 1.0
    assert scores.metrics["accuracy"].n == snapshot.is_evaluation.sum()
    assert scores.confusion.sum() == np.trace(scores.confusion) == snapshot.is_evaluation.sum()


def test_enough_labels_take_the_place_of_source_categories():
    snapshot = make_snapshot()
    labelled = np.flatnonzero(snapshot.is_evaluation)[:10]
    labels = np.full(len(snapshot.batch), NO_CATEGORY)
    labels[labelled] = snapshot.categories[0]
    snapshot = replace(snapshot, labels=labels)
    agreeing = (snapshot.source_categories[labelled] == snapshot.categories[0]).mean()

    few, enough = (scores_of(snapshot, right_of(snapshot), min_labels=n) for n in (11, 10))

    assert (few.is_provisional, enough.is_provisional) == (True, False)
    assert enough.metrics["accuracy"].n == 10
    assert enough.metrics["accuracy"].value == pytest.approx(agreeing)


def test_a_branch_is_scored_on_the_products_that_it_answers():
    snapshot = make_snapshot()
    predictions = right_of(snapshot)
    silent = np.flatnonzero(snapshot.is_evaluation)[:5]
    predictions.image[silent] = np.nan

    scores = scores_of(snapshot, predictions)

    assert scores.metrics["text_accuracy"].n == snapshot.is_evaluation.sum()
    assert scores.metrics["image_accuracy"].n == snapshot.is_evaluation.sum() - 5
    assert scores.metrics["image_accuracy"].value == 1.0
