import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from ml.duplicates import group_near_duplicates


class TestTexts:
    def test_that_nearly_agree_share_a_group(self):
        long = "elegance polyester eyelet door curtain seven feet brown set of two machine wash"
        texts = [long, long.replace("brown", "green"), "steel water bottle one litre"]

        groups = group_near_duplicates(texts, [None] * 3)

        assert groups.tolist() == [0, 0, 1]

    def test_of_many_words_are_not_set_apart_by_a_model_number_of_their_own(self):
        words = "steel analog watch for men with leather strap and date display round dial quartz"
        texts = [f"{words} ax17xy bx99 cq12", f"{words} zz81 qr31 uv20", "steel bottle 1 litre"]

        groups = group_near_duplicates(texts, [None] * 3)

        assert groups.tolist() == [0, 0, 1]

    def test_of_few_words_are_set_apart_by_any(self):
        assert group_near_duplicates(["mug xy17", "mug zz81"], [None] * 2).tolist() == [0, 1]

    def test_differing_in_spaces_are_the_same(self):
        groups = group_near_duplicates(["blue  mug", "blue mug\n"], [None, None])

        assert groups.tolist() == [0, 0]

    def test_without_a_word_never_group(self):
        groups = group_near_duplicates(["", " ", "", "mug"], [None] * 4)

        assert groups.tolist() == [0, 1, 2, 3]

    def test_of_signs_alone_are_read_too(self):
        assert group_near_duplicates(["!!!", "!!!", "???"], [None] * 3).tolist() == [0, 0, 1]

    @given(
        st.lists(
            st.lists(st.sampled_from("abcdefgh"), min_size=0, max_size=8).map(" ".join),
            min_size=1,
            max_size=25,
        ),
        st.sampled_from([0.5, 0.8, 0.95]),
    )
    def test_group_as_if_all_were_compared_with_all(self, texts, threshold):
        groups = group_near_duplicates(texts, [None] * len(texts), threshold=threshold)

        expected = groups_by_brute_force(texts, threshold)
        assert adjusted_rand_score(expected, groups) == 1.0


class TestImages:
    def test_that_are_identical_share_a_group_whatever_the_text(self):
        groups = group_near_duplicates(["blue mug", "", "red cup"], ["aa", "aa", "bb"])

        assert groups.tolist() == [0, 0, 1]

    def test_tie_groups_of_texts_together(self):
        texts = ["blue mug", "blue mug", "red cup", "red cup"]

        groups = group_near_duplicates(texts, [None, "aa", "aa", None])

        assert groups.tolist() == [0, 0, 0, 0]


def test_a_catalogue_without_products_has_no_groups():
    assert group_near_duplicates([], []).tolist() == []


def test_groups_are_numbered_by_first_appearance():
    groups = group_near_duplicates(["c", "a", "b", "a", "c"], [None] * 5)

    assert groups.tolist() == [0, 1, 2, 1, 0]


def test_progress_ends_at_the_number_of_texts_and_may_cancel():
    seen = []
    texts = [f"product number{row} of many" for row in range(600)]

    group_near_duplicates(texts, [None] * 600, on_progress=lambda done, of: seen.append((done, of)))

    assert seen[-1] == (600, 600)
    assert len(seen) == 3

    def cancel(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        group_near_duplicates(texts, [None] * 600, on_progress=cancel)


def groups_by_brute_force(texts, threshold):
    words = [text for text in texts if text.strip()]
    if not words:
        return np.arange(len(texts))
    weigh = TfidfVectorizer(token_pattern=r"\w+").fit(sorted(set(words)))
    vectors = weigh.transform(words)
    alike = np.zeros((len(texts), len(texts)), dtype=bool)
    rows = [row for row, text in enumerate(texts) if text.strip()]
    alike[np.ix_(rows, rows)] = (vectors @ vectors.T).toarray() >= threshold - 1e-9
    return connected_components(alike)[1]
