import pytest

from webapp.domain.import_columns import choose, combine
from webapp.domain.imports import ImportRejectedError

FLIPKART = [
    "uniq_id",
    "crawl_timestamp",
    "product_url",
    "product_name",
    "product_category_tree",
    "pid",
    "retail_price",
    "discounted_price",
    "image",
    "is_FK_Advantage_product",
    "description",
    "product_rating",
    "overall_rating",
    "brand",
    "product_specifications",
]


def test_columns_of_the_sample_are_recognised():
    assert choose(FLIPKART) == {
        "external_id": "uniq_id",
        "name": "product_name",
        "description": "description",
        "category": "product_category_tree",
        "image": "image",
        "brand": "brand",
        "price": "discounted_price",
        "specifications": "product_specifications",
    }


def test_code_of_the_shop_that_tells_the_category_is_never_taken():
    assert "pid" not in choose(FLIPKART).values()


def test_capitals_and_punctuation_do_not_matter():
    assert choose(["SKU", "Product-Title"]) == {"external_id": "SKU", "name": "Product-Title"}


def test_what_is_said_goes_before_what_is_recognised():
    columns = ["id", "sku", "title", "label"]

    mapping = choose(columns, {"external_id": "sku", "name": "label"})

    assert mapping == {"external_id": "sku", "name": "label"}


def test_field_can_be_left_out_on_purpose():
    assert choose(["id", "brand"], {"brand": None}) == {"external_id": "id"}


def test_unknown_column_is_named_with_those_that_there_are():
    with pytest.raises(ImportRejectedError, match=r"column nummer, .* It has: id, title"):
        choose(["id", "title"], {"external_id": "nummer"})


def test_unknown_field_is_named_with_those_that_there_are():
    with pytest.raises(ImportRejectedError, match=r"field colour; there are: external_id, name"):
        choose(["id"], {"colour": "id"})


def test_file_without_ids_is_refused_but_can_still_be_mapped():
    with pytest.raises(ImportRejectedError, match=r"No column holds the ids.*Found: a, b"):
        choose(["a", "b"])

    assert combine(["a", "b"], {}) == {}
