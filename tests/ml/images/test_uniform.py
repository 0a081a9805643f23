import numpy as np
import pytest

from ml.errors import NotEnoughDataError
from ml.images.uniform import only_readable, with_uniform_rows


def test_products_without_an_image_do_not_train():
    found = np.array([True, False, True])

    assert only_readable((3, 7), np.array([7, 3, 3]), found).tolist() == [1, 0]


def test_images_of_one_category_alone_are_refused_with_their_number():
    with pytest.raises(NotEnoughDataError, match="1 of 2 labelled products have an image"):
        only_readable((3, 7), np.array([7, 3]), np.array([True, False]))


def test_products_without_an_image_get_the_same_probability_everywhere():
    rows = with_uniform_rows(np.array([[0.9, 0.1]]), np.array([False, True]))

    assert rows.tolist() == [[0.5, 0.5], [0.9, 0.1]]
