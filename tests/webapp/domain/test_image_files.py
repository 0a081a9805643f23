import cv2
import numpy as np
import pytest

from webapp.domain.image_files import (
    NO_FOLDER,
    NOT_FOUND,
    is_animated,
    is_cut_off,
    keep_known,
    name_problem,
)
from webapp.domain.products import ProductImage


@pytest.mark.parametrize(
    "name", ["http://a.example/x.jpg", "//a.example/x.jpg", "HTTPS://A/x.jpg", "data:image/png,x"]
)
def test_address_is_not_fetched(name):
    assert "address" in (name_problem(name) or "")


@pytest.mark.parametrize("name", ["../x.jpg", "a/../../x.jpg", "/etc/passwd", "..\\x.jpg", "\\x"])
def test_name_never_leads_out_of_the_folder(name):
    assert "leads out" in (name_problem(name) or "")


@pytest.mark.parametrize("name", ["x.jpg", "a/b/x.jpg", "x..jpg", "Ünï.png", "a b.jpg"])
def test_plain_name_is_fine(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("suffix", "image_format"),
    [(".jpg", "JPEG"), (".png", "PNG"), (".webp", "WebP"), (".gif", "GIF")],
)
def test_half_an_image_is_cut_off_and_a_whole_one_is_not(suffix, image_format):
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    content = bytes(cv2.imencode(suffix, noise)[1])

    assert not is_cut_off(content, image_format)
    assert is_cut_off(content[: len(content) // 2], image_format)


def test_preview_inside_a_jpeg_does_not_hide_that_its_end_is_missing():
    image = np.full((40, 40, 3), 90, dtype=np.uint8)
    content = bytes(cv2.imencode(".jpg", image)[1])
    exif = b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content
    with_preview = content[:2] + exif + content[2:]

    assert not is_cut_off(with_preview, "JPEG")
    assert is_cut_off(with_preview[:-10], "JPEG")


def test_several_pictures_in_a_gif_are_noticed():
    frame = b"\x21\xf9\x04\0\0\0\0\0"

    assert is_animated(b"GIF89a" + frame * 2, "GIF")
    assert not is_animated(b"GIF89a" + frame, "GIF")


@pytest.mark.parametrize("problem", [NOT_FOUND, NO_FOLDER])
def test_image_that_is_stored_is_kept_when_its_file_is_not_at_hand(problem):
    stored = ProductImage("a.jpg", "0" * 64, 10, 10)
    other = ProductImage("b.jpg", problem="the file is no image")

    kept = keep_known((ProductImage("a.jpg", problem=problem), other), {"a.jpg": stored})

    assert kept == (stored, other)
