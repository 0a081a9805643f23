from dataclasses import replace

import numpy as np
import pytest

from ml.snapshots import NO_CATEGORY
from tests.ml.catalogues import CATEGORIES, make_snapshot


class TestTrainingRows:
    def test_leave_out_the_evaluation_set_and_its_near_duplicates(self):
        snapshot = make_snapshot(40, group_size=4)
        is_evaluation = snapshot.is_evaluation.copy()
        is_evaluation[np.flatnonzero(~is_evaluation)[0]] = True  # its group is on both sides now
        snapshot = replace(snapshot, is_evaluation=is_evaluation)

        rows = snapshot.training_rows()

        assert len(rows)
        assert not set(snapshot.groups[rows]) & set(snapshot.groups[is_evaluation])

    def test_need_a_label_or_a_source_category(self):
        snapshot = make_snapshot(10, evaluation=0)
        sources = snapshot.source_categories.copy()
        sources[:4] = NO_CATEGORY
        labels = np.full(10, NO_CATEGORY)
        labels[1] = CATEGORIES[0]

        rows = replace(snapshot, source_categories=sources, labels=labels).training_rows()

        assert rows.tolist() == [1, 4, 5, 6, 7, 8, 9]

    def test_learn_the_label_rather_than_the_source_category(self):
        snapshot = make_snapshot(4)
        labels = np.array([CATEGORIES[2], NO_CATEGORY, NO_CATEGORY, NO_CATEGORY])

        targets = replace(snapshot, labels=labels).targets()

        assert targets[0] == CATEGORIES[2]
        assert targets[1:].tolist() == snapshot.source_categories[1:].tolist()


class TestEvaluationRows:
    def test_with_enough_labels_are_the_labelled_ones(self):
        snapshot = make_snapshot(40, evaluation=0.5)
        labels = np.full(40, NO_CATEGORY)
        labels[:20] = snapshot.source_categories[:20]
        snapshot = replace(snapshot, labels=labels)

        rows, is_provisional = snapshot.evaluation_rows(10)

        assert not is_provisional
        assert rows.tolist() == [row for row in range(20) if snapshot.is_evaluation[row]]

    def test_with_few_labels_take_source_categories_and_say_so(self):
        snapshot = make_snapshot(40, evaluation=0.5)

        rows, is_provisional = snapshot.evaluation_rows(1)

        assert is_provisional
        assert rows.tolist() == np.flatnonzero(snapshot.is_evaluation).tolist()


class TestColumns:
    def test_are_found_by_category_and_not_by_size(self):
        snapshot = make_snapshot(4)

        columns = snapshot.columns_of(np.array([19, 40, NO_CATEGORY, 7]))

        assert columns.tolist() == [2, 0, -1, 1]

    def test_of_an_unknown_category_are_refused(self):
        with pytest.raises(ValueError, match="not among"):
            replace(make_snapshot(4), labels=np.array([99, -1, -1, -1]))

    def test_of_another_length_are_refused(self):
        with pytest.raises(ValueError, match="shape"):
            replace(make_snapshot(4), labels=np.array([-1]))
