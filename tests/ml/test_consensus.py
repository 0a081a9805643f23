from pathlib import Path

import numpy as np
import pytest

from ml.agreement import MISSING, majority
from ml.consensus import find_consensus

DATA = Path(__file__).resolve().parents[1] / "data" / "out_of_fold.npz"
ERRORS = (0.02, 0.05, 0.1, 0.3)  # of four people


@pytest.fixture(scope="module")
def products():
    """Return the true columns of 840 real products, and what a model says of them out of fold."""
    data = np.load(DATA)
    return data["columns"].astype(np.int64), data["probabilities"].astype(np.float64)


@pytest.fixture(scope="module")
def answers(products):
    """Two of four people, who err differently often, decide each product."""
    columns, probabilities = products
    rng = np.random.default_rng(0)
    given = np.full((len(columns), len(ERRORS)), MISSING)
    for row, column in enumerate(columns):
        for person in rng.choice(len(ERRORS), 2, replace=False):
            errs = rng.random() < ERRORS[person]
            given[row, person] = rng.integers(probabilities.shape[1]) if errs else column
    return given


def test_settles_what_a_majority_cannot_and_knows_who_errs(products, answers):
    columns, probabilities = products
    is_tie = majority(answers) == MISSING

    found = find_consensus(answers, probabilities)

    assert is_tie.sum() > 100
    assert (found.categories == columns)[is_tie].mean() > 0.98
    assert (probabilities.argmax(axis=1) == columns)[is_tie].mean() < 0.97  # the model alone
    assert found.people.argmin() == 3
    assert found.qualities[is_tie].mean() < found.qualities[~is_tie].mean()
    assert 0 <= found.qualities.min() <= found.qualities.max() <= 1


def test_a_person_without_answers_has_no_quality(products, answers):
    _, probabilities = products
    with_idle = np.insert(answers, 1, MISSING, axis=1)

    found = find_consensus(with_idle, probabilities)

    assert np.flatnonzero(np.isnan(found.people)).tolist() == [1]
    assert np.nanargmin(found.people) == 4


@pytest.mark.parametrize(
    "given",
    [
        np.array([[0, MISSING], [1, MISSING]]),  # one person
        np.array([[0, 1], [1, 2], [3, 2]]),  # who never agree
        np.empty((0, 2), dtype=np.int64),
    ],
)
def test_nobody_can_be_weighed_who_never_agrees_with_anybody(given):
    probabilities = np.full((len(given), 4), 0.25)

    assert find_consensus(given, probabilities) is None


@pytest.mark.parametrize("seed", range(20))
def test_few_answers_are_no_error(seed):
    rng = np.random.default_rng(seed)
    n, n_people, n_categories = rng.integers(1, 6), rng.integers(2, 5), rng.integers(2, 5)
    given = rng.integers(0, n_categories, size=(n, n_people))
    given[:, 2:][rng.random((n, n_people - 2)) < 0.5] = MISSING
    given[0, 1] = given[0, 0]
    probabilities = rng.dirichlet(np.ones(n_categories), size=n)

    found = find_consensus(given, probabilities)

    assert found.categories.shape == (n,)
    assert np.isfinite(found.qualities).all()
