"""Categories by their paths: as lists of products name them, and as people type them."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.errors import InvalidInputError
from webapp.storage import catalogues, choosable_categories
from webapp.storage.choosable_categories import Extent
from webapp.storage.database import Session
from webapp.views.context import stored_number

MOST_LISTED = 200  # categories in a menu; among more one is searched


def paths_of(
    session: Session, listed: Iterable[Category], *, named: Iterable[int | None]
) -> dict[int, str]:
    """Return paths by id: of the categories that a page lists, and of others that it names.

    A label may lie above the level of decision, also where that is no longer allowed, and a filter
    may ask for all below such a category.
    """
    paths = {category.id: category.path for category in listed}
    others = {each for each in named if each is not None} - paths.keys()
    return paths | (catalogues.find_paths(session, category_ids=others) if others else {})


def list_if_few(session: Session, catalogue: Catalogue, extent: Extent) -> list[tuple[int, str]]:
    """Return id and path of what can be chosen, for a menu; nothing where it would be too long."""
    if extent.n > MOST_LISTED:
        return []
    return choosable_categories.list_paths(session, catalogue=catalogue)


def read_category_id(session: Session, catalogue: Catalogue) -> int:
    """Return the category that a form names by its id, or by the path that somebody typed."""
    category_id = request.form.get("category", type=stored_number)
    if category_id is None:
        category_id = read_typed_id(session, catalogue)
    if category_id is None:
        raise InvalidInputError("Choose a category first.")
    return category_id


def read_typed_id(session: Session, catalogue: Catalogue) -> int | None:
    """Return the category whose path somebody typed; None where nothing was typed."""
    path = request.form.get("path", "").strip()
    if not path:
        return None
    found = catalogues.find_category(session, catalogue=catalogue, path=path)
    if found is None:
        raise InvalidInputError("There is no category “%(path)s” here.", path=path[:100])
    return found.id
