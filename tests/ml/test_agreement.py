import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from ml.agreement import (
    MISSING,
    agreement_with_others,
    krippendorff_alpha,
    majority,
    pairwise_kappas,
    percent_agreement,
)

_ = MISSING
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, part C: four observers, twelve
# units, of which the last has one value only; nominal alpha is 0.743.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
BEN, GERRY = "aabbdcccedda", "babbbccceddd"


class TestKrippendorffsAlpha:
    def test_is_that_of_krippendorffs_own_example(self):
        found = krippendorff_alpha(OBSERVERS)

        assert found.value == pytest.approx(0.743, abs=5e-4)
        assert found.n == 11
        assert 0.2 < found.low < found.value < found.high <= 1

    def test_is_that_of_his_two_observers_without_missing_answers(self):
        # Part B: twelve articles, five categories.
        answers = np.array([[ord(a), ord(b)] for a, b in zip(BEN, GERRY, strict=True)])

        found = krippendorff_alpha(answers)

        assert found.value == pytest.approx(0.692, abs=5e-4)
        assert found.n == 12

    def test_is_1_where_all_agree_and_says_how_little_few_products_show(self):
        few = krippendorff_alpha(np.array([[0, 0], [1, 1]] * 3))
        many = krippendorff_alpha(np.array([[0, 0], [1, 1]] * 300))

        assert (few.value, few.high) == (1, 1)
        assert few.low < 0.1
        assert 0.98 < many.low < 1

    def test_is_about_0_where_people_guess(self):
        guesses = np.random.default_rng(0).integers(0, 4, size=(3000, 3))

        found = krippendorff_alpha(guesses, n_resamples=200)

        assert abs(found.value) < 0.03
        assert found.low < found.value < found.high < 0.03

    def test_is_undefined_where_everybody_names_one_category(self):
        found = krippendorff_alpha(np.zeros((20, 2), dtype=np.int64))

        assert (found.value, found.low, found.high, found.n) == (None, None, None, 20)

    @pytest.mark.parametrize("answers", [np.empty((0, 2)), [[_, _]], [[1, _], [_, 2]]])
    def test_of_products_without_two_answers_is_none(self, answers):
        found = krippendorff_alpha(np.array(answers, dtype=np.int64))

        assert (found.value, found.n) == (None, 0)

    def test_says_nothing_of_its_ends_where_no_resample_does(self):
        answers = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]])

        found = krippendorff_alpha(answers, n_resamples=1)  # by chance without the third product

        assert (found.value, found.low, found.high) == (0.0, -1.0, 1.0)

    @given(st.lists(st.lists(st.integers(-1, 3), min_size=3, max_size=3), max_size=15))
    def test_does_not_depend_on_names_or_order(self, rows):
        answers = np.array(rows, dtype=np.int64).reshape(-1, 3)
        renamed = np.where(answers == _, _, 7 - answers)[::-1, ::-1]

        one = krippendorff_alpha(answers, n_resamples=1).value
        other = krippendorff_alpha(renamed, n_resamples=1).value

        assert one == (None if other is None else pytest.approx(other))

    def test_interval_covers_the_truth_as_often_as_it_says(self):
        # Two people, each right with 0.9 and else at random among four equally frequent
        # categories: they agree with 0.9**2 + (1 - 0.9**2) / 4 where chance brings 1/4.
        rng, covered = np.random.default_rng(1), 0
        truth_alpha = 0.9**2
        for _turn in range(200):
            truth = rng.integers(0, 4, size=(120, 1))
            is_right = rng.random((120, 2)) < 0.9
            answers = np.where(is_right, truth, rng.integers(0, 4, size=(120, 2)))
            found = krippendorff_alpha(answers, n_resamples=200)
            covered += found.low <= truth_alpha <= found.high

        assert covered >= 180


class TestPercentAgreement:
    def test_counts_pairs_of_answers(self):
        # 3 of 3 pairs, 1 of 3, 0 of 1
        answers = np.array([[1, 1, 1], [1, 1, 2], [1, _, 2]])

        assert percent_agreement(answers).value == pytest.approx(4 / 7)

    def test_of_nothing_is_none(self):
        assert percent_agreement(np.array([[1, _]])).value is None


class TestAgreementWithOthers:
    def test_counts_the_answers_of_others_to_her_products_alone(self):
        answers = np.array([[1, 1, 2], [0, 0, _], [_, 3, 4], [5, _, _]])

        found = agreement_with_others(answers, 0)

        assert (found.value, found.n) == (pytest.approx(2 / 3), 2)

    def test_of_a_person_who_was_always_alone_is_none(self):
        assert agreement_with_others(np.array([[1, _], [_, 1]]), 0).n == 0


class TestPairwiseKappas:
    def test_is_that_of_scikit_learn(self):
        rng = np.random.default_rng(3)
        answers = rng.integers(0, 3, size=(80, 3))
        answers[:40, 1] = answers[:40, 0]
        answers[70:, 2] = _

        found = pairwise_kappas(answers)

        assert [(pair.first, pair.second, pair.kappa.n) for pair in found] == [
            (0, 1, 80),
            (0, 2, 70),
            (1, 2, 70),
        ]
        for pair in found:
            n = pair.kappa.n
            a, b = answers[:n, pair.first], answers[:n, pair.second]
            assert pair.kappa.value == pytest.approx(cohen_kappa_score(a, b))
            assert pair.agreed == pytest.approx((a == b).mean())

    def test_is_undefined_where_both_name_one_category_alone(self):
        found = pairwise_kappas(np.zeros((9, 2), dtype=np.int64))

        assert [(pair.agreed, pair.kappa.value) for pair in found] == [(1, None)]

    def test_has_an_interval_that_holds_the_true_one_as_often_as_it_says(self):
        rng = np.random.default_rng(5)
        n_held, n_studies = 0, 200
        for number in range(n_studies):
            truth = rng.integers(0, 4, size=100)
            other = np.where(rng.random(100) < 0.2, rng.integers(0, 4, size=100), truth)
            [pair] = pairwise_kappas(np.stack([truth, other], axis=1), seed=number)
            n_held += pair.kappa.low <= 0.8 <= pair.kappa.high

        assert 0.9 < n_held / n_studies <= 0.99

    @pytest.mark.parametrize(("second", "low", "high"), [(0, 0.38, 1), (1, -1, -0.38)])
    def test_always_or_never_agreeing_on_ten_products_leaves_room(self, second, low, high):
        first = np.arange(10) % 2

        [pair] = pairwise_kappas(np.stack([first, first ^ second], axis=1))

        assert (pair.kappa.low, pair.kappa.high) == pytest.approx((low, high), abs=0.005)

    def test_leaves_out_people_who_share_no_product(self):
        assert pairwise_kappas(np.array([[0, _], [_, 0]])) == []


def test_a_majority_is_none_where_it_is_a_tie():
    answers = np.array([[4, 4, 7], [4, 7, _], [_, _, _], [9, 8, 9]])

    assert majority(answers).tolist() == [4, _, _, 9]
