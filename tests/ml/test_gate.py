import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.gate import MIN_FOR_BOOTSTRAP, NOT_PREDICTED, judge

CATEGORIES = np.array([40, 7, 19])


def wrong_at(truth, rows):
    """Return the truth with the next category at those rows."""
    predicted = truth.copy()
    predicted[rows] = np.roll(CATEGORIES, -1)[
        [int(np.flatnonzero(category == CATEGORIES)[0]) for category in truth[rows]]
    ]
    return predicted


@pytest.fixture
def truth():
    return np.tile(CATEGORIES, 50)


def alone(truth):
    return np.arange(len(truth))


def test_the_same_predictions_pass(truth):
    predicted = wrong_at(truth, np.arange(10))

    judgement = judge(truth, predicted, predicted, alone(truth))

    assert judgement.is_passed
    assert judgement.rule == "bootstrap"
    assert (judgement.accuracy.difference, judgement.accuracy.low) == (0, 0)
    assert (judgement.n, judgement.n_left_out, judgement.n_differ) == (150, 0, 0)


def test_a_round_that_is_clearly_worse_is_held_in_both_metrics(truth):
    live, new = wrong_at(truth, np.arange(5)), wrong_at(truth, np.arange(30))

    judgement = judge(truth, new, live, alone(truth))

    assert not judgement.is_passed
    assert judgement.worse == ("accuracy", "ari")
    assert judgement.accuracy.difference == pytest.approx(-25 / 150)
    assert judgement.n_differ == 25
    assert judgement.accuracy.low < -25 / 150 < judgement.accuracy.high < 0


def test_a_round_that_is_better_passes(truth):
    live, new = wrong_at(truth, np.arange(30)), wrong_at(truth, np.arange(5))

    assert judge(truth, new, live, alone(truth)).is_passed


def test_as_many_losses_as_gains_pass(truth):
    live, new = wrong_at(truth, np.arange(8)), wrong_at(truth, np.arange(8, 16))

    assert judge(truth, new, live, alone(truth)).is_passed


def test_losses_within_one_group_are_one_loss(truth):
    live, new = truth, wrong_at(truth, np.arange(12))
    together = alone(truth)
    together[:12] = 0

    assert not judge(truth, new, live, alone(truth)).is_passed
    assert judge(truth, new, live, together).is_passed


def test_swapped_categories_are_held_though_the_ari_is_perfect(truth):
    new = wrong_at(truth, np.arange(len(truth)))

    judgement = judge(truth, new, truth, alone(truth))

    assert judgement.worse == ("accuracy",)
    assert judgement.ari.new == 1


def test_what_the_live_round_has_not_met_counts_for_neither(truth):
    live = truth.copy()
    live[:20] = NOT_PREDICTED

    judgement = judge(truth, wrong_at(truth, np.arange(20)), live, alone(truth))

    assert judgement.is_passed
    assert (judgement.n, judgement.n_left_out) == (130, 20)
    assert judgement.accuracy.new == 1


def test_a_category_that_only_one_round_knows_is_found_by_its_id(truth):
    live = np.where(truth == 19, 40, truth)  # the live round has never heard of 19

    better, worse = judge(truth, truth, live, alone(truth)), judge(truth, live, truth, alone(truth))

    assert better.is_passed
    assert better.accuracy.difference == pytest.approx(1 / 3)
    assert not worse.is_passed


def test_without_a_common_product_there_is_nothing_to_compare(truth):
    judgement = judge(truth, truth, np.full_like(truth, NOT_PREDICTED), alone(truth))

    assert judgement.is_passed
    assert judgement.rule == "nothing to compare"
    assert judgement.accuracy.difference is None


def test_one_true_category_is_judged_by_accuracy_alone():
    truth = np.full(60, 7)

    judgement = judge(truth, wrong_at(truth, np.arange(30)), truth, alone(truth))

    assert judgement.worse == ("accuracy",)
    assert judgement.ari.difference is None


class TestFewProducts:
    def test_are_judged_by_an_exact_test(self):
        truth = np.tile(CATEGORIES, 5)

        six = judge(truth, wrong_at(truth, np.arange(6)), truth, alone(truth))
        five = judge(truth, wrong_at(truth, np.arange(5)), truth, alone(truth))

        assert six.rule == five.rule == "sign test"
        assert (six.is_passed, five.is_passed) == (False, True)
        assert six.p_value == pytest.approx(2**-6)
        assert six.accuracy.low is None

    def test_a_group_that_loses_counts_once(self):
        truth = np.tile(CATEGORIES, 5)
        together = np.repeat(np.arange(5), 3)

        judgement = judge(truth, wrong_at(truth, np.arange(6)), truth, together)

        assert judgement.is_passed
        assert judgement.p_value == pytest.approx(2**-2)

    def test_a_model_of_shuffled_labels_is_held_on_twenty_products(self):
        held = 0
        for seed in range(20):
            rng = np.random.default_rng(seed)
            truth = rng.choice(7, size=20)
            live = np.where(rng.random(20) < 0.95, truth, rng.integers(7, size=20))
            held += not judge(truth, rng.integers(7, size=20), live, alone(truth)).is_passed

        assert held == 20


@given(
    st.integers(MIN_FOR_BOOTSTRAP, 80),
    st.integers(0, 2**32 - 1),
)
def test_never_both_of_two_rounds_are_held_against_the_other(n, seed):
    rng = np.random.default_rng(seed)
    truth, a, b = rng.choice(CATEGORIES, size=(3, n))

    forth = judge(truth, a, b, np.arange(n) // 2, n_resamples=200)
    back = judge(truth, b, a, np.arange(n) // 2, n_resamples=200)

    assert forth.is_passed or back.is_passed or forth.worse != back.worse


def test_a_round_is_judged_the_same_whenever_it_is(truth):
    live, new = wrong_at(truth, np.arange(5)), wrong_at(truth, np.arange(3, 12))

    first, second = (judge(truth, new, live, alone(truth)) for _ in range(2))

    assert first == second
