"""Looking at groups of near-duplicates."""

from __future__ import annotations

from webapp.domain.catalogue import Catalogue
from webapp.domain.look_alike_groups import GROUPS_A_PAGE, MEMBERS_SHOWN, Group, GroupPage
from webapp.storage import look_alike_groups, product_search
from webapp.storage.database import Session


def look(session: Session, *, catalogue: Catalogue, mixed_only: bool, page: int) -> GroupPage:
    """Return a page of groups, the last one where there are fewer."""
    counts = look_alike_groups.count(session, catalogue=catalogue)
    n_groups = counts.n_mixed if mixed_only else counts.n
    n_pages = max(1, -(-n_groups // GROUPS_A_PAGE))
    page = min(max(page, 1), n_pages)
    sizes = dict(
        look_alike_groups.list_numbers(
            session,
            catalogue=catalogue,
            mixed_only=mixed_only,
            offset=(page - 1) * GROUPS_A_PAGE,
            n=GROUPS_A_PAGE,
        )
    )
    members = look_alike_groups.list_members(
        session, catalogue=catalogue, group_numbers=list(sizes)
    )
    shown = [product_id for ids in members.values() for product_id in ids[:MEMBERS_SHOWN]]
    listed = {
        row.id: row
        for row in product_search.list_these(session, catalogue=catalogue, product_ids=shown)
    }
    groups = tuple(
        Group(number, n, tuple(listed[key] for key in members[number][:MEMBERS_SHOWN]))
        for number, n in sizes.items()
    )
    return GroupPage(groups, counts, page, n_pages)
