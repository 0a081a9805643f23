"""Sizes read from headers are those that a decoder finds."""

from __future__ import annotations

import struct

import pytest

from ml.errors import UnreadableImageError
from ml.images.headers import read_header
from tests.ml.images.pictures import encoded, picture


def size_of(content: bytes) -> tuple[int, int]:
    header = read_header(content)
    return header.width, header.height


@pytest.mark.parametrize("extension", [".jpg", ".png", ".webp", ".gif"])
def test_size_is_width_then_height(extension: str) -> None:
    content = encoded(picture(height=30, width=50), extension)

    assert size_of(content) == (50, 30)


def test_lossy_and_extended_webp_are_read() -> None:
    lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0" + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 320, 200)
    extended = (
        b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
        + (639).to_bytes(3, "little")
        + (479).to_bytes(3, "little")
    )

    assert size_of(lossy) == (320, 200)
    assert size_of(extended) == (640, 480)


def test_progressive_jpeg_behind_a_long_comment_is_read() -> None:
    plain = encoded(picture(30, 50))
    comment = b"\xff\xfe" + struct.pack(">H", 60_002) + b"x" * 60_000

    assert read_header(plain[:2] + comment + plain[2:]).format == "JPEG"
    assert size_of(plain[:2] + comment + plain[2:]) == (50, 30)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<html>not found</html>", "no JPEG, PNG, WebP or GIF"),
        (encoded(picture(30, 50))[:12], "ends inside its header"),
        (encoded(picture(30, 50), ".png")[:18], "ends inside its header"),
        (b"\xff\xd8\xff\xd9", "states no size"),
        (b"\xff\xd8\xff\xe0\x00\x04ab__", "a marker is missing"),
        (b"RIFF\0\0\0\0WEBPJUNK\0\0\0\0", "first chunk is unknown"),
        (b"GIF89a\0\0\0\0", "has no pixels"),
    ],
)
def test_what_is_no_image_is_named(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableImageError, match=words):
        read_header(content)
