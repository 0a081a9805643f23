import pytest

from webapp.domain.errors import InvalidInputError
from webapp.domain.guidance import (
    MAX_TEXT_LENGTH,
    N_CONFUSED,
    Block,
    Confused,
    check_text,
    read_blocks,
    read_confused,
)


def test_empty_lines_separate_paragraphs_and_hyphens_make_a_list():
    text = "Mugs of any\nmaterial.\n\nAlso:\n- for tea\n-  for coffee\n\n* travel mugs"

    assert read_blocks(text) == (
        Block(False, ("Mugs of any", "material.")),
        Block(False, ("Also:",)),
        Block(True, ("for tea", "for coffee")),
        Block(True, ("travel mugs",)),
    )


def test_a_hyphen_within_a_word_makes_no_list():
    assert read_blocks("-5 degrees\nwell-known") == (Block(False, ("-5 degrees", "well-known")),)


def test_nothing_written_is_no_block():
    assert read_blocks(" \n\n") == ()


def test_a_text_is_stored_with_plain_line_ends_and_without_space_around_it():
    assert check_text("  Mugs \r\n- tea  \r\n\r\n") == "Mugs\n- tea"


def test_a_text_that_is_too_long_is_refused():
    assert len(check_text("x" * MAX_TEXT_LENGTH)) == MAX_TEXT_LENGTH
    with pytest.raises(InvalidInputError, match="longer than 5000"):
        check_text("x" * (MAX_TEXT_LENGTH + 1))


class TestConfused:
    def test_counts_both_directions_worst_first(self):
        confusion = {"categories": [7, 8, 9], "counts": [[20, 1, 3], [0, 30, 0], [2, 4, 10]]}

        assert read_confused(7, confusion) == (Confused(9, 3, 2), Confused(8, 1, 0))
        assert read_confused(8, confusion) == (Confused(9, 0, 4), Confused(7, 0, 1))

    def test_says_nothing_of_a_category_that_the_round_did_not_know(self):
        assert read_confused(5, {"categories": [7], "counts": [[1]]}) == ()

    def test_names_the_worst_ones_only(self):
        n = N_CONFUSED + 3
        confusion = {"categories": list(range(n)), "counts": [[1] * n for _ in range(n)]}

        assert len(read_confused(0, confusion)) == N_CONFUSED
