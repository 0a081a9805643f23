"""What a moderator does at the desk: get products lent, decide, skip, flag, take back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.probes import draw_probe, plantable
from webapp.domain.review import Probe
from webapp.domain.review_cards import Card, QueueEntry
from webapp.services.look_alikes import decide_together
from webapp.services.review_annotate import annotate
from webapp.services.review_cards import find_shown, make_cards
from webapp.services.review_undo import undo
from webapp.storage import annotations as annotation_log
from webapp.storage import card_parts, products, queue
from webapp.storage.database import Session

MOST_ON_A_DESK = 12  # ready for a fast person, or while the connection is slow

__all__ = [
    "MOST_ON_A_DESK",
    "annotate",
    "claim",
    "count_today",
    "decide_together",
    "open_desk",
    "renew",
    "undo",
]

_FINE = 1_000_000  # parts of a draw by chance


def claim(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    now: datetime,
    lease_s: int,
    n: int = 1,
) -> list[Card]:
    """Lend the next ``n`` products to a person; fewer where fewer wait."""
    queue.free_expired(session, now=now)
    entries: list[QueueEntry] = []
    while len(entries) < n:
        probe = _draw(catalogue)
        entry = queue.claim(
            session,
            catalogue=catalogue,
            user_id=user_id,
            now=now,
            lease_s=lease_s,
            is_hidden=probe is Probe.HIDDEN,
        )
        if entry is None:
            break
        if probe is Probe.PLANTED and not entry.is_suggestion_hidden:
            entry = _plant(session, catalogue, entry)
        entries.append(entry)
    return make_cards(session, catalogue=catalogue, entries=entries)


def _draw(catalogue: Catalogue) -> Probe | None:
    """Return what the next card does by chance; without a model there is nothing to hide."""
    settings = catalogue.settings
    if catalogue.live_round_id is None or not settings.hidden_share + settings.planted_share:
        return None
    return draw_probe(settings, secrets.randbelow(_FINE) / _FINE)


def _plant(session: Session, catalogue: Catalogue, entry: QueueEntry) -> QueueEntry:
    """Let a card suggest a wrong category, where there is one that could be believed."""
    prediction = find_shown(session, entry=entry)
    if prediction is None:
        return entry
    product = products.get(session, product_id=entry.product_id)
    choosable = card_parts.find_choosable(
        session,
        catalogue=catalogue,
        category_ids={ranked.category_id for ranked in prediction.fused},
    )
    wrong = plantable(
        prediction, source_category_id=product.source_category_id, choosable=list(choosable)
    )
    if not wrong:
        return entry
    chosen = secrets.choice(wrong)
    return queue.plant(session, product_id=entry.product_id, category_id=chosen) or entry


def open_desk(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    now: datetime,
    lease_s: int,
    n: int,
    first_id: int | None = None,
) -> list[Card]:
    """Return ``n`` cards for a page: all that the person has already, then the next products.

    Parameters
    ----------
    first_id
        A product that shall come first, if it is open and nobody else has it.
    """
    if first_id is not None:
        queue.take(
            session,
            catalogue=catalogue,
            product_id=first_id,
            user_id=user_id,
            now=now,
            lease_s=lease_s,
        )
    entries = queue.list_leased(session, catalogue=catalogue, user_id=user_id, now=now)
    entries = sorted(entries, key=lambda entry: entry.product_id != first_id)[:MOST_ON_A_DESK]
    kept = [entry.product_id for entry in entries]
    queue.renew(session, user_id=user_id, product_ids=kept, now=now, lease_s=lease_s)
    cards = make_cards(session, catalogue=catalogue, entries=entries)
    return cards + claim(
        session,
        catalogue=catalogue,
        user_id=user_id,
        now=now,
        lease_s=lease_s,
        n=n - len(cards),
    )


def renew(
    session: Session,
    *,
    user_id: int,
    product_ids: Sequence[int],
    now: datetime,
    lease_s: int,
) -> list[int]:
    """Prolong what a person has on her desk; return the products that are no longer hers."""
    kept = queue.renew(session, user_id=user_id, product_ids=product_ids, now=now, lease_s=lease_s)
    return sorted(set(product_ids) - set(kept))


def count_today(session: Session, *, catalogue: Catalogue, user_id: int, now: datetime) -> int:
    """Return how many decisions of a person stand since midnight, UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return annotation_log.count_decided(
        session, catalogue_id=catalogue.id, user_id=user_id, since=midnight
    )
