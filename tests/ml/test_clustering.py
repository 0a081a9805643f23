"""Groups are found, counted and renamed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.clustering import category_shares, k_means, match_to_categories
from ml.metrics import ari_of_clusters

CORNERS = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])


class TestKMeans:
    def test_clouds_of_points_are_told_apart(self) -> None:
        truth = np.arange(60) % 3
        points = CORNERS[truth] + np.random.default_rng(1).normal(size=(60, 2))

        assert ari_of_clusters(truth, k_means(points, 3, seed=0)) == 1

    def test_same_seed_same_clusters(self) -> None:
        points = np.random.default_rng(1).normal(size=(40, 5))

        assert np.array_equal(k_means(points, 4, seed=2), k_means(points, 4, seed=2))

    def test_copies_of_few_products_make_few_clusters(self) -> None:
        clusters = k_means(CORNERS[[0, 1, 0, 1, 0]], 3, seed=0)

        assert len(np.unique(clusters)) == 2
        assert clusters[0] == clusters[2] == clusters[4] != clusters[1]

    @pytest.mark.parametrize("n_products", [0, 1, 4])
    def test_products_that_do_not_differ_are_one_cluster(self, n_products) -> None:
        assert k_means(np.ones((n_products, 2)), 3, seed=0).tolist() == [0] * n_products


class TestCategoryShares:
    def test_shares_are_counted_with_one_product_more_as_categories_are(self) -> None:
        memberships = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])

        shares = category_shares(memberships, np.array([0, 0, 0, 1]), 2)

        assert shares == pytest.approx(np.array([[3.25, 0.25], [1.25, 1.25]]) / [[3.5], [2.5]])

    def test_group_without_a_product_says_what_all_products_say(self) -> None:
        memberships = np.array([[1.0, 0.0]] * 4)

        shares = category_shares(memberships, np.array([0, 1, 1, 1]), 3)

        assert shares[1].tolist() == [0.25, 0.75, 0.0]


class TestMatchToCategories:
    def test_names_of_clusters_do_not_matter(self) -> None:
        columns = np.array([0, 0, 1, 1, 2, 2])

        matched = match_to_categories(columns, np.array([2, 2, 0, 0, 1, 1]), 3)

        assert matched.tolist() == columns.tolist()

    def test_pairing_is_the_best_of_all_and_not_of_each(self) -> None:
        columns = np.array([0] * 3 + [1] * 2 + [0] * 2)
        clusters = np.array([0] * 5 + [1] * 2)

        # Cluster 1 holds category 0 alone; so cluster 0 goes to category 1, for 2 + 2 right.
        assert match_to_categories(columns, clusters, 2).tolist() == [1] * 5 + [0] * 2

    def test_more_clusters_than_categories_take_the_category_of_most(self) -> None:
        columns = np.array([0, 0, 0, 1, 1, 0])

        matched = match_to_categories(columns, np.array([0, 0, 0, 1, 1, 2]), 2)

        assert matched.tolist() == [0, 0, 0, 1, 1, 0]

    def test_fewer_clusters_than_categories_leave_some_out(self) -> None:
        assert match_to_categories(np.array([0, 1, 2, 2]), np.zeros(4, int), 3).tolist() == [2] * 4

    def test_products_without_a_category_have_no_say_and_get_one(self) -> None:
        matched = match_to_categories(np.array([1, -1, -1, 0]), np.array([0, 0, 0, 1]), 2)

        assert matched.tolist() == [1, 1, 1, 0]

    def test_no_products_match_nothing(self) -> None:
        none = np.array([], dtype=np.int64)

        assert match_to_categories(none, none, 3).shape == (0,)

    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40))
    def test_one_to_one_matching_never_loses_to_keeping_the_numbers(self, pairs) -> None:
        columns, clusters = np.array(pairs).T
        kept = int((columns == clusters).sum())

        assert int((match_to_categories(columns, clusters, 5) == columns).sum()) >= kept
