"""From a row of a file to what it says of a product, or to the reason why it is rejected."""

from __future__ import annotations

import json
from collections.abc import Mapping

from webapp.domain.category_paths import parse_path
from webapp.domain.imports import ImportedProduct, ImportProblem, SourceRow, shorten
from webapp.domain.specifications import is_cut_off, parse_specifications

# Generous for a shop, and small enough that one row cannot fill a page or the memory.
MAX_CHARS = {
    "external_id": 200,
    "name": 1_000,
    "description": 100_000,
    "category": 2_000,
    "image": 5_000,
    "brand": 200,
    "price": 200,
    "specifications": 100_000,
}


def read_product(row: SourceRow, mapping: Mapping[str, str]) -> ImportedProduct | ImportProblem:
    """Read a row by the mapping of field to column.

    Rejected are rows without an id, with a value that cannot be stored, or with nothing that a
    moderator could decide from: neither name nor description nor image.
    """
    raw = {field: row.values.get(column) for field, column in mapping.items()}
    for field, column in mapping.items():
        reason = _reason(field, raw[field])
        if reason:
            return ImportProblem(row.line, column, shorten(raw[field]), reason)
    if row.ends_the_file and is_cut_off(raw.get("specifications")):
        column, reason = (
            mapping["specifications"],
            "the file ends inside this value: it was cut off",
        )
        return ImportProblem(row.line, column, shorten(raw["specifications"]), reason)
    product = ImportedProduct(
        line=row.line,
        external_id=_text(raw.get("external_id")).strip(),
        name=" ".join(_text(raw.get("name")).split()),
        description=_text(raw.get("description")).strip(),
        specifications=parse_specifications(raw.get("specifications")),
        brand=" ".join(_text(raw.get("brand")).split()),
        price=_text(raw.get("price")).strip().removesuffix(".0"),  # "550.0" is a float's spelling
        category=parse_path(raw.get("category")),
        image_names=_image_names(raw.get("image")),
    )
    if not product.external_id:
        return ImportProblem(row.line, mapping["external_id"], "", "the id is missing")
    if not (product.name or product.description or product.image_names):
        column = mapping.get("name") or mapping.get("description") or mapping.get("image") or ""
        return ImportProblem(row.line, column, "", "name, description and image are all missing")
    return product


def _reason(field: str, value: object) -> str | None:
    """Return what is wrong with a value as such, or None."""
    is_nested = isinstance(value, list | dict)
    if is_nested and field not in ("category", "image", "specifications"):
        return "a text was expected, and a list or an object found"
    text = json.dumps(value, ensure_ascii=False) if is_nested else _text(value)
    if "\0" in text or (is_nested and "\\u0000" in text):
        return "the value holds a NUL character"
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "the value is not UTF-8: save the file in this encoding"
    if len(text) > MAX_CHARS[field]:
        return f"the value is longer than {MAX_CHARS[field]:,} characters"
    return None


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def _image_names(value: object) -> tuple[str, ...]:
    """Return the names in a list, in a JSON list, or between ``|``; each once."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = str(value).strip().strip("[]")
    names = value if isinstance(value, list) else _text(value).split("|")
    clean = (str(name).strip() for name in names if name is not None)
    return tuple(dict.fromkeys(name for name in clean if name))
