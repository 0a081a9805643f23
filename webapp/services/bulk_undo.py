"""Taking an act on many products back: each gets one more annotation, and is asked again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from webapp.domain.bulk import BulkAct, Target, groups_of
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ForbiddenError
from webapp.domain.review import Annotation, Outcome, Verdict, standing, stays_decided
from webapp.services.bulk_annotations import project_many, undoing
from webapp.services.review_acts import check_words, wait_again
from webapp.storage import bulk, bulk_products, queue_order
from webapp.storage.database import Session


def undo(
    session: Session,
    *,
    catalogue: Catalogue,
    bulk_act_id: int,
    user_id: int,
    may_undo_others: bool,
    idempotency_key: str,
    now: datetime,
) -> BulkAct:
    """Take a whole act back; what somebody else has decided since stays.

    Raises
    ------
    ForbiddenError
        If the act is somebody else's, unless ``may_undo_others``.
    """
    check_words(Verdict.UNDONE, "", idempotency_key)
    act = bulk.get(session, catalogue_id=catalogue.id, bulk_act_id=bulk_act_id, is_locked=True)
    if act.user_id != user_id and not may_undo_others:
        raise ForbiddenError("Only the person who decided, or an admin, can take this back.")
    if act.undone_at is not None:
        return act
    made = bulk.list_annotations(session, bulk_act_id=bulk_act_id)
    targets = [
        target
        for target in bulk_products.lock_targets(
            session,
            catalogue_id=catalogue.id,
            round_id=None,
            product_ids=list(made),
            user_id=user_id,
            now=now,
        )
        # until the lock, somebody could take one back by itself
        if made[target.id] in standing(target.acts)
        and not stays_decided(target.acts, made[target.id])
    ]
    bulk.add_annotations(
        session,
        catalogue_id=catalogue.id,
        new=[
            undoing(made[target.id], bulk_act_id, user_id, idempotency_key, now)
            for target in targets
        ],
    )
    acts = {
        target.id: [each for each in target.acts if each.id != made[target.id].id]
        for target in targets
    }
    outcomes = project_many(session, catalogue, acts)
    _put_back(session, targets, made, acts, outcomes, now)
    groups = groups_of(targets)
    still_decided = bulk_products.find_groups_with_decided(
        session, catalogue_id=catalogue.id, group_numbers=groups
    )
    queue_order.move_many_back(
        session, catalogue_id=catalogue.id, group_numbers=groups - still_decided
    )
    bulk.write_undone(session, bulk_act_id=bulk_act_id, now=now)
    return replace(act, undone_at=now)


def _put_back(
    session: Session,
    targets: Collection[Target],
    made: Mapping[int, Annotation],
    acts: Mapping[int, Sequence[Annotation]],
    outcomes: Mapping[int, Outcome],
    now: datetime,
) -> None:
    """Let products wait again; those that one person decides, with one statement for all."""
    for target in targets:
        if made[target.id].n_needed > 1:
            wait_again(
                session,
                undone=made[target.id],
                acts=acts[target.id],
                state=outcomes[target.id].state,
                now=now,
                is_lent=target.is_held_by_another,
            )
    alone = [target.id for target in targets if made[target.id].n_needed == 1]
    bulk_products.reopen(session, product_ids=alone)
