"""Groups of near-duplicates, side by side, so that one act decides all of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.domain.product_search import ListedProduct

GROUPS_A_PAGE = 10
MEMBERS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Group:
    """Near-duplicates; no undecided product of the evaluation set is among them.

    ``members`` are the first ``MEMBERS_SHOWN`` of ``n_members``.
    """

    number: int
    n_members: int
    members: tuple[ListedProduct, ...]

    @property
    def label_ids(self) -> list[int]:
        """The labels of the members that are shown, the commonest first."""
        return _commonest(member.label_id for member in self.members)

    @property
    def proposed_id(self) -> int | None:
        """The commonest label, or without labels the commonest prediction."""
        found = self.label_ids or _commonest(member.predicted_id for member in self.members)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """How many groups a catalogue has, and in how many labels differ."""

    n: int
    n_mixed: int


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of groups, those whose members have different labels first."""

    groups: tuple[Group, ...]
    counts: GroupCounts
    page: int
    n_pages: int


def _commonest(category_ids: Iterable[int | None]) -> list[int]:
    counts = Counter(each for each in category_ids if each is not None)
    return [category_id for category_id, _ in counts.most_common()]
