"""Photos of any kind become pixels on white; what can't be read is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.errors import UnreadableImageError
from ml.images import loading
from tests.ml.images.pictures import encoded, picture

RED = (200, 30, 30)


class TestDecode:
    @pytest.mark.parametrize("extension", [".jpg", ".png", ".webp"])
    def test_colours_come_as_red_green_blue(self, extension: str) -> None:
        pixels = loading.decode(encoded(picture(40, 40, RED), extension), 40, 40)

        assert pixels.shape == (40, 40, 3)
        assert np.abs(pixels[2, 2].astype(int) - RED).max() < 12

    def test_large_jpeg_is_decoded_small_but_not_below_what_is_asked(self) -> None:
        content = encoded(picture(1600, 1200))

        pixels = loading.decode(content, 100, 100)

        assert pixels.shape[:2] == (200, 150)

    def test_transparent_parts_are_white(self) -> None:
        pixels = np.zeros((20, 20, 4), dtype=np.uint8)
        pixels[5:15, 5:15] = (200, 30, 30, 255)

        decoded = loading.decode(encoded(pixels, ".png"), 20, 20)

        assert decoded[0, 0].tolist() == [255, 255, 255]
        assert decoded[10, 10].tolist() == [200, 30, 30]

    def test_grey_and_sixteen_bit_images_are_read(self) -> None:
        grey = np.full((20, 20), 128, dtype=np.uint8)
        deep = np.full((20, 20, 3), 128 * 257, dtype=np.uint16)

        assert (loading.decode(encoded(grey, ".png"), 20, 20) == 128).all()
        assert (loading.decode(encoded(deep, ".png"), 20, 20) == 128).all()

    @pytest.mark.parametrize("extension", [".jpg", ".png", ".webp", ".gif"])
    def test_image_that_is_cut_off_is_named(self, extension: str) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
        content = encoded(noise, extension)

        with pytest.raises(UnreadableImageError, match="damaged or cut off"):
            loading.decode(content[: len(content) // 2], 300, 300)

    @pytest.mark.parametrize("extension", [".jpg"])
    def test_cut_off_jpeg_is_named_when_decoded_small(self, extension: str) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
        content = encoded(noise, extension)

        with pytest.raises(UnreadableImageError, match="damaged or cut off"):
            loading.decode(content[: len(content) * 9 // 10], 30, 30)


class TestLimits:
    def test_huge_jpeg_is_refused_before_it_is_decoded(self) -> None:
        small = bytearray(encoded(picture(30, 50)))
        frame = small.index(b"\xff\xc0")
        small[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"  # 65,535 x 65,535

        with pytest.raises(UnreadableImageError, match=r"65535 x 65535 pixels.*at most 120"):
            loading.decode(bytes(small), 100, 100)

    def test_other_formats_have_a_lower_limit(self) -> None:
        png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (10_000).to_bytes(4) + (9_300).to_bytes(4)

        with pytest.raises(UnreadableImageError, match="93 megapixels; at most 50"):
            loading.check_limits(png)

    def test_large_file_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "large.jpg"
        with path.open("wb") as out:
            out.truncate(loading.MAX_BYTES + 1)

        with pytest.raises(UnreadableImageError, match=r"large\.jpg.*over 64 MiB"):
            loading.load_letterboxed(path, 10, 10)

    @pytest.mark.slow
    def test_jpeg_of_93_megapixels_costs_little(self) -> None:
        content = encoded(np.full((9300, 10_000, 3), 128, dtype=np.uint8))

        assert loading.decode(content, 224, 224).shape == (1163, 1250, 3)


class TestLetterbox:
    def test_whole_image_lies_in_the_middle_of_white(self) -> None:
        boxed = loading.letterbox(np.zeros((10, 40, 3), dtype=np.uint8), 20, 20)

        assert boxed.shape == (20, 20, 3)
        assert (boxed[[0, -1]] == 255).all()
        assert (boxed[8:12] == 0).all()

    def test_line_of_pixels_survives(self) -> None:
        boxed = loading.letterbox(np.zeros((1, 500, 3), dtype=np.uint8), 20, 20)

        assert (boxed == 0).sum() == 20 * 3

    def test_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableImageError, match=r"none\.jpg: No such file"):
            loading.load_letterboxed(tmp_path / "none.jpg", 10, 10)
