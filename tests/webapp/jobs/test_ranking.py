import numpy as np
import pytest

from webapp.jobs.ranking import N_BRANCH, N_FUSED, rank_predictions


def ranked(fused, text=None, image=None):
    fused = np.array([fused])
    categories = tuple(range(100, 100 + fused.shape[1]))
    missing = np.full(fused.shape, np.nan)
    (prediction,) = rank_predictions(
        1,
        [5],
        categories,
        fused,
        missing if text is None else np.array([text]),
        missing if image is None else np.array([image]),
    )
    return prediction


def test_the_likeliest_category_comes_first_with_its_margin():
    prediction = ranked([0.1, 0.6, 0.3])

    assert [each.category_id for each in prediction.fused] == [101, 102, 100]
    assert (prediction.category_id, prediction.probability) == (101, 0.6)
    assert prediction.margin == pytest.approx(0.3)


def test_a_branch_without_an_answer_is_none():
    prediction = ranked([0.1, 0.9], text=[0.2, 0.8])

    assert prediction.text[0].probability == 0.8
    assert prediction.image is None


def test_of_many_categories_the_likeliest_are_kept():
    many = np.full(40, 1 / 40)

    prediction = ranked(many, text=many, image=many)

    assert len(prediction.fused) == N_FUSED
    assert len(prediction.text) == len(prediction.image) == N_BRANCH
