"""The tree of categories: nodes are only ever added, as products name them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.domain.catalogue import Catalogue
from webapp.domain.category_paths import join, nodes_of
from webapp.storage.tables import CategoryRow


def is_choosable(catalogue: Catalogue) -> ColumnElement[bool]:
    """Return the condition under which products of a catalogue can get a category."""
    highest, lowest = choosable_levels(catalogue)
    at_level = CategoryRow.level == lowest
    if highest != lowest:
        at_level = CategoryRow.level.between(highest, lowest)
    return (CategoryRow.catalogue_id == catalogue.id) & at_level


def choosable_levels(catalogue: Catalogue) -> tuple[int, int]:
    """Return the highest and the lowest level of the categories that products can get."""
    lowest = catalogue.decision_level
    return (1 if catalogue.settings.are_inner_categories_allowed else lowest, lowest)


def add_missing(
    session: Session, *, catalogue_id: int, paths: Iterable[tuple[str, ...]]
) -> dict[str, int]:
    """Add the nodes that those paths name and the tree lacks; return all their ids by path."""
    nodes = {join(node): node for path in set(paths) for node in nodes_of(path)}
    ids = dict(
        session.execute(
            select(CategoryRow.path, CategoryRow.id).where(
                CategoryRow.catalogue_id == catalogue_id, CategoryRow.path.in_(nodes)
            )
        ).all()
    )
    by_level: dict[int, list[CategoryRow]] = {}
    for path, names in sorted(nodes.items()):
        if path not in ids:
            row = CategoryRow(
                catalogue_id=catalogue_id, name=names[-1], path=path, level=len(names)
            )
            by_level.setdefault(len(names), []).append(row)
    for level in sorted(by_level):  # parents first: their ids are needed
        for row in by_level[level]:
            row.parent_id = ids[join(nodes[row.path][:-1])] if level > 1 else None
        session.add_all(by_level[level])
        session.flush()
        ids.update({row.path: row.id for row in by_level[level]})
    return ids
