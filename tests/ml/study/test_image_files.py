"""Images are found by name below one folder and nowhere else."""

import hashlib

import pytest

from ml.study.image_files import find_images
from tests.ml.images.pictures import encoded, picture

CONTENT = encoded(picture(40, 30))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


def test_a_readable_image_comes_with_its_digest(folder):
    (folder / "mug.jpg").write_bytes(CONTENT)

    (found,) = find_images(folder, ["mug.jpg"])

    assert found.path == (folder / "mug.jpg").resolve()
    assert found.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert found.problem is None


def test_a_file_in_a_folder_below_serves_if_its_name_is_unique(folder):
    for name in ("a/mug.jpg", "a/cup.jpg", "b/cup.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(CONTENT)

    mug, cup, in_b = find_images(folder, ["mug.jpg", "cup.jpg", "b/cup.jpg"])

    assert mug.path == (folder / "a" / "mug.jpg").resolve()
    assert cup.problem == "there is no file cup.jpg"
    assert in_b.path is not None


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg", "link.jpg"])
def test_nothing_outside_the_folder_is_read(folder, name):
    (folder.parent / "secret.jpg").write_bytes(CONTENT)
    (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")

    (found,) = find_images(folder, [name])

    assert found.path is None
    assert "leads out of the folder" in found.problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [(CONTENT[: len(CONTENT) // 3], "damaged"), (b"no image", "bad.jpg"), (b"", "bad.jpg")],
)
def test_a_broken_image_counts_as_none_and_the_reason_names_it(folder, content, problem):
    (folder / "bad.jpg").write_bytes(content)

    (found,) = find_images(folder, ["bad.jpg"])

    assert (found.path, found.sha256) == (None, None)
    assert problem in found.problem


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b.jpg"])
def test_a_name_that_no_file_can_have_is_no_disaster(folder, name):
    (found,) = find_images(folder, [name])

    assert found.path is None
    assert found.problem


def test_without_a_folder_or_a_name_there_is_no_image(folder):
    assert find_images(None, ["mug.jpg"])[0].path is None
    assert find_images(folder, [""])[0].problem == "no image is named"
