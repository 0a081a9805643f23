"""Names and bytes of image files: what may be looked up, what is cut off, what moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from webapp.domain.products import ProductImage

ADDRESS = "an address, not a file: addresses are not fetched"
OUTSIDE = "the name leads out of the folder of images"
NOT_FOUND = "there is no such file in the folder of images"
NO_FOLDER = "no folder of images was given"
CUT_OFF = "the image is cut off: the end of the file is missing"
ANIMATED = "the image is animated: its first picture is used"
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*:)?//|data:", re.IGNORECASE)
_SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WebP": (".webp",),
    "GIF": (".gif",),
}


def name_problem(name: str) -> str | None:
    """Return why a name can't be one of a file in the folder of images, or None."""
    if _ADDRESS.match(name):
        return ADDRESS
    parts = name.replace("\\", "/").split("/")
    return OUTSIDE if ".." in parts or parts[0] == "" else None


def suffix_problem(name: str, image_format: str) -> str | None:
    """Return what is odd about the ending of a name, or None; the image is used all the same."""
    if name.lower().endswith(_SUFFIXES[image_format]):
        return None
    return f"the name does not say so, but the file is a {image_format} image: it is used"


def keep_known(
    images: tuple[ProductImage, ...], known: Mapping[str, ProductImage]
) -> tuple[ProductImage, ...]:
    """Put the stored image in the place of one whose file is not at hand this time.

    That a file is not there again is no news: it may have been imported from another folder.
    """
    return tuple(
        replace(known[image.file_name])
        if image.problem in (NOT_FOUND, NO_FOLDER) and image.file_name in known
        else image
        for image in images
    )


def is_cut_off(content: bytes, image_format: str) -> bool:
    """Tell whether the end of an image is missing; the format must be the true one."""
    if image_format == "JPEG":
        return content.find(b"\xff\xd9", _scan_start(content)) < 0
    if image_format == "PNG":
        return b"IEND" not in content
    if image_format == "WebP":
        return int.from_bytes(content[4:8], "little") + 8 > len(content)
    return not content.rstrip(b"\0").endswith(b";")  # GIF


def is_animated(content: bytes, image_format: str) -> bool:
    """Tell whether an image has several pictures; the format must be the true one."""
    if image_format == "GIF":
        return content.count(b"\x21\xf9\x04") > 1  # graphic control extensions, one a picture
    if image_format == "PNG":
        return b"acTL" in content[: max(0, content.find(b"IDAT"))]
    if image_format == "WebP":
        return content[12:16] == b"VP8X" and bool(content[20] & 0x02)
    return False


def _scan_start(content: bytes) -> int:
    """Return where the pixels of a JPEG begin: behind its metadata, which may hold a preview."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return at
