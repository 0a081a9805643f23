import numpy as np
import pytest

from ml.estimates.shares import decisions_left, share_right, weighted_accuracy


def catalogue(seed, *, n=2000, n_random=200, n_picked=300):
    """A calibrated model; the doubtful products were asked first, some others at random."""
    rng = np.random.default_rng(seed)
    confidences = rng.beta(6, 1, n)
    is_right = rng.random(n) < confidences
    is_random = np.zeros(n, dtype=bool)
    is_random[rng.choice(n, n_random, replace=False)] = True
    picked = np.argsort(np.where(is_random, 2, confidences))[:n_picked]
    is_known = is_random.copy()
    is_known[picked] = True
    return confidences, is_right, is_known, is_random, np.arange(n)


class TestShareRight:
    def test_interval_holds_the_truth_as_often_as_it_says(self):
        held = 0
        for seed in range(200):
            confidences, is_right, is_known, is_random, groups = catalogue(seed)
            truth = (is_known | is_right).mean()

            found = share_right(confidences, is_right, is_known, is_random, groups)

            held += found.low <= truth <= found.high
        assert held >= 180

    def test_is_not_fooled_by_the_doubtful_ones_being_asked_first(self):
        errors = []
        for seed in range(50):
            confidences, is_right, is_known, is_random, groups = catalogue(seed)
            found = share_right(confidences, is_right, is_known, is_random, groups)
            errors.append(found.value - (is_known | is_right).mean())

        assert abs(np.mean(errors)) < 0.003

    def test_says_nothing_without_a_random_sample(self):
        confidences, is_right, is_known, _, groups = catalogue(0)

        found = share_right(confidences, is_right, is_known, np.zeros(2000, dtype=bool), groups)

        assert (found.value, found.n) == (None, 0)

    def test_a_catalogue_with_labels_throughout_is_right(self):
        everything = np.ones(10, dtype=bool)

        found = share_right(
            np.full(10, 0.5), np.zeros(10, dtype=bool), everything, everything, np.arange(10)
        )

        assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)

    def test_a_sample_without_a_mistake_is_not_certain(self):
        n = 1000
        is_known = np.arange(n) < 40

        found = share_right(
            np.full(n, 0.99), np.ones(n, dtype=bool), is_known, is_known, np.arange(n)
        )

        assert found.value == pytest.approx(1.0)
        assert found.low < 0.97

    def test_a_model_that_is_less_sure_of_the_others_may_be_right_all_the_same(self):
        is_known = np.arange(1000) < 40
        confidences = np.where(is_known, 0.99, 0.95)

        found = share_right(
            confidences, np.ones(1000, dtype=bool), is_known, is_known, np.arange(1000)
        )

        assert found.value < 0.97
        assert found.high > 0.995

    def test_copies_of_one_product_are_one_piece_of_evidence(self):
        n = 1000
        is_known = np.arange(n) < 40
        all_right = np.ones(n, dtype=bool)
        alone = share_right(np.full(n, 0.9), all_right, is_known, is_known, np.arange(n))

        copied = share_right(np.full(n, 0.9), all_right, is_known, is_known, np.arange(n) // 10)

        assert copied.low < alone.low


class TestWeightedAccuracy:
    def test_interval_holds_the_accuracy_of_the_whole_catalogue(self):
        held = 0
        for seed in range(200):
            confidences, is_right, is_known, is_random, groups = catalogue(seed)

            found = weighted_accuracy(confidences, is_right, is_known, is_random, groups)

            held += found.low <= is_right.mean() <= found.high
        assert held >= 180

    def test_is_nearer_to_the_truth_than_the_average_of_all_labels(self):
        confidences, is_right, is_known, is_random, groups = catalogue(1)

        found = weighted_accuracy(confidences, is_right, is_known, is_random, groups)

        naive = is_right[is_known].mean()
        assert abs(found.value - is_right.mean()) < abs(naive - is_right.mean()) / 3
        assert found.n == is_known.sum()

    def test_says_nothing_where_nothing_was_drawn_at_random(self):
        confidences, is_right, is_known, _, groups = catalogue(1)

        found = weighted_accuracy(
            confidences, is_right, is_known, np.zeros(2000, dtype=bool), groups
        )

        assert found.value is None


def test_no_decision_is_left_once_few_enough_are_wrong():
    assert decisions_left(np.array([0.2, 0.3]), n_wrong=1, n_allowed=1) == 0


def test_all_decisions_are_left_where_none_may_be_wrong():
    assert decisions_left(np.array([0.5, 0.6, 0.7]), n_wrong=1, n_allowed=0) == 3
