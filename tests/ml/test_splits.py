import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import NotEnoughDataError
from ml.splits import draw_evaluation, grouped_folds


def ids_of(n):
    return [f"product-{row}" for row in range(n)]


class TestDrawEvaluation:
    def test_takes_about_its_share(self):
        drawn = draw_evaluation(ids_of(5000), np.arange(5000), np.full(5000, -1), salt="s")

        assert drawn.mean() == pytest.approx(0.2, abs=0.02)

    @given(
        groups=st.lists(st.integers(0, 20), min_size=1, max_size=60),
        salt=st.text(max_size=5),
        order=st.randoms(),
    )
    def test_keeps_groups_whole_and_ignores_the_order_of_rows(self, groups, salt, order):
        ids, numbers = ids_of(len(groups)), np.array(groups)
        drawn = draw_evaluation(ids, numbers, np.full(len(ids), -1), salt=salt, share=0.5)
        shuffled = order.sample(range(len(ids)), len(ids))

        again = draw_evaluation(
            [ids[row] for row in shuffled],
            numbers[shuffled],
            np.full(len(ids), -1),
            salt=salt,
            share=0.5,
        )

        assert again.tolist() == drawn[shuffled].tolist()
        assert not set(numbers[drawn]) & set(numbers[~drawn])

    def test_what_is_drawn_stays_when_the_catalogue_grows(self):
        before = draw_evaluation(ids_of(300), np.arange(300) // 2, np.full(300, -1), salt="s")
        drawn = np.concatenate([before.astype(int), np.full(200, -1)])
        groups = np.concatenate([np.arange(300) // 2, np.arange(200)])  # joins the first groups

        after = draw_evaluation(ids_of(500), groups, drawn, salt="s")

        assert after[:300].tolist() == before.tolist()
        assert after[300:450].tolist() == before[np.arange(150) * 2].tolist()
        assert 0 < after[450:].sum() < 50

    def test_a_group_of_both_sides_keeps_them_and_newcomers_evaluate(self):
        drawn = draw_evaluation(ids_of(3), np.zeros(3, dtype=int), np.array([1, 0, -1]), salt="s")

        assert drawn.tolist() == [True, False, True]

    def test_salts_draw_different_products(self):
        one, other = (
            draw_evaluation(ids_of(500), np.arange(500), np.full(500, -1), salt=salt)
            for salt in ("one", "other")
        )

        assert 0 < (one & other).sum() < one.sum() / 2


class TestGroupedFolds:
    @given(
        rows=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 3)), min_size=2, max_size=80),
        n_folds=st.integers(2, 6),
        seed=st.integers(0, 5),
    )
    def test_keeps_groups_whole_and_fills_every_fold(self, rows, n_folds, seed):
        groups, labels = (np.array(column) for column in zip(*rows, strict=True))
        n_groups = len(np.unique(groups))
        if n_groups < 2:
            return

        folds = grouped_folds(groups, labels, n_folds, seed)

        for group in np.unique(groups):
            assert len(set(folds[groups == group])) == 1
        assert set(folds) == set(range(min(n_folds, n_groups)))

    def test_spreads_categories_evenly(self):
        rng = np.random.default_rng(0)
        groups = np.sort(rng.integers(0, 150, 400))
        labels = (groups * 13) % 7

        folds = grouped_folds(groups, labels, 5, seed=1)

        counts = np.array([np.bincount(labels[folds == fold], minlength=7) for fold in range(5)])
        assert (np.ptp(counts, axis=0) <= 6).all()
        assert np.ptp(counts.sum(axis=1)) <= 20

    def test_seeds_deal_differently_and_repeatably(self):
        groups, labels = np.arange(100), np.arange(100) % 4

        first, again, other = (grouped_folds(groups, labels, 5, seed) for seed in (0, 0, 1))

        assert first.tolist() == again.tolist() != other.tolist()

    def test_copies_of_one_product_are_too_few(self):
        with pytest.raises(NotEnoughDataError, match="copies of one another"):
            grouped_folds(np.zeros(30, dtype=int), np.arange(30) % 2, 5, 0)
