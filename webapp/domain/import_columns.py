"""Which column of a file holds which field of a product: recognised by name, or said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from webapp.domain.imports import ImportRejectedError

# The names are compared without capitals and punctuation, the first that a file has is taken.
# The sample's `pid` is deliberately absent: its first letters are the shop's own code of the
# category, so nothing may ever learn from it.
ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": ("external_id", "uniq_id", "id", "sku", "product_id", "item_id", "article_id"),
    "name": ("name", "product_name", "title", "product_title", "item_name"),
    "description": ("description", "product_description", "body", "details", "text"),
    "category": (
        "category",
        "product_category_tree",
        "category_path",
        "categories",
        "product_category",
        "product_type",
    ),
    "image": ("image", "images", "image_file", "image_name", "image_path", "photo", "picture"),
    "brand": ("brand", "manufacturer", "vendor", "make"),
    "price": ("price", "discounted_price", "retail_price", "sale_price"),
    "specifications": (
        "specifications",
        "product_specifications",
        "specification",
        "attributes",
        "specs",
        "features",
    ),
}
FIELDS = tuple(ALIASES)

Mapped = dict[str, str]  # field -> column; a field that no column holds is absent


def recognise(columns: Sequence[str], taken: Sequence[str] = ()) -> Mapped:
    """Return the columns that are recognised by their names, none of those already taken."""
    by_name = {_plain(column): column for column in reversed(columns) if column not in taken}
    found: Mapped = {}
    for field, aliases in ALIASES.items():
        column = next((by_name[_plain(a)] for a in aliases if _plain(a) in by_name), None)
        if column is not None:
            found[field] = column
    return found


def combine(columns: Sequence[str], said: Mapping[str, str | None]) -> Mapped:
    """Return the mapping of a file: what was said, and what is recognised for the rest.

    Parameters
    ----------
    said
        Field to column; None or ``""`` leaves a field out on purpose.

    Raises
    ------
    ImportRejectedError
        If a field or a column of ``said`` does not exist.
    """
    for field, column in said.items():
        if field not in FIELDS:
            raise ImportRejectedError(
                "The mapping names the field %(field)s; there are: %(fields)s.",
                field=field,
                fields=", ".join(FIELDS),
            )
        if column and column not in columns:
            raise ImportRejectedError(
                "The mapping names the column %(column)s, which the file does not have. "
                "It has: %(columns)s.",
                column=column,
                columns=_listed(columns),
            )
    mapping = recognise(columns, taken=[column for column in said.values() if column])
    mapping = {field: column for field, column in mapping.items() if field not in said}
    return mapping | {field: column for field, column in said.items() if column}


def choose(columns: Sequence[str], said: Mapping[str, str | None] | None = None) -> Mapped:
    """Return the mapping of a file as ``combine`` does; a column has to hold the ids.

    Raises
    ------
    ImportRejectedError
        If none does, or as ``combine`` does.
    """
    mapping = combine(columns, said or {})
    if "external_id" not in mapping:
        raise ImportRejectedError(
            "No column holds the ids of the products. Expected is a first line with the names of "
            "the columns, one of them %(expected)s, or a mapping that names another. "
            "Found: %(columns)s.",
            expected=", ".join(ALIASES["external_id"]),
            columns=_listed(columns),
        )
    return mapping


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+", "", column.casefold())


def _listed(columns: Sequence[str]) -> str:
    shown = [column if len(column) <= 40 else f"{column[:39]}…" for column in columns[:30]]
    return ", ".join(shown) + (", …" if len(columns) > len(shown) else "")
