"""The paths of categories that a page of products names."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.domain.catalogue import Category
from webapp.storage import catalogues
from webapp.storage.database import Session


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
