import csv
from collections import Counter
from pathlib import Path

import cv2
import pytest

from webapp.demo.catalogue import COLUMNS, DemoFiles, write_demo_catalogue

N_PRODUCTS = 200


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo_catalogue(tmp_path_factory.mktemp("demo"), n_products=N_PRODUCTS, seed=3)


@pytest.fixture(scope="module")
def products(files: DemoFiles) -> list[dict[str, str]]:
    return read(files.products_csv)


@pytest.fixture(scope="module")
def truth(files: DemoFiles) -> dict[str, str]:
    return {row["id"]: row["category"] for row in read(files.truth_csv)}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def everything_in(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_every_product_has_a_row_and_a_true_category(products, truth):
    assert len(products) == N_PRODUCTS
    assert tuple(products[0]) == COLUMNS
    assert [product["id"] for product in products] == list(truth)


def test_seven_categories_share_the_products_about_equally(truth):
    counts = Counter(truth.values())

    assert len(counts) == 7
    assert min(counts.values()) >= 0.7 * N_PRODUCTS / 7


def test_eight_percent_of_the_claimed_categories_are_wrong(products, truth):
    wrong = [p for p in products if p["category"].split(" > ")[0] != truth[p["id"]]]

    assert len(wrong) == 16


def test_every_claimed_category_has_three_levels(products):
    assert {product["category"].count(" > ") for product in products} == {2}


def test_names_and_prices_are_always_there(products):
    assert all(product["name"].strip() for product in products)
    assert all(float(product["price"]) > 0 for product in products)
    assert not any("{" in "".join(product.values()) for product in products)


def test_some_products_have_no_description_and_some_no_brand(products):
    assert 4 <= sum(not product["description"] for product in products) <= 16
    assert 10 <= sum(not product["brand"] for product in products) <= 60


def test_specifications_are_two_to_seven_keys_with_values(products):
    for product in products:
        pairs = product["specifications"].split("; ")
        assert 2 <= len(pairs) <= 7
        assert all(": " in pair for pair in pairs)


def test_one_percent_of_the_images_are_missing_and_the_rest_decode(files, products):
    paths = [files.images_dir / product["image"] for product in products]
    there = [path for path in paths if path.is_file()]

    assert len(there) == N_PRODUCTS - 2
    for path in there[::10]:
        picture = cv2.imread(str(path))
        assert picture is not None
        assert 320 <= picture.shape[0] == picture.shape[1] <= 480


def test_some_near_duplicates_share_the_very_image(files):
    images = Counter(path.read_bytes() for path in files.images_dir.iterdir())

    assert sum(count - 1 for count in images.values()) in (4, 5)


def test_near_duplicates_differ_by_colour_or_size_alone(products):
    words = [frozenset(f"{p['name']} {p['description']}".split()) for p in products]
    close = sum(
        len(first & second) / len(first | second) > 0.7
        for row, first in enumerate(words)
        for second in words[:row]
        if len(first) > 12
    )

    assert close >= 3


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name, seed in (("first", 5), ("second", 5), ("other", 6)):
        write_demo_catalogue(tmp_path / name, n_products=12, seed=seed)

    first = everything_in(tmp_path / "first")
    assert first == everything_in(tmp_path / "second")
    assert first != everything_in(tmp_path / "other")


def test_writing_again_leaves_no_image_that_should_be_missing(tmp_path):
    write_demo_catalogue(tmp_path, n_products=60, seed=1)
    n_images = len(list((tmp_path / "images").iterdir()))

    write_demo_catalogue(tmp_path, n_products=60, seed=2)

    assert n_images == len(list((tmp_path / "images").iterdir())) == 59


def test_progress_is_told_product_by_product(tmp_path):
    seen: list[tuple[int, int]] = []

    write_demo_catalogue(tmp_path, n_products=3, on_progress=lambda *told: seen.append(told))

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_catalogue_without_products_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 1 product, not 0"):
        write_demo_catalogue(tmp_path, n_products=0)
