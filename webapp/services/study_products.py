"""Reads a file of products for a study, as an import would read it; no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ml.study.catalogue import SourceProduct, StudyProducts, gather
from webapp.domain.category_paths import node_at
from webapp.domain.import_columns import choose
from webapp.domain.import_files import read_table
from webapp.domain.imports import ImportedProduct, ImportProblem, ImportRejectedError
from webapp.services.import_batches import open_rows

_N_NAMED = 3


def read_products(
    path: Path,
    *,
    images_dir: Path | None,
    mapping: Mapping[str, str | None] | None = None,
    level: int = 1,
) -> StudyProducts:
    """Return the products of a CSV or JSON Lines file, filed under the categories of a level.

    Rows that an import would reject are left out, and said.

    Raises
    ------
    ImportRejectedError
        If the file as a whole cannot be read, or names no category.
    MlError
        If its categories cannot be told apart.
    """
    with path.open("rb") as stream:
        mapped = choose(read_table(stream, file_name=path.name).columns, mapping)
    if "category" not in mapped:
        raise ImportRejectedError(
            "No column of %(file)s holds the categories; a study compares with them. A mapping "
            'can name it: {"category": "shelf"}.',
            file=path.name,
        )
    rejected: list[ImportProblem] = []

    def accepted() -> Iterator[SourceProduct]:
        with open_rows(path, path.name, mapped) as rows:
            for row in rows:
                if isinstance(row, ImportProblem):
                    rejected.append(row)
                else:
                    yield _source_product(row, level)

    products = list(accepted())
    return gather(products, source=path.name, images=images_dir, left_out=_said(rejected))


def _source_product(row: ImportedProduct, level: int) -> SourceProduct:
    return SourceProduct(
        place=f"line {row.line}",
        id=row.external_id,
        name=row.name,
        description=row.description,
        specifications="; ".join(
            f"{key}: {value}" if key else value for key, value in row.specifications
        ),
        category=node_at(row.category, level) or "",
        image_name=row.image_names[0] if row.image_names else "",
    )


def _said(rejected: list[ImportProblem]) -> tuple[str, ...]:
    if not rejected:
        return ()
    first = "; ".join(f"line {problem.line}: {problem.reason}" for problem in rejected[:_N_NAMED])
    more = "; ..." if len(rejected) > _N_NAMED else ""
    rows = "1 row" if len(rejected) == 1 else f"{len(rejected)} rows"
    return (f"{rows} cannot be read: {first}{more}.",)
