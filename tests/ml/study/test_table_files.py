"""CSV files of products, read without the web application."""

import pytest

from ml.errors import MlError
from ml.study.table_files import first_level, plain_specifications, read_products


def write(path, header, rows):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def rows(n=6):
    return [
        f"{name}{at},{name} text {at} {name}{at} number{at}{name},{name}"
        for name in ("mug", "lamp")
        for at in range(n)
    ]


def test_plain_names_of_columns_are_known(tmp_path):
    found = read_products(write(tmp_path / "shop.csv", "id,description,category", rows()), None)

    assert found.source == "shop.csv"
    assert found.categories == ("lamp", "mug")
    assert found.batch.descriptions[0] == "mug text 0 mug0 number0mug"


def test_the_names_of_the_sample_are_known(tmp_path):
    header = "uniq_id,description,product_category_tree"
    path = write(
        tmp_path / "sample.csv",
        header,
        [row.rsplit(",", 1)[0] + f',"[""{row.rsplit(",", 1)[1]} >> Deep""]"' for row in rows()],
    )

    assert read_products(path, None).categories == ("lamp", "mug")


@pytest.mark.parametrize("header", ["sku,description,category", "id,description,shelf"])
def test_a_missing_column_is_named(tmp_path, header):
    with pytest.raises(MlError, match=r"shop\.csv has no column (id or uniq_id|category or)"):
        read_products(write(tmp_path / "shop.csv", header, rows()), None)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b'a,b\n1,"2\n'])
def test_a_file_that_is_no_csv_is_refused_in_words(tmp_path, content):
    (tmp_path / "shop.csv").write_bytes(content)

    with pytest.raises(MlError, match=r"shop\.csv"):
        read_products(tmp_path / "shop.csv", None)


@pytest.mark.parametrize(
    ("category", "first"),
    [
        ('["Watches >> Wrist Watches >> Kool ..."]', "Watches"),
        ("Home > Lamps", "Home"),
        ("Mugs", "Mugs"),
        ("", ""),
        ("[]", ""),
        ('["Watches >> cut off', "Watches"),
    ],
)
def test_the_first_level_of_a_path_is_the_category(category, first):
    assert first_level(category) == first


def test_specifications_without_a_key_keep_their_value():
    text = '{"product_specification"=>[{"key"=>"Type", "value"=>"Mug"}, {"value"=>"Blue"}]}'

    assert plain_specifications(text) == "Type: Mug; Blue"
    assert plain_specifications("Colour: blue") == "Colour: blue"


def test_specifications_with_a_quote_inside_are_not_lost():
    text = '{"product_specification"=>[{"key"=>"Fits \\"all\\"", "value"=>"13\\" Book"}]}'

    assert plain_specifications(text) == 'Fits "all": 13" Book'


def test_specifications_in_another_form_stay_as_they_are_and_none_are_none():
    assert plain_specifications('[{"Type": "Mug"}]') == '[{"Type": "Mug"}]'
    assert plain_specifications('{"product_specification"=>nil}') == ""
