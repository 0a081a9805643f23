"""The products of a study: read rows brought together, with what was left out and why."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ml.contract import IntArray, ProductBatch
from ml.duplicates import group_near_duplicates
from ml.errors import NotEnoughDataError
from ml.study.image_files import find_images

FEWEST_PRODUCTS = 5  # of a category: one for each fold of the honest protocol
N_NAMED = 3  # examples in a sentence about what was left out


@dataclass(frozen=True, slots=True)
class SourceProduct:
    """A product as a file has it; ``place`` says where, such as ``line 7``."""

    place: str
    id: str
    name: str
    description: str
    specifications: str
    category: str
    image_name: str


@dataclass(frozen=True, slots=True)
class StudyProducts:
    """Products that a study measures on.

    Parameters
    ----------
    source
        The name of the file, without its folder.
    labels
        Shape ``(n_products,)``: the position of each product's category in ``categories``.
    groups
        Shape ``(n_products,)``: near-duplicates share a number.
    left_out
        What is missing and why, a sentence each.
    """

    source: str
    batch: ProductBatch
    labels: IntArray
    categories: tuple[str, ...]
    groups: IntArray
    left_out: tuple[str, ...]

    def take(self, rows: IntArray) -> StudyProducts:
        """Return the products at ``rows``; categories without a product go."""
        present, labels = np.unique(self.labels[rows], return_inverse=True)
        return replace(
            self,
            batch=self.batch.take(rows),
            labels=labels.astype(np.int64),
            categories=tuple(self.categories[label] for label in present.tolist()),
            groups=self.groups[rows],
        )


def gather(
    products: Iterable[SourceProduct],
    *,
    source: str,
    images: Path | None,
    left_out: Sequence[str] = (),
) -> StudyProducts:
    """Bring products together with their images, and group near-duplicates.

    Parameters
    ----------
    images
        The folder of the images; names are looked up nowhere else. None: there are none.
    left_out
        What the reader of the file has left out already.

    Raises
    ------
    NotEnoughDataError
        If there are not two categories left that can be told apart.
    """
    kept: dict[str, SourceProduct] = {}
    nameless, repeated, unfiled = [], [], []
    for product in products:
        if not product.id:
            nameless.append(product.place)
        elif product.id in kept:
            repeated.append(product.place)
        elif not product.category:
            unfiled.append(product.place)
        else:
            kept[product.id] = product
    rows = list(kept.values())
    pictures = find_images(images, [row.image_name for row in rows])
    names = sorted({row.category for row in rows})
    batch = ProductBatch(
        ids=tuple(row.id for row in rows),
        names=tuple(row.name for row in rows),
        descriptions=tuple(row.description for row in rows),
        specifications=tuple(row.specifications for row in rows),
        image_paths=tuple(picture.path for picture in pictures),
        image_hashes=tuple(picture.sha256 for picture in pictures),
    )
    at = {name: position for position, name in enumerate(names)}
    unusable = [
        f"{row.place} ({picture.problem})"
        for row, picture in zip(rows, pictures, strict=True)
        if picture.problem
    ]
    sentences = (
        *left_out,
        *_sentence(nameless, "has no id", "have no id"),
        *_sentence(repeated, "has the id of an earlier row", "have the id of an earlier row"),
        *_sentence(unfiled, "has no category", "have no category"),
        *_sentence(
            unusable,
            "has no image that can be read; image systems leave it out",
            "have no image that can be read; image systems leave them out",
            noun=("product", "products"),
        ),
    )
    found = StudyProducts(
        source=readable_name(source),
        batch=batch,
        labels=np.array([at[row.category] for row in rows], dtype=np.int64),
        categories=tuple(names),
        groups=group_near_duplicates(batch.texts(), batch.image_hashes),
        left_out=sentences,
    )
    return without_small_categories(found)


def readable_name(name: str) -> str:
    """Return the name of a file as text: on Linux it may hold bytes that are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def without_small_categories(products: StudyProducts) -> StudyProducts:
    """Leave out categories of which no share can be held out.

    Raises
    ------
    NotEnoughDataError
        If fewer than two categories are left.
    """
    sizes = np.bincount(products.labels, minlength=len(products.categories))
    n_groups = np.array(
        [
            len(np.unique(products.groups[products.labels == label]))
            for label in range(len(products.categories))
        ],
        dtype=np.int64,
    )
    is_small, is_copied = sizes < FEWEST_PRODUCTS, n_groups < 2
    fits = ~is_small & ~is_copied
    names = products.categories
    few = f"fewer than the {FEWEST_PRODUCTS} products that a category needs"
    reasons = (
        *_sentence(
            [f"{names[label]} ({sizes[label]})" for label in np.flatnonzero(is_small)],
            f"has {few}, and is left out",
            f"have {few}, and are left out",
            noun=("category", "categories"),
        ),
        *_sentence(
            [names[label] for label in np.flatnonzero(is_copied & ~is_small)],
            "holds near-duplicates of one product alone, and is left out",
            "hold near-duplicates of one product alone, and are left out",
            noun=("category", "categories"),
        ),
    )
    if fits.sum() < 2:
        raise NotEnoughDataError(
            f"A study needs products of at least two categories, {FEWEST_PRODUCTS} of each; "
            + " ".join(
                (f"{products.source} has {int(fits.sum())} of them.", *products.left_out, *reasons)
            )
        )
    kept = products.take(np.flatnonzero(fits[products.labels]))
    return replace(kept, left_out=(*products.left_out, *reasons))


def _sentence(
    places: list[str], one: str, many: str, noun: tuple[str, str] = ("row", "rows")
) -> tuple[str, ...]:
    """Say how many rows something is wrong with, and which are the first."""
    if not places:
        return ()
    subject = f"1 {noun[0]} {one}" if len(places) == 1 else f"{len(places)} {noun[1]} {many}"
    more = " and others" if len(places) > N_NAMED else ""
    return (f"{subject}: {', '.join(places[:N_NAMED])}{more}.",)
