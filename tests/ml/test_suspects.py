import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from hypothesis import given
from hypothesis import strategies as st

from ml.suspects import NOTHING, find_suspects, margin_scores


def make(seed=0, n=300, n_categories=4, share=0.1, sharpness=4.0):
    """Probabilities that mostly know the truth, and records of which a share is wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_categories, n)
    logits = rng.normal(size=(n, n_categories))
    logits[np.arange(n), truth] += sharpness
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    recorded = truth.copy()
    wrong = rng.choice(n, int(n * share), replace=False)
    recorded[wrong] = (recorded[wrong] + rng.integers(1, n_categories, len(wrong))) % n_categories
    return probabilities, recorded, truth


def test_margins_are_those_of_cleanlab():
    probabilities, recorded, _ = make()

    ours = margin_scores(probabilities, recorded)

    theirs = get_label_quality_scores(recorded, probabilities, method="normalized_margin")
    assert ours == pytest.approx(theirs)


def test_most_of_the_list_is_wrong_and_most_of_what_is_wrong_is_listed():
    probabilities, recorded, truth = make()

    found = find_suspects(probabilities, recorded)

    rows = [each.row for each in found]
    is_wrong = recorded != truth
    assert is_wrong[rows].mean() > 0.8
    assert is_wrong[rows].sum() > 0.8 * is_wrong.sum()


def test_the_most_suspect_comes_first_with_what_is_said_of_it():
    probabilities, recorded, _ = make()

    found = find_suspects(probabilities, recorded)

    assert [each.score for each in found] == sorted(each.score for each in found)
    for each in found:
        row = probabilities[each.row]
        assert (each.recorded, each.proposed) == (recorded[each.row], row.argmax())
        assert each.proposed != each.recorded
        assert each.recorded_probability == pytest.approx(row[each.recorded])
        assert each.proposed_probability == pytest.approx(row.max())


def test_what_nobody_has_recorded_is_no_suspect():
    probabilities, recorded, _ = make()
    listed = {each.row for each in find_suspects(probabilities, recorded)}
    recorded[list(listed)[:5]] = NOTHING

    again = find_suspects(probabilities, recorded)

    assert not {each.row for each in again} & set(np.flatnonzero(recorded == NOTHING))


def test_products_that_may_not_be_listed_are_left_out():
    probabilities, recorded, _ = make()
    is_listed = np.arange(len(recorded)) % 2 == 0

    whole = find_suspects(probabilities, recorded)
    part = find_suspects(probabilities, recorded, is_listed=is_listed)

    assert part == [each for each in whole if each.row % 2 == 0]


def test_a_long_list_keeps_the_most_suspect():
    probabilities, recorded, _ = make()

    assert (
        find_suspects(probabilities, recorded, n_most=3)
        == (find_suspects(probabilities, recorded)[:3])
    )


@pytest.mark.parametrize("recorded", [[], [0], [1, 1, 1], [NOTHING, NOTHING], [0, NOTHING]])
def test_one_category_alone_has_no_suspects(recorded):
    probabilities = np.full((len(recorded), 2), 0.5)

    assert find_suspects(probabilities, np.array(recorded, dtype=np.int64)) == []


@given(
    seed=st.integers(0, 1000),
    n=st.integers(2, 40),
    n_categories=st.integers(2, 12),
    sharpness=st.floats(0, 30),
)
def test_few_products_or_empty_categories_break_nothing(seed, n, n_categories, sharpness):
    probabilities, recorded, _ = make(seed, n, n_categories, share=0.3, sharpness=sharpness)

    found = find_suspects(probabilities.astype(np.float32), recorded)

    assert len({each.row for each in found}) == len(found)
    assert all(0 <= each.score <= 0.5 + 1e-6 for each in found)
