"""Terms are found, counted and weighed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.errors import NotEnoughDataError
from ml.text.tfidf import TermSpace, learn_space

DOCUMENTS = [["mug", "red", "mug"], ["mug", "blue"], ["mug", "lamp", "red"]]


def test_terms_are_kept_by_the_number_of_documents_that_have_them() -> None:
    assert learn_space(DOCUMENTS, at_most=9).terms == ("blue", "lamp", "mug", "red")
    assert learn_space(DOCUMENTS, smallest_count=2, at_most=9).terms == ("mug", "red")
    assert learn_space(DOCUMENTS, largest_share=0.8, at_most=9).terms == ("blue", "lamp", "red")
    assert learn_space(DOCUMENTS, at_most=2).terms == ("mug", "red")


def test_limits_that_no_term_keeps_give_way() -> None:
    shared = [["mug"], ["mug"]]

    assert learn_space(shared, largest_share=0.8, at_most=9).terms == ("mug",)
    assert learn_space([["mug"], ["lamp"]], smallest_count=2, at_most=9).terms == ("lamp", "mug")


def test_documents_without_a_term_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughDataError, match="no product to learn from has a word"):
        learn_space([[], []], at_most=9)


def test_counts_leave_out_unknown_terms() -> None:
    space = learn_space(DOCUMENTS, at_most=9)

    counts = space.count([["mug", "mug", "zyzzyva"], []])

    assert counts.toarray().tolist() == [[0, 0, 2, 0], [0, 0, 0, 0]]


def test_weights_are_count_times_rarity_at_length_one() -> None:
    space = learn_space(DOCUMENTS, at_most=9)

    row = space.weigh([["mug", "mug", "mug", "lamp"]]).toarray()[0]

    lamp, mug = math.log(4 / 2) + 1, 3 * 1.0
    assert row == pytest.approx(np.array([0, lamp, mug, 0]) / math.hypot(lamp, mug))


def test_repetition_counts_less_when_sublinear() -> None:
    space = TermSpace(("lamp", "mug"), np.ones(2))

    row = space.weigh([["mug", "mug", "mug", "lamp"]], is_sublinear=True).toarray()[0]

    assert row[1] / row[0] == pytest.approx(1 + math.log(3))


def test_weights_are_those_of_scikit_learn() -> None:
    texts = [" ".join(document) for document in DOCUMENTS]

    ours = learn_space(DOCUMENTS, at_most=9).weigh(DOCUMENTS)

    assert ours.toarray() == pytest.approx(TfidfVectorizer().fit_transform(texts).toarray())


def test_space_reads_back_to_the_last_bit() -> None:
    space = learn_space(DOCUMENTS, at_most=9)

    again = TermSpace.from_json(space.as_json())

    assert again.terms == space.terms
    assert np.array_equal(again.rarity, space.rarity)
