"""Category paths as sellers write them, and the nodes of the tree that they name."""

from __future__ import annotations

import json
import re

SEPARATOR = " > "  # between the names of a path as it is stored
MAX_LEVELS = 10  # of the tree; a path in a shop has 2 to 7
_ARROWS = re.compile(">+|\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}")
_SLASH = re.compile(r"(?<!\\)/")


def parse_path(value: object) -> tuple[str, ...]:
    r"""Return the names from the root down; empty where there is no category.

    ``A >> B``, ``A > B`` and ``A/B`` are paths. A slash separates only where no ``>`` does, so
    that it may stand in a name; a slash of a name in a path of slashes is written ``\/``. In a
    list, a first element that is a path stands alone (a product with several paths keeps the
    first); otherwise the elements are the names.

    Examples
    --------
    >>> parse_path('["Watches >> Wrist Watches >> Kool ..."]')
    ('Watches', 'Wrist Watches', 'Kool ...')
    >>> parse_path("TV/Audio > Cables")
    ('TV/Audio', 'Cables')
    >>> parse_path("Home/TV\\/Audio")
    ('Home', 'TV/Audio')
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = str(value).strip().strip('[]"')
    if isinstance(value, list):
        names = [str(name) for name in value if name is not None and str(name).strip()]
        if len(names) != 1 and not (names and _ARROWS.search(names[0])):
            return _clean(names)
        value = names[0]
    text = "" if value is None else str(value)
    parts = _ARROWS.split(text) if _ARROWS.search(text) else _SLASH.split(text)
    return _clean([part.replace("\\/", "/") for part in parts])


def join(names: tuple[str, ...]) -> str:
    """Return a path as it is stored."""
    return SEPARATOR.join(names)


def nodes_of(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the path of every node from the root down, at most ``MAX_LEVELS``."""
    return [names[:level] for level in range(1, min(len(names), MAX_LEVELS) + 1)]


def node_at(names: tuple[str, ...], level: int) -> str | None:
    """Return the path of the node at a level, from 1; None where the path ends above it.

    A shorter path is no answer to the question that is decided: the product counts as without
    a source category.
    """
    return join(names[:level]) if len(names) >= level else None


def _clean(names: list[str]) -> tuple[str, ...]:
    collapsed = (" ".join(name.replace(">", " ").split()) for name in names)
    return tuple(name for name in collapsed if name)
