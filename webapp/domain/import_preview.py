"""What an import would make of a file, from its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from webapp.domain.category_paths import MAX_LEVELS, join
from webapp.domain.import_columns import combine
from webapp.domain.import_files import Table
from webapp.domain.import_rows import read_product
from webapp.domain.imports import ImportedProduct, ImportProblem, SourceRow

_N_SHOWN = 5
_N_LOOKED_AT = 500  # for the levels of the categories
_N_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Level:
    """The categories of one level among the rows looked at."""

    number: int
    n_categories: int
    n_products: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The columns, the mapping so far and the first rows as they would become."""

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: tuple[ImportedProduct | ImportProblem, ...]
    levels: tuple[Level, ...]
    n_looked_at: int

    @property
    def is_ready(self) -> bool:
        """Tell whether the mapping suffices: it has to know the column of the ids."""
        return "external_id" in self.mapping


def make_preview(table: Table, said: Mapping[str, str | None]) -> Preview:
    """Read the first rows by a mapping; errors as ``combine``."""
    mapping = combine(table.columns, said)
    if "external_id" not in mapping:
        return Preview(table.columns, mapping, (), (), 0)
    rows = [
        read_product(row, mapping) if isinstance(row, SourceRow) else row
        for row in islice(table.rows, _N_LOOKED_AT)
    ]
    paths = [row.category for row in rows if isinstance(row, ImportedProduct)]
    return Preview(table.columns, mapping, tuple(rows[:_N_SHOWN]), _levels(paths), len(rows))


def _levels(paths: Sequence[tuple[str, ...]]) -> tuple[Level, ...]:
    levels = []
    for number in range(1, MAX_LEVELS + 1):
        deep = [path for path in paths if len(path) >= number]
        nodes = list(dict.fromkeys(join(path[:number]) for path in deep))
        if nodes:
            names = dict.fromkeys(path[number - 1] for path in deep)
            examples = tuple(list(names)[:_N_EXAMPLES])
            levels.append(Level(number, len(nodes), len(deep), examples))
    return tuple(levels)
