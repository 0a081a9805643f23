"""Texts become stems that treat spellings alike."""

from __future__ import annotations

from ml.text.cleaning import LONGEST_WORD, fold_accents, stems


def test_case_accents_and_endings_do_not_matter() -> None:
    assert stems("Décoratif CURTAINS") == stems("decoratif curtain")


def test_stop_words_single_signs_and_marks_go() -> None:
    assert stems("The x of 2 mugs, & a -- !") == ["mug"]


def test_words_keep_their_order_and_repetitions() -> None:
    assert stems("red mug red") == ["red", "mug", "red"]


def test_numbers_with_units_stay() -> None:
    assert stems("213 cm") == ["213", "cm"]


def test_endless_word_is_left_out() -> None:
    assert stems("a" * (LONGEST_WORD + 1) + " mug") == ["mug"]


def test_other_scripts_survive() -> None:
    assert fold_accents("Ёлка") == "елка"
    assert stems("кружка") == ["кружка"]


def test_text_without_a_word_that_counts_has_no_stems() -> None:
    assert stems("") == stems("the") == []
