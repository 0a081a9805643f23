import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.choosing.model import INVERSE_PENALTY, UNSEEN, fit_predict, out_of_fold
from tests.ml.choosing.catalogues import make_blobs

NONE = np.zeros(0, dtype=np.int64)


class TestFitPredict:
    def test_agrees_with_another_solver_run_to_the_end(self):
        features, truth = make_blobs()
        rows = np.arange(40)

        answer = fit_predict(features, rows, truth[rows], 3)

        slow = LogisticRegression(C=INVERSE_PENALTY, tol=1e-10, max_iter=10_000)
        slow.fit(features[rows].astype(np.float64), truth[rows])
        assert answer == pytest.approx(slow.predict_proba(features), abs=0.02)
        assert (answer.argmax(axis=1) == truth).mean() > 0.95

    def test_columns_keep_their_places_where_categories_have_no_label(self):
        features, truth = make_blobs(n_categories=3)
        rows = np.flatnonzero(truth != 1)[:30]

        answer = fit_predict(features, rows, 2 * truth[rows], 6)

        assert set(answer[rows].argmax(axis=1)) == {0, 4}
        assert answer[:, [1, 2, 3, 5]] == pytest.approx(UNSEEN)
        assert answer.sum(axis=1) == pytest.approx(1, abs=1e-5)

    def test_two_categories_are_told_apart_in_the_right_columns(self):
        features, truth = make_blobs(n_categories=2)
        rows = np.arange(30)

        answer = fit_predict(features, rows, truth[rows], 2)

        assert (answer.argmax(axis=1) == truth).mean() > 0.95

    def test_labels_of_one_category_leave_no_choice(self):
        features, _ = make_blobs(9)

        answer = fit_predict(features, np.array([4]), np.array([2]), 3)

        assert answer[:, 2] == pytest.approx(1, abs=1e-5)
        assert answer[:, :2] == pytest.approx(UNSEEN)

    def test_without_labels_all_categories_are_as_likely(self):
        features, _ = make_blobs(9)

        assert fit_predict(features, NONE, NONE, 4) == pytest.approx(0.25)

    def test_weights_count_like_repeated_rows(self):
        features, truth = make_blobs(60, spread=1.5)
        rows = np.arange(20)
        twice = np.concatenate([rows, rows[:5]])
        weights = np.where(rows < 5, 2.0, 1.0)

        weighted = fit_predict(features, rows, truth[rows], 3, weights)

        assert weighted == pytest.approx(fit_predict(features, twice, truth[twice], 3), abs=0.01)
        assert np.abs(weighted - fit_predict(features, rows, truth[rows], 3)).max() > 0.02

    def test_is_the_same_bit_for_bit_each_time(self):
        features, truth = make_blobs()
        rows = np.arange(50)

        once, again = (fit_predict(features, rows, truth[rows], 3) for _ in range(2))

        assert once.tobytes() == again.tobytes()


class TestOutOfFold:
    def test_no_product_is_answered_by_a_model_that_saw_its_group(self):
        # What a product looks like says nothing but which group it is of: seen, it is known.
        groups = np.arange(60) // 2
        truth = np.random.default_rng(0).integers(0, 2, 30)[groups]
        features = np.eye(30, dtype=np.float32)[groups]
        rows = np.arange(60)

        seen = fit_predict(features, rows, truth, 2)
        unseen = out_of_fold(features, rows, truth, 2, groups)

        assert (seen.argmax(axis=1) == truth).all()
        assert (unseen.argmax(axis=1) == truth).mean() < 0.7

    def test_a_near_duplicate_without_a_label_is_answered_like_its_twin(self):
        groups = np.arange(40) % 20
        truth = np.random.default_rng(0).integers(0, 2, 20)[groups]
        features = np.eye(20, dtype=np.float32)[groups]
        rows = np.arange(20)

        answer = out_of_fold(features, rows, truth[rows], 2, groups)

        assert answer[20:] == pytest.approx(answer[:20])

    def test_products_without_a_label_get_the_answer_of_all_labels(self):
        features, truth = make_blobs(90)
        rows = np.arange(45)

        answer = out_of_fold(features, rows, truth[rows], 3, np.arange(90))

        whole = fit_predict(features, rows, truth[rows], 3)
        assert answer[45:] == pytest.approx(whole[45:], abs=1e-6)
        assert np.abs(answer[:45] - whole[:45]).max() > 0.01
        assert answer.sum(axis=1) == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize("n", [0, 1, 2, 3])
    def test_hardly_any_label_is_no_error(self, n):
        features, truth = make_blobs(12)
        rows = np.arange(n)

        answer = out_of_fold(features, rows, truth[rows], 3, np.zeros(12, dtype=np.int64))

        assert answer.shape == (12, 3)
        assert answer.sum(axis=1) == pytest.approx(1, abs=1e-5)

    def test_weights_belong_to_their_rows(self):
        features, truth = make_blobs(60, spread=1.5)
        rows = np.arange(0, 60, 2)
        wrong = truth[rows].copy()
        wrong[:10] = (wrong[:10] + 1) % 3
        trusted = np.where(np.arange(30) < 10, 1e-3, 1.0)

        plain, weighted = (
            out_of_fold(features, rows, wrong, 3, np.arange(60), weights=weights)
            for weights in (None, trusted)
        )

        hits = [(answer.argmax(axis=1) == truth).mean() for answer in (plain, weighted)]
        assert hits[1] > hits[0]
