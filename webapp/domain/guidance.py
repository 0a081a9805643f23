"""What people are told of a category: what belongs there, what does not, and examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from webapp.domain.catalogue import Category
from webapp.domain.errors import InvalidInputError

MAX_TEXT_LENGTH = 5000
MAX_EXAMPLES = 24
N_TYPICAL = 8  # examples where nobody has chosen any
N_CONFUSED = 5
_ITEM = re.compile(r"\s*[-*\u2022]\s+")  # what begins a line of a list


@dataclass(frozen=True, slots=True)
class Guidance:
    """One version of what people are told of a category; every version is kept."""

    id: int
    category_id: int
    belongs: str
    excludes: str
    example_ids: tuple[int, ...]
    user_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line of text or several), or a list with one line for each point."""

    is_list: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A decided product as a page shows it; ``is_elsewhere`` if its label is another by now."""

    product_id: int
    external_id: str
    name: str
    image_sha256: str | None
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Confused:
    """A category that the live model mixes up with this one, on products that people decided.

    ``n_taken_for_it`` products of this category were predicted there, ``n_taken_from_it`` products
    of the other here.
    """

    category_id: int
    n_taken_for_it: int
    n_taken_from_it: int


@dataclass(frozen=True, slots=True)
class GuidedCategory:
    """A line of the list: a category, how many labels it has, and when it was last described."""

    category: Category
    n_labelled: int
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class CategoryGuide:
    """Everything that the page of one category says.

    Parameters
    ----------
    above
        The categories that hold this one, the root first.
    inherited
        What people are told of those, where somebody wrote something.
    newest
        What counts now; None where nobody wrote anything yet.
    are_examples_chosen
        Whether somebody chose the examples; otherwise they are the products decided last.
    is_provisional
        Whether ``confused`` was counted against what sellers say, for want of labels.
    """

    category: Category
    above: tuple[Category, ...]
    inherited: tuple[Guidance, ...]
    newest: Guidance | None
    versions: tuple[Guidance, ...]
    examples: tuple[Example, ...]
    are_examples_chosen: bool
    confused: tuple[Confused, ...]
    is_provisional: bool
    n_labelled: int


def check_text(text: str) -> str:
    """Return a text as it is stored: without space around it, with plain line ends.

    Raises
    ------
    InvalidInputError
        If it is too long.
    """
    text = "\n".join(line.rstrip() for line in text.splitlines()).strip()
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidInputError(
            "The text is longer than %(length)s characters.", length=MAX_TEXT_LENGTH
        )
    return text


def read_blocks(text: str) -> tuple[Block, ...]:
    r"""Split a plain text into paragraphs, which empty lines separate, and lists of ``- `` lines.

    Examples
    --------
    >>> [(block.is_list, block.lines) for block in read_blocks("Mugs, such as\n- tea\n- coffee")]
    [(False, ('Mugs, such as',)), (True, ('tea', 'coffee'))]
    """
    return tuple(_blocks(text))


def read_confused(category_id: int, confusion: Mapping[str, Any]) -> tuple[Confused, ...]:
    """Return what a confusion matrix says of one category, worst first.

    Parameters
    ----------
    confusion
        ``{"categories": [ids], "counts": [[...]]}``, rows true, columns predicted.
    """
    categories: Sequence[int] = confusion["categories"]
    counts: Sequence[Sequence[int]] = confusion["counts"]
    if category_id not in categories:
        return ()
    own = categories.index(category_id)
    mixed = [
        Confused(other_id, counts[own][i], counts[i][own])
        for i, other_id in enumerate(categories)
        if i != own and counts[own][i] + counts[i][own]
    ]
    worst = sorted(mixed, key=lambda each: -(each.n_taken_for_it + each.n_taken_from_it))
    return tuple(worst[:N_CONFUSED])


def _blocks(text: str) -> Iterator[Block]:
    def kind(line: str) -> str:
        return "item" if _ITEM.match(line) else "text" if line.strip() else "gap"

    for found, lines in groupby(text.splitlines(), key=kind):
        if found == "item":
            yield Block(True, tuple(_ITEM.sub("", line, count=1).strip() for line in lines))
        elif found == "text":
            yield Block(False, tuple(line.strip() for line in lines))
