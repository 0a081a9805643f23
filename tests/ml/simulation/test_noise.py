"""Source categories are made wrong exactly as often as asked."""

import numpy as np
import pytest

from ml.errors import MlError
from ml.sampling.pool import UNKNOWN
from ml.simulation.noise import Noise, corrupt, most_confused, parse_noise

LABELS = np.arange(300) % 3
MISTAKES = np.array([1, 2, 0])


@pytest.mark.parametrize("text", ["none", "uniform:0.1", "confusable:0.25", "uniform:0"])
def test_a_name_is_read_back(text):
    assert parse_noise(text).name == text


@pytest.mark.parametrize(
    "text", ["", "uniform", "uniform:1", "uniform:-0.1", "loud:0.1", "none:0.1", "uniform:nan"]
)
def test_anything_else_is_refused_with_what_there_is(text):
    with pytest.raises(MlError, match="there are: uniform:SHARE"):
        parse_noise(text)


@pytest.mark.parametrize("kind", ["uniform", "confusable"])
def test_the_share_is_exact(kind):
    sources = corrupt(LABELS, Noise(kind, 0.2), MISTAKES, np.random.default_rng(0))

    assert (sources != LABELS).sum() == 60
    assert set(sources) == {0, 1, 2}


def test_confusable_ones_become_what_they_are_mistaken_for():
    sources = corrupt(LABELS, Noise("confusable", 0.2), MISTAKES, np.random.default_rng(0))
    wrong = sources != LABELS

    assert (sources[wrong] == MISTAKES[LABELS[wrong]]).all()


def test_uniform_ones_become_any_other():
    sources = corrupt(LABELS, Noise("uniform", 0.5), MISTAKES, np.random.default_rng(0))
    wrong = sources != LABELS

    assert {(a, b) for a, b in zip(LABELS[wrong], sources[wrong], strict=True)} == {
        (a, b) for a in range(3) for b in range(3) if a != b
    }


def test_none_leaves_no_source_at_all():
    assert (corrupt(LABELS, Noise("none"), MISTAKES, np.random.default_rng(0)) == UNKNOWN).all()


def test_the_most_confused_is_the_most_frequent_wrong_answer_never_the_right_one():
    probabilities = np.array(
        [
            [0.6, 0.3, 0.1],  # right
            [0.2, 0.1, 0.7],
            [0.9, 0.1, 0.0],  # wrong: category 1 taken for 0
            [0.2, 0.7, 0.1],
            [0.0, 0.1, 0.9],  # never wrong: by the probabilities, 1
        ]
    )
    labels = np.array([0, 0, 1, 1, 2])

    assert most_confused(labels, probabilities).tolist() == [2, 0, 1]
