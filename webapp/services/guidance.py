"""What is done with the guidance of categories: reading, writing and restoring it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.errors import ConflictError, InvalidInputError, NotFoundError
from webapp.domain.guidance import (
    MAX_EXAMPLES,
    N_TYPICAL,
    CategoryGuide,
    Example,
    GuidedCategory,
    check_text,
    read_confused,
)
from webapp.storage import guidance, rounds
from webapp.storage.database import Session

MAX_LISTED = 300  # categories on one page; the others are found by searching


@dataclass(frozen=True, slots=True)
class GuidanceDraft:
    """What an admin entered; ``based_on`` is the id of the version that she saw, or None.

    ``more_examples`` are external ids, separated by spaces, commas or lines.
    """

    belongs: str
    excludes: str
    example_ids: tuple[int, ...]
    more_examples: str
    based_on: int | None


def search(
    session: Session, *, catalogue: Catalogue, words: str
) -> tuple[list[GuidedCategory], bool]:
    """Return the categories that match all words, and whether there are more than are shown."""
    found = guidance.list_categories(
        session, catalogue=catalogue, words=words.split(), limit=MAX_LISTED + 1
    )
    return found[:MAX_LISTED], len(found) > MAX_LISTED


def read(session: Session, *, catalogue: Catalogue, category_id: int) -> CategoryGuide:
    """Return what people are told of a category."""
    category = guidance.get_category(session, catalogue=catalogue, category_id=category_id)
    above = guidance.list_above(session, catalogue=catalogue, category=category)
    written = guidance.find_newest(session, category_ids=[each.id for each in above])
    versions = guidance.list_versions(session, category_id=category_id)
    newest = versions[0] if versions else None
    examples = _examples(session, catalogue, category, newest.example_ids if newest else ())
    chosen = [example for example in examples if not example.is_elsewhere]
    if not chosen:
        last = guidance.list_labelled_last(
            session, catalogue=catalogue, category=category, n=N_TYPICAL
        )
        examples = _examples(session, catalogue, category, last)
    live = rounds.find_live(session, catalogue_id=catalogue.id)
    return CategoryGuide(
        category=category,
        above=tuple(above),
        inherited=tuple(written[each.id] for each in above if each.id in written),
        newest=newest,
        versions=tuple(versions),
        examples=tuple(chosen or examples),
        are_examples_chosen=bool(chosen),
        confused=read_confused(category_id, live.confusion) if live else (),
        is_provisional=live.is_provisional if live else False,
        n_labelled=guidance.count_labelled(session, catalogue=catalogue, category=category),
    )


def offer_examples(
    session: Session, *, catalogue: Catalogue, category: Category, chosen_ids: Sequence[int]
) -> list[Example]:
    """Return what an admin can choose as examples: the chosen ones, then those decided last."""
    last = guidance.list_labelled_last(
        session, catalogue=catalogue, category=category, n=MAX_EXAMPLES
    )
    offered = list(dict.fromkeys([*chosen_ids, *last]))
    return _examples(session, catalogue, category, offered)


def write(
    session: Session,
    *,
    catalogue: Catalogue,
    category_id: int,
    draft: GuidanceDraft,
    user_id: int,
    now: datetime,
) -> None:
    """Add a version of what people are told; one that changes nothing is not added.

    Raises
    ------
    ConflictError
        If somebody else wrote a newer version than the one that the draft is based on.
    InvalidInputError
        If a text is too long, or an example is no product that was decided as this category.
    """
    category = guidance.get_category(session, catalogue=catalogue, category_id=category_id)
    newest = guidance.find_newest(session, category_ids=[category_id]).get(category_id)
    if (newest.id if newest else None) != draft.based_on:
        raise ConflictError(
            "Somebody else has changed this guidance meanwhile. Your text is still here: compare "
            "it with the newest version, then save again."
        )
    belongs, excludes = check_text(draft.belongs), check_text(draft.excludes)
    example_ids = _checked_examples(session, catalogue, category, draft)
    if newest and (belongs, excludes, example_ids) == (
        newest.belongs,
        newest.excludes,
        newest.example_ids,
    ):
        return
    guidance.add(
        session,
        category_id=category_id,
        belongs=belongs,
        excludes=excludes,
        example_ids=example_ids,
        user_id=user_id,
        now=now,
    )


def restore(
    session: Session,
    *,
    catalogue: Catalogue,
    category_id: int,
    version_id: int,
    user_id: int,
    now: datetime,
) -> None:
    """Let an earlier version count again, as one more version."""
    guidance.get_category(session, catalogue=catalogue, category_id=category_id)
    versions = guidance.list_versions(session, category_id=category_id)
    earlier = next((version for version in versions if version.id == version_id), None)
    if earlier is None:
        raise NotFoundError("There is no such version of this guidance.")
    if earlier == versions[0]:
        return
    guidance.add(
        session,
        category_id=category_id,
        belongs=earlier.belongs,
        excludes=earlier.excludes,
        example_ids=earlier.example_ids,
        user_id=user_id,
        now=now,
    )


def _examples(
    session: Session, catalogue: Catalogue, category: Category, product_ids: Sequence[int]
) -> list[Example]:
    return guidance.list_examples(
        session, catalogue=catalogue, category=category, product_ids=product_ids
    )


def _checked_examples(
    session: Session, catalogue: Catalogue, category: Category, draft: GuidanceDraft
) -> tuple[int, ...]:
    named = list(dict.fromkeys(draft.more_examples.replace(",", " ").split()))
    ids = guidance.find_ids(session, catalogue=catalogue, external_ids=named)
    missing = [name for name in named if name not in ids]
    if missing:
        raise InvalidInputError(
            "This catalogue has no product with the external id %(id)s.", id=missing[0][:100]
        )
    wanted = tuple(dict.fromkeys([*draft.example_ids, *(ids[name] for name in named)]))
    if len(wanted) > MAX_EXAMPLES:
        raise InvalidInputError("Choose at most %(number)s examples.", number=MAX_EXAMPLES)
    found = _examples(session, catalogue, category, wanted)
    for example in found:
        if example.is_elsewhere:
            raise InvalidInputError(
                "%(name)s is no example: it is not decided as this category.",
                name=example.name or example.external_id,
            )
    return tuple(example.product_id for example in found)
