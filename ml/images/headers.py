"""Width and height from the first bytes of an image, before any pixel is decoded.

Needs no image library, so the importer can refuse what is too large at no cost. Sizes are as
stored: a turn asked for by EXIF is not applied.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ml.errors import UnreadableImageError

# Frame headers of ITU T.81, table B.1; C4, C8 and CC are tables and extensions, not frames.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0-7, SOI


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header says; sizes in pixels."""

    format: str
    width: int
    height: int

    @property
    def n_pixels(self) -> int:
        """Pixels in the whole image."""
        return self.width * self.height


def read_header(content: bytes) -> ImageHeader:
    """Return format and size of a JPEG, PNG, WebP or GIF.

    Raises
    ------
    UnreadableImageError
        If the bytes are none of the four, or end inside the header.

    Examples
    --------
    >>> read_header(b"GIF89a" + bytes([3, 0, 2, 0]))
    ImageHeader(format='GIF', width=3, height=2)
    """
    if not content:
        raise UnreadableImageError("the image file is empty")
    try:
        if content.startswith(b"\xff\xd8"):
            found = ImageHeader("JPEG", *_jpeg_size(content))
        elif content.startswith(b"\x89PNG\r\n\x1a\n"):
            found = ImageHeader("PNG", *struct.unpack_from(">II", content, 16))
        elif content[:6] in (b"GIF87a", b"GIF89a"):
            found = ImageHeader("GIF", *struct.unpack_from("<HH", content, 6))
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            found = ImageHeader("WebP", *_webp_size(content))
        else:
            raise UnreadableImageError("the file is no JPEG, PNG, WebP or GIF image")
    except (struct.error, IndexError):
        raise UnreadableImageError("the image file ends inside its header") from None
    if found.n_pixels == 0:
        raise UnreadableImageError("the image has no pixels")
    return found


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk from marker to marker to the frame header; its height precedes its width."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise UnreadableImageError("the JPEG image is damaged: a marker is missing")
        while content[at] == 0xFF:  # any number of fill bytes may precede a marker
            at += 1
        marker = content[at]
        at += 1
        if marker in JPEG_WITHOUT_LENGTH:
            continue
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
        if marker in (0xD9, 0xDA):  # end of image, or pixels, before any frame
            raise UnreadableImageError("the JPEG image is damaged: it states no size")
        (length,) = struct.unpack_from(">H", content, at)
        at += length


def _webp_size(content: bytes) -> tuple[int, int]:
    """Read the size from the first chunk: lossy, lossless or extended (RFC 9649)."""
    chunk = content[12:16]
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF  # the two high bits ask for scaling
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X":
        sizes = content[24:30]
        if len(sizes) < 6:
            raise IndexError
        return int.from_bytes(sizes[:3], "little") + 1, int.from_bytes(sizes[3:], "little") + 1
    raise UnreadableImageError("the WebP image is damaged: its first chunk is unknown")
