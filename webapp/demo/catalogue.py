"""The demo catalogue on disk: a product file as sellers send it, images, and the truth."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from webapp.demo.drawings.palette import COLOURS
from webapp.demo.drawings.scene import draw_product
from webapp.demo.grammar import Care, Listing, vary, write_listing
from webapp.demo.words import KINDS
from webapp.demo.words.kind import Kind

SHARE_VAGUE = 0.09
SHARE_MIXED = 0.06
SHARE_NEAR_DUPLICATES = 0.05
SHARE_WRONG_CATEGORY = 0.08
SHARE_CONFUSED = 0.6
"""Of the wrong categories, how many are those of a kind that looks or sounds alike."""
SHARE_WITHOUT_IMAGE = 0.01
SHARE_WITHOUT_DESCRIPTION = 0.02

COLUMNS = ("id", "name", "description", "category", "brand", "price", "specifications", "image")
JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the demo catalogue lies.

    Parameters
    ----------
    products_csv
        Columns ``COLUMNS``; ``category`` is what the seller claims, ``A > B > C``.
    images_dir
        What the column ``image`` names, but for the few that are missing.
    truth_csv
        Columns ``id`` and ``category``: the true first level. For tests and benchmarks only.
    """

    products_csv: Path
    images_dir: Path
    truth_csv: Path


@dataclass(frozen=True, slots=True)
class _Product:
    listing: Listing
    picture: int  # the seed of its picture: with the same colour, the same bytes


def write_demo_catalogue(
    directory: Path,
    *,
    n_products: int = 700,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> DemoFiles:
    """Write a made-up catalogue of 7 categories, with the flaws of a real one.

    Parameters
    ----------
    directory
        Made if need be; files of the same names are replaced.
    n_products
        At least 1.
    seed
        The same seed gives the same files, byte for byte, with the same version of OpenCV.
    on_progress
        Called with the number of products written, and ``n_products``.

    Raises
    ------
    ValueError
        If ``n_products`` is below 1.
    """
    if n_products < 1:
        raise ValueError(f"a catalogue needs at least 1 product, not {n_products}")
    files = DemoFiles(directory / "products.csv", directory / "images", directory / "truth.csv")
    files.images_dir.mkdir(parents=True, exist_ok=True)

    rng = np.random.default_rng(seed)
    products = _products(n_products, rng)
    wrong = _rows(n_products, SHARE_WRONG_CATEGORY, rng)
    without_image = _rows(n_products, SHARE_WITHOUT_IMAGE, rng)
    without_description = _rows(n_products, SHARE_WITHOUT_DESCRIPTION, rng)

    with (
        files.products_csv.open("w", encoding="utf-8", newline="") as products_file,
        files.truth_csv.open("w", encoding="utf-8", newline="") as truth_file,
    ):
        product_rows, truth_rows = csv.writer(products_file), csv.writer(truth_file)
        product_rows.writerow(COLUMNS)
        truth_rows.writerow(("id", "category"))
        for row, product in enumerate(products):
            listing, kind = product.listing, KINDS[product.listing.kind]
            product_id = f"demo-{row + 1:04d}"
            claimed = _mistaken(kind, rng) if row in wrong else kind
            product_rows.writerow(
                (
                    product_id,
                    listing.name,
                    "" if row in without_description else listing.description,
                    " > ".join(claimed.path),
                    listing.brand,
                    f"{listing.price:.2f}",
                    listing.specifications,
                    f"{product_id}.jpg",
                )
            )
            truth_rows.writerow((product_id, kind.category))
            image = files.images_dir / f"{product_id}.jpg"
            if row in without_image:
                image.unlink(missing_ok=True)
            else:
                image.write_bytes(_picture(product))
            if on_progress is not None:
                on_progress(row + 1, n_products)
    return files


def _products(n_products: int, rng: np.random.Generator) -> list[_Product]:
    """Return products in random order, the categories about equally often."""
    n_variants = min(round(n_products * SHARE_NEAR_DUPLICATES), n_products // 2)
    n_originals = n_products - n_variants
    cares = np.full(n_originals, Care.CLEAR)
    n_vague, n_mixed = (round(n_originals * share) for share in (SHARE_VAGUE, SHARE_MIXED))
    cares[:n_vague] = Care.VAGUE
    cares[n_vague : n_vague + n_mixed] = Care.MIXED
    rng.shuffle(cares)

    by_category: dict[str, list[Kind]] = {}
    for kind in KINDS.values():
        by_category.setdefault(kind.category, []).append(kind)
    shelves = list(by_category.values())
    originals = []
    for row, care in enumerate(cares):
        kinds = shelves[row % len(shelves)]
        kind = kinds[row // len(shelves) % len(kinds)]
        picture = int(rng.integers(2**32))
        originals.append(_Product(write_listing(kind, care, rng), picture))

    variants = []
    for number, at in enumerate(rng.permutation(n_originals)[:n_variants]):
        original = originals[at]
        slot = ("size", "colour")[number % 2]
        variants.append(_Product(vary(original.listing, slot, rng), original.picture))
    mixed = originals + variants
    return [mixed[at] for at in rng.permutation(n_products)]


def _rows(n_products: int, share: float, rng: np.random.Generator) -> frozenset[int]:
    return frozenset(rng.permutation(n_products)[: round(n_products * share)].tolist())


def _mistaken(kind: Kind, rng: np.random.Generator) -> Kind:
    """Return a kind of another category, often one that ``kind`` is easily taken for."""
    others = [other for other in KINDS.values() if other.category != kind.category]
    if rng.random() < SHARE_CONFUSED:
        others = [KINDS[key] for key in kind.alike if KINDS[key].category != kind.category]
    return others[int(rng.integers(len(others)))]


def _picture(product: _Product) -> bytes:
    """Return the JPEG file of a product."""
    rng = np.random.default_rng(product.picture)
    drawn = draw_product(product.listing.kind, COLOURS[product.listing.colour], rng)
    written, jpeg = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not written:
        raise RuntimeError(f"OpenCV could not write the picture of a {product.listing.kind}")
    return jpeg.tobytes()
