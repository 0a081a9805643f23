"""The splits of the two protocols."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.study.protocols import (
    draw_split,
    grouped_split,
    held_out_fold,
    readable,
    stratified_split,
)
from tests.ml.study.studies import make_products

LABELS = np.repeat([0, 1, 2], [70, 20, 10])
GROUPS = np.arange(100) // 2


def test_study_protocol_holds_out_three_tenths_of_each_category():
    split = stratified_split(LABELS, seed=0)

    assert np.bincount(LABELS[split.test]).tolist() == [21, 6, 3]
    assert sorted([*split.train, *split.test]) == list(range(100))


@given(st.lists(st.integers(2, 9), min_size=2, max_size=30), st.integers(0, 99))
def test_every_category_is_on_both_sides_however_small(sizes, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)

    split = stratified_split(labels, seed=seed)

    assert set(labels[split.test]) == set(labels[split.train]) == set(range(len(sizes)))


def test_repeats_of_the_study_protocol_hold_out_other_products():
    one, other = (
        draw_split("study", LABELS, GROUPS, repeat=repeat, seed=0).test for repeat in (0, 1)
    )

    assert len(np.intersect1d(one, other)) < len(one)


def test_five_repeats_of_the_honest_protocol_hold_out_each_product_once():
    tests = [held_out_fold(LABELS, GROUPS, repeat=repeat, seed=0).test for repeat in range(5)]

    assert sorted(np.concatenate(tests)) == list(range(100))


def test_the_sixth_repeat_is_of_another_deal():
    first, sixth = (held_out_fold(LABELS, GROUPS, repeat=at, seed=0).test for at in (0, 5))

    assert set(first) != set(sixth)


@pytest.mark.parametrize("draw", [held_out_fold, grouped_split])
def test_near_duplicates_are_on_one_side(draw):
    options = {"repeat": 3} if draw is held_out_fold else {}

    split = draw(LABELS, GROUPS, seed=1, **options)

    assert len(np.intersect1d(GROUPS[split.train], GROUPS[split.test])) == 0
    assert len(split.train) + len(split.test) == 100


def test_grouped_split_is_about_as_large_as_the_random_one():
    assert abs(len(grouped_split(LABELS, GROUPS, seed=0).test) - 30) <= 4


def test_few_groups_make_fewer_folds():
    groups = np.repeat([0, 1, 2], [70, 20, 10])

    splits = [held_out_fold(LABELS, groups, repeat=repeat, seed=0) for repeat in range(3)]

    assert all(len(split.test) and len(split.train) for split in splits)
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(100))


def test_study_protocol_reads_the_description_alone():
    batch = make_products().batch

    assert readable(batch, "study").texts() == list(batch.descriptions)
    assert readable(batch, "honest") is batch
