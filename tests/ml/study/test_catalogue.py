"""Products are brought together with their images; what is left out is said."""

import numpy as np
import pytest

from ml.errors import NotEnoughDataError
from ml.study.catalogue import SourceProduct, gather

WORDS = ("mug", "lamp", "towel", "clock", "shirt", "chair", "spoon", "phone")


def make_row(number: int, category: str, **changes: str) -> SourceProduct:
    """Make a product whose text nobody else has."""
    text = " ".join(f"{word}{number}{category}" for word in WORDS)
    fields = {
        "place": f"line {number}",
        "id": f"{category}-{number}",
        "name": "",
        "description": text,
        "specifications": "",
        "category": category,
        "image_name": "",
    }
    return SourceProduct(**fields | changes)


def rows_of(**sizes: int) -> list[SourceProduct]:
    return [make_row(number, name) for name, n in sizes.items() for number in range(n)]


def test_labels_are_positions_in_the_sorted_categories():
    found = gather(rows_of(b=6, a=5), source="shop.csv", images=None)

    assert found.categories == ("a", "b")
    assert found.labels.tolist() == [1] * 6 + [0] * 5
    assert found.left_out == ()


def test_rows_without_category_or_id_and_repeated_ids_are_counted_and_named():
    rows = [
        *rows_of(a=6, b=6),
        make_row(90, "a", id=""),
        *(make_row(91 + at, "", place=f"line {91 + at}") for at in range(5)),
        make_row(99, "b", id="a-0"),
    ]

    found = gather(rows, source="shop.csv", images=None, left_out=("Said before.",))

    assert len(found.batch) == 12
    assert found.left_out == (
        "Said before.",
        "1 row has no id: line 90.",
        "1 row has the id of an earlier row: line 99.",
        "5 rows have no category: line 91, line 92, line 93 and others.",
    )


def test_a_category_of_too_few_products_is_left_out():
    found = gather(rows_of(a=6, b=5, lonely=1), source="shop.csv", images=None)

    assert found.categories == ("a", "b")
    assert found.left_out == (
        "1 category has fewer than the 5 products that a category needs, and is left out: "
        "lonely (1).",
    )
    assert sorted(np.unique(found.labels)) == [0, 1]


def test_a_category_of_copies_is_left_out():
    copies = [make_row(number, "c", description="one text for all") for number in range(6)]

    found = gather([*rows_of(a=6, b=6), *copies], source="shop.csv", images=None)

    assert found.categories == ("a", "b")
    assert "near-duplicates of one product alone" in found.left_out[0]


@pytest.mark.parametrize("sizes", [{}, {"a": 9}, {"a": 9, "b": 4}])
def test_fewer_than_two_categories_are_refused_in_words(sizes):
    with pytest.raises(NotEnoughDataError, match=r"at least two categories.*shop\.csv has"):
        gather(rows_of(**sizes), source="shop.csv", images=None)


def test_a_refusal_says_what_became_of_the_rows():
    rows = [make_row(number, "") for number in range(3)]

    with pytest.raises(
        NotEnoughDataError, match=r"has 0 of them\. line 9.*3 rows have no category"
    ):
        gather(rows, source="shop.csv", images=None, left_out=["line 9 cannot be read."])


def test_a_file_name_that_is_no_text_becomes_text():
    found = gather(rows_of(a=5, b=5), source="shop\udcff.csv", images=None)

    assert found.source == "shop\N{REPLACEMENT CHARACTER}.csv"


def test_images_that_cannot_be_read_are_named(tmp_path):
    rows = rows_of(a=5, b=5)
    rows[3] = make_row(3, "a", image_name="nowhere.jpg")

    found = gather(rows, source="shop.csv", images=tmp_path)

    assert not found.batch.has_image().any()
    assert found.left_out[0].startswith("10 products have no image that can be read")
    assert "no image is named" in found.left_out[0]
