"""From a name in a file to an image in the store: limits first, then one reduced decode."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ml.errors import UnreadableImageError
from ml.images.headers import ImageHeader, read_header
from ml.images.loading import Pixels, decode, fit_inside
from webapp.domain import image_files
from webapp.domain.products import ProductImage
from webapp.storage import images
from webapp.storage.images import RENDITION_SIDE_PX, Rendition

_QUALITY = {Rendition.DISPLAY: 85, Rendition.THUMB: 78}  # JPEG; about 120 kB and 10 kB
# Formats other than JPEG are decoded whole: 200 MB and more at this size, so one at a time.
_LARGE_PIXELS = 12_000_000
_one_large_image = threading.Lock()


@dataclass(frozen=True, slots=True)
class TakenImage:
    """An image of a product, and what was odd about a file that is used all the same."""

    image: ProductImage
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ImageIntake:
    """Where images come from, where they go, and how large they may be.

    Parameters
    ----------
    folder
        Names are looked up here and nowhere else; None where no folder was given.
    store
        The folder of the image store.
    """

    folder: Path | None
    store: Path
    max_bytes: int
    max_pixels: int
    _by_name: dict[str, Path | None] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def take(self, name: str) -> TakenImage:
        """Store the image of that name; an image that cannot be used comes with its problem."""
        problem = image_files.name_problem(name)
        if problem is None and self.folder is None:
            problem = image_files.NO_FOLDER
        if problem is not None or self.folder is None:
            return TakenImage(ProductImage(name, problem=problem))
        try:
            return self._store(name, self._read(self.folder, name.replace("\\", "/")))
        except UnreadableImageError as error:  # not OSError: a full disk is no fault of the image
            return TakenImage(ProductImage(name, problem=str(error)))

    def _read(self, folder: Path, name: str) -> bytes:
        try:
            return self._read_inside(folder, name)
        except FileNotFoundError:
            reason = image_files.NOT_FOUND
        except OSError as error:
            reason = f"the file cannot be read: {error.strerror or error}"
        except RuntimeError:  # of Path.resolve, up to Python 3.12
            reason = "the file cannot be read: its links lead in a circle"
        raise UnreadableImageError(reason)

    def _read_inside(self, folder: Path, name: str) -> bytes:
        path = self._find(folder, name).resolve()  # follows links, so that none leads out
        if not path.is_relative_to(folder.resolve()):
            raise UnreadableImageError(image_files.OUTSIDE)
        if not path.is_file():  # a pipe would wait for ever
            raise FileNotFoundError
        size = path.stat().st_size
        if size > self.max_bytes:
            raise UnreadableImageError(
                f"the file has {size / 1e6:.0f} MB; at most {self.max_bytes / 1e6:.0f} MB are read"
            )
        return path.read_bytes()

    def _find(self, folder: Path, name: str) -> Path:
        """Return where a name lies; a file in another folder serves if its own name is unique."""
        path = folder / name
        if path.is_file():
            return path
        with self._lock:
            if not self._by_name:
                for below, _, files in os.walk(folder):
                    for file in files:
                        self._by_name[file] = None if file in self._by_name else Path(below, file)
        return self._by_name.get(path.name) or path

    def _store(self, name: str, content: bytes) -> TakenImage:
        header = read_header(content)
        if header.n_pixels > self.max_pixels:
            raise UnreadableImageError(
                f"the image has {header.width} x {header.height} pixels, "
                f"{header.n_pixels / 1e6:.0f} megapixels; "
                f"at most {self.max_pixels / 1e6:.0f} are read"
            )
        if image_files.is_cut_off(content, header.format):
            raise UnreadableImageError(image_files.CUT_OFF)
        sha256 = hashlib.sha256(content).hexdigest()
        if not self._is_stored(sha256, header.format):
            is_large = header.n_pixels > _LARGE_PIXELS and header.format != "JPEG"
            with _one_large_image if is_large else nullcontext():
                renditions = make_renditions(content)
            images.add(
                self.store,
                sha256=sha256,
                image_format=header.format,
                content=content,
                renditions=renditions,
            )
        width, height = self._upright_size(sha256, header)
        remark = image_files.suffix_problem(name, header.format)
        if image_files.is_animated(content, header.format):
            remark = image_files.ANIMATED
        return TakenImage(ProductImage(name, sha256, width, height), remark)

    def _is_stored(self, sha256: str, image_format: str) -> bool:
        """Tell whether the image is all there, so that it need not be decoded again."""
        original = images.original_path(self.store, sha256=sha256, image_format=image_format)
        renditions = [
            images.rendition_path(self.store, sha256=sha256, rendition=each) for each in Rendition
        ]
        return all(path.is_file() and path.stat().st_size for path in (original, *renditions))

    def _upright_size(self, sha256: str, header: ImageHeader) -> tuple[int, int]:
        """Return width and height as people see them: EXIF may turn what the header says."""
        path = images.rendition_path(self.store, sha256=sha256, rendition=Rendition.THUMB)
        shown = read_header(path.read_bytes())
        is_turned = (shown.width - shown.height) * (header.width - header.height) < 0
        return (header.height, header.width) if is_turned else (header.width, header.height)


def make_renditions(content: bytes) -> dict[Rendition, bytes]:
    """Return the smaller JPEGs of an image, from one decode.

    Raises
    ------
    UnreadableImageError
        If it can't be decoded.
    """
    side = RENDITION_SIDE_PX[Rendition.DISPLAY]
    pixels = decode(content, side, side)
    renditions = {}
    for rendition in (Rendition.DISPLAY, Rendition.THUMB):
        side = RENDITION_SIDE_PX[rendition]
        if max(pixels.shape[:2]) > side:
            pixels = fit_inside(pixels, side, side)
        renditions[rendition] = _encode(pixels, _QUALITY[rendition])
    return renditions


def _encode(pixels: Pixels, quality: int) -> bytes:
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(pixels[:, :, ::-1]), parameters)
    return bytes(encoded)
