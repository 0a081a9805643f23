import numpy as np

from ml.estimates.curve import Decided, gain, learning_curve, share_changed


def blobs(n_labels, *, n=400, seed=0):
    """Three groups that are easily told apart once each has some labels."""
    rng = np.random.default_rng(seed)
    columns = rng.integers(3, size=n)
    features = np.eye(3)[columns] + rng.normal(0, 0.5, (n, 3))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    evaluation = np.arange(200, n)
    rows = np.arange(n_labels)
    return Decided(
        features.astype(np.float32),
        rows,
        columns[rows],
        evaluation,
        columns[evaluation],
        np.arange(n),
        3,
    )


def test_curve_doubles_the_labels_and_ends_with_all():
    curve = learning_curve(blobs(170))

    assert [point.n_labels for point in curve] == [10, 20, 40, 80, 160, 170]
    assert curve[-1].ari.n == 200


def test_curve_rises_with_labels():
    curve = learning_curve(blobs(160))

    assert curve[-1].ari.value > curve[0].ari.value


def test_curve_of_no_labels_is_empty():
    assert learning_curve(blobs(0)) == []


def test_first_labels_bring_more_than_the_last():
    early, late = gain(blobs(25), 20), gain(blobs(190), 20)

    assert early.ari.value > late.ari.value
    assert late.ari.low <= late.ari.value <= late.ari.high


def test_decisions_that_change_no_prediction_say_so():
    apart = np.eye(3)[np.arange(60) % 3].astype(np.float32)
    columns = np.arange(60) % 3
    rows, evaluation = np.arange(30), np.arange(30, 60)
    known = Decided(apart, rows, columns[rows], evaluation, columns[evaluation], np.arange(60), 3)

    found = gain(known, 15)

    assert (found.n_differ, found.ari.low, found.ari.high) == (0, 0, 0)
    assert gain(blobs(25), 20).n_differ > 0


def test_gain_waits_for_more_labels_than_it_asks_about():
    assert gain(blobs(100), 100) is None


def test_predictions_that_stay_have_not_changed():
    assert share_changed(np.array([1, 2]), np.array([1, 2])) == 0
    assert share_changed(np.array([-1]), np.array([1])) is None
