"""The address of a catalogue, made of its name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from webapp.domain.errors import InvalidInputError

MAX_NAME_CHARS = 80


def slug_of(name: str) -> str:
    """Return the part of addresses that stands for a name: letters, digits, hyphens.

    Raises
    ------
    InvalidInputError
        If the name is empty or too long.

    Examples
    --------
    >>> slug_of("Été & Hiver")
    'ete-hiver'
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_CHARS:
        raise InvalidInputError(
            "The name of a catalogue has 1 to %(most)s characters.", most=MAX_NAME_CHARS
        )
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    # A name without a Latin letter still needs an address of its own.
    return slug or f"catalogue-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
