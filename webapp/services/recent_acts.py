"""A person's last decisions, and taking any of them back."""

from __future__ import annotations

from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError
from webapp.domain.recent_acts import RecentAct
from webapp.domain.review_cards import Card
from webapp.services import review_undo
from webapp.storage import annotations as annotation_log
from webapp.storage import recent_acts
from webapp.storage.database import Session

N_LISTED = 30


def list_recent(session: Session, *, catalogue: Catalogue, user_id: int) -> list[RecentAct]:
    """Return a person's last decisions that stand, newest first."""
    return recent_acts.list_standing(
        session, catalogue_id=catalogue.id, user_id=user_id, n=N_LISTED
    )


def undo(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    now: datetime,
    idempotency_key: str,
    lease_s: int,
    annotation_id: int | None,
) -> Card:
    """Take a decision back with all the look-alikes that it took along; by default the last one.

    Raises
    ------
    ConflictError
        If the last one was an act on many products, which is taken back from the list alone: sent
        again, "the last one" would be the one before. And for the reasons of ``review_undo.undo``.
    """
    sent_before = annotation_log.find_by_key(
        session, user_id=user_id, idempotency_key=idempotency_key
    )
    if annotation_id is None and sent_before is None:
        last = recent_acts.list_standing(session, catalogue_id=catalogue.id, user_id=user_id, n=1)
        if last and last[0].bulk_act_id is not None:
            raise ConflictError(
                "Your last act was one on selected products (%(n)s). Open the list of your last "
                "decisions to take it back.",
                n=last[0].n_products,
            )
    return review_undo.undo(
        session,
        catalogue=catalogue,
        user_id=user_id,
        now=now,
        idempotency_key=idempotency_key,
        lease_s=lease_s,
        annotation_id=annotation_id,
        is_whole=True,
    )
