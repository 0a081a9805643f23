from pathlib import Path

import cv2
import numpy as np
import pytest

from webapp.domain import image_files
from webapp.services.image_intake import ImageIntake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


@pytest.fixture
def take(folder: Path, tmp_path: Path):
    intake = ImageIntake(folder, tmp_path / "store", max_bytes=1_000_000, max_pixels=1_000_000)
    return intake.take


def draw(path: Path, grey: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 30, 3), grey, np.uint8))


def test_a_file_in_another_folder_serves_if_its_name_is_unique(take, folder):
    draw(folder / "photos" / "2026" / "mug.png")

    taken = take("mug.png")

    assert taken.image.problem is None
    assert taken.image.sha256 is not None
    assert take("elsewhere/mug.png").image.sha256 == taken.image.sha256


def test_of_two_files_with_one_name_none_is_guessed(take, folder):
    draw(folder / "old" / "mug.png", grey=10)
    draw(folder / "new" / "mug.png", grey=200)

    assert take("mug.png").image.problem == image_files.NOT_FOUND
    assert take("new/mug.png").image.problem is None


def test_a_file_where_it_is_said_to_be_comes_first(take, folder):
    draw(folder / "mug.png", grey=10)
    draw(folder / "old" / "mug.png", grey=200)

    assert take("mug.png").image.sha256 != take("old/mug.png").image.sha256
