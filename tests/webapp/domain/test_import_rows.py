import pytest

from webapp.domain.import_rows import read_product
from webapp.domain.imports import ImportedProduct, ImportProblem, SourceRow

MAPPING = {field: field for field in ("external_id", "name", "description", "image", "price")} | {
    "specifications": "specs",
    "category": "path",
}


def read(**values):
    return read_product(SourceRow(7, {"external_id": "p1", "name": "Mug"} | values), MAPPING)


def test_row_becomes_a_product():
    product = read(name=" Blue  mug ", price=4.5, path="Kitchen > Mugs", specs="Size: M")

    assert product == ImportedProduct(
        line=7,
        external_id="p1",
        name="Blue mug",
        description="",
        specifications=(("Size", "M"),),
        brand="",
        price="4.5",
        category=("Kitchen", "Mugs"),
        image_names=(),
    )


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("a.jpg", ("a.jpg",)),
        ("a.jpg| b.jpg |a.jpg|", ("a.jpg", "b.jpg")),
        ('["a.jpg", null, "b.jpg"]', ("a.jpg", "b.jpg")),
        (["a.jpg"], ("a.jpg",)),
        ("[a.jpg", ("a.jpg",)),
    ],
)
def test_several_images_can_be_named(written, names):
    assert read(image=written).image_names == names


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        ({"external_id": " "}, "external_id", "the id is missing"),
        ({"external_id": None}, "external_id", "the id is missing"),
        ({"name": ""}, "name", "name, description and image are all missing"),
        ({"name": "a\0b"}, "name", "the value holds a NUL character"),
        ({"name": "caf\udce9"}, "name", "not UTF-8"),
        ({"name": ["a"]}, "name", "a text was expected"),
        ({"external_id": "x" * 201}, "external_id", "longer than 200 characters"),
        ({"specs": {"a": "b\0"}}, "specs", "NUL"),
        ({"specs": {"a": "\ud800"}}, "specs", "not UTF-8"),
    ],
)
def test_row_that_cannot_be_used_names_column_and_reason(values, column, reason):
    problem = read(**values)

    assert isinstance(problem, ImportProblem)
    assert (problem.line, problem.column) == (7, column)
    assert reason in problem.reason
    problem.value.encode()  # can be stored and sent


def test_product_with_an_image_alone_is_taken():
    product = read(name="", image="a.jpg")

    assert product.image_names == ("a.jpg",)
    assert not product.has_text


def test_last_row_that_ends_inside_a_hash_was_cut_off():
    row = SourceRow(
        9, {"external_id": "p1", "name": "Mug", "specs": '{"k"=>"v'}, ends_the_file=True
    )

    problem = read_product(row, MAPPING)

    assert isinstance(problem, ImportProblem)
    assert (problem.line, problem.column) == (9, "specs")
    assert "cut off" in problem.reason
