"""Terms get numbers, weights and padding."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ml.text.vocabulary import (
    PADDING,
    UNKNOWN,
    learn_vocabulary,
    lengths_of,
    sequences,
    weighted_terms,
)

TEXTS = [["mug", "red", "mug"], ["mug", "blue"], ["lamp"]]


def test_order_of_texts_does_not_matter() -> None:
    forwards = learn_vocabulary(TEXTS, at_most=10)
    backwards = learn_vocabulary(TEXTS[::-1], at_most=10)

    assert forwards.terms == backwards.terms == ("blue", "lamp", "mug", "red")
    assert forwards.rarity.tolist() == backwards.rarity.tolist()


def test_rare_terms_and_the_least_frequent_go_first() -> None:
    assert learn_vocabulary(TEXTS, smallest_count=2, at_most=10).terms == ("mug",)
    assert learn_vocabulary(TEXTS, at_most=2).terms == ("blue", "mug")


def test_rarity_is_the_smoothed_inverse_document_frequency() -> None:
    vocabulary = learn_vocabulary(TEXTS, at_most=10)

    assert vocabulary.rarity[vocabulary.terms.index("mug")] == pytest.approx(math.log(4 / 3) + 1)
    assert vocabulary.rarity[vocabulary.terms.index("lamp")] == pytest.approx(math.log(2) + 1)


def test_sequences_are_padded_after_and_cut_at_their_length() -> None:
    vocabulary = learn_vocabulary(TEXTS, at_most=10)
    mug, red = vocabulary.ids()["mug"], vocabulary.ids()["red"]

    rows = sequences([["mug", "never"], [], ["red", "mug", "red", "red"]], vocabulary, 3)

    assert rows.tolist() == [[mug, UNKNOWN, PADDING], [PADDING] * 3, [red, mug, red]]


def test_length_is_that_of_the_text_and_one_without_words() -> None:
    vocabulary = learn_vocabulary(TEXTS, at_most=10)

    rows = sequences([["mug", "never"], [], ["red"] * 9], vocabulary, 5)

    assert lengths_of(rows).tolist() == [2, 1, 5]


class TestWeightedTerms:
    def test_weights_of_a_text_sum_to_one_and_repetition_counts(self) -> None:
        vocabulary = learn_vocabulary(TEXTS, at_most=10)

        ids, weights = weighted_terms([["mug", "mug", "mug", "blue"]], vocabulary, 10)

        of = dict(zip(ids[0].tolist(), weights[0].tolist(), strict=True))
        assert sum(of.values()) == pytest.approx(1)
        assert of[vocabulary.ids()["mug"]] / of[vocabulary.ids()["blue"]] == pytest.approx(
            (1 + math.log(3)) * (math.log(4 / 3) + 1) / (math.log(2) + 1)
        )

    def test_text_without_a_known_term_weighs_nothing(self) -> None:
        ids, weights = weighted_terms([["never"], []], learn_vocabulary(TEXTS, at_most=10), 10)

        assert not ids.any()
        assert not weights.any()

    def test_the_heaviest_terms_are_kept(self) -> None:
        vocabulary = learn_vocabulary(TEXTS, at_most=10)

        ids, _ = weighted_terms([["mug", "red", "red"]], vocabulary, 1)

        assert ids.tolist() == [[vocabulary.ids()["red"]]]

    def test_order_of_words_does_not_matter(self) -> None:
        vocabulary = learn_vocabulary(TEXTS, at_most=10)

        one, other = (weighted_terms([t], vocabulary, 9) for t in (["mug", "red"], ["red", "mug"]))

        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
