"""Reads a CSV file of products with pandas, for ``python -m ml`` and the benchmarks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from ml.errors import MlError
from ml.study.catalogue import SourceProduct, StudyProducts, gather

# The first that a file has is taken: plain names, then those of the Flipkart sample.
COLUMNS = {
    "id": ("id", "uniq_id"),
    "name": ("name", "product_name"),
    "description": ("description",),
    "specifications": ("specifications", "product_specifications"),
    "category": ("category", "product_category_tree"),
    "image": ("image",),
}
REQUIRED = ("id", "category")
SPECIFICATION = re.compile(
    r'\{(?:"key"=>"(?P<key>(?:[^"\\]|\\.)*)",\s*)?"value"=>"(?P<value>(?:[^"\\]|\\.)*)"\}'
)


def read_products(path: Path, images: Path | None) -> StudyProducts:
    """Return the products of a file in UTF-8, filed under the first level of their category.

    Raises
    ------
    MlError
        If the file cannot be read, or lacks the columns of ids and categories.
    NotEnoughDataError
        If its categories cannot be told apart.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:  # pandas' errors of parsing are ValueErrors
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise MlError(f"the file {path.name} cannot be read as CSV in UTF-8: {reason}") from error
    found = {
        field: next((name for name in names if name in table.columns), None)
        for field, names in COLUMNS.items()
    }
    missing = [" or ".join(COLUMNS[field]) for field in REQUIRED if found[field] is None]
    if missing:
        raise MlError(f"the file {path.name} has no column {', and none '.join(missing)}")
    columns = {
        field: [""] * len(table) if name is None else table[name].tolist()
        for field, name in found.items()
    }
    products = (
        SourceProduct(
            place=f"row {number}",
            id=columns["id"][at],
            name=columns["name"][at],
            description=columns["description"][at],
            specifications=plain_specifications(columns["specifications"][at]),
            category=first_level(columns["category"][at]),
            image_name=columns["image"][at],
        )
        for at, number in enumerate(range(1, len(table) + 1))
    )
    return gather(products, source=path.name, images=images)


def first_level(category: str) -> str:
    """Return the first name of a path: ``["A >> B"]``, ``A > B`` or ``A``.

    Examples
    --------
    >>> first_level('["Watches >> Wrist Watches >> Kool ..."]'), first_level("Watches > Kool")
    ('Watches', 'Watches')
    """
    try:
        value = json.loads(category) if category.lstrip().startswith("[") else category
    except ValueError:
        value = category.strip().strip('[]"')
    first = value[0] if isinstance(value, list) and value else value
    return str(first).split(">")[0].strip() if first else ""


def plain_specifications(text: str) -> str:
    """Bring a Ruby hash in text to ``key: value; ...``; other text stays as it is.

    Examples
    --------
    >>> plain_specifications('{"product_specification"=>[{"key"=>"Type", "value"=>"Mug"}]}')
    'Type: Mug'
    """
    if "=>" not in text:
        return text
    pairs = [
        tuple(re.sub(r"\\(.)", r"\1", part or "") for part in found)
        for found in SPECIFICATION.findall(text)
    ]
    return "; ".join(f"{key}: {value}" if key else value for key, value in pairs)
