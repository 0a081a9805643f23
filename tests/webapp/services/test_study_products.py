"""A study reads a file as an import does."""

import numpy as np

from webapp.services.study_products import read_products


def test_the_sample_is_read_whole(shared_data):
    folder = shared_data / "flipkart"

    found = read_products(folder / "products.csv", images_dir=folder / "images")

    assert np.bincount(found.labels).tolist() == [120] * 7
    assert found.batch.has_image().sum() == 837
    assert found.left_out[0].startswith("3 products have no image that can be read")
    assert found.batch.specifications[0].startswith("Brand: Elegance; ")


def test_the_second_level_has_more_categories_and_leaves_small_ones_out(shared_data):
    found = read_products(shared_data / "flipkart" / "products.csv", images_dir=None, level=2)

    assert len(found.categories) > 15
    assert np.bincount(found.labels).min() >= 5
    assert "Watches > Wrist Watches" in found.categories
    (sentence,) = found.left_out
    assert "categories have fewer than the 5 products" in sentence
