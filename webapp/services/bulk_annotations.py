"""The annotations of an act on many products, and what follows from all on each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from webapp.domain.bulk import Target
from webapp.domain.catalogue import Catalogue
from webapp.domain.look_alikes import key_of_look_alike
from webapp.domain.review import (
    Annotation,
    AskedBecause,
    Outcome,
    ProductState,
    Verdict,
    people_needed,
    settle,
    verdict_of_category,
)
from webapp.storage import bulk_products
from webapp.storage import outcomes as stored
from webapp.storage.annotations import NewAnnotation
from webapp.storage.database import Session


def annotation_of_target(
    catalogue: Catalogue,
    target: Target,
    user_id: int,
    category_id: int | None,
    note: str,
    idempotency_key: str,
    bulk_act_id: int,
    now: datetime,
) -> NewAnnotation:
    """Return the act on one product, with what the list showed of it.

    Its key is made of the act too: the key that was sent may stand for something else besides.
    """
    verdict = Verdict.FLAGGED
    if category_id is not None:
        verdict = verdict_of_category(
            category_id,
            suggested_id=target.shown_category_id,
            source_category_id=target.source_category_id,
        )
    return NewAnnotation(
        product_id=target.id,
        user_id=user_id,
        verdict=verdict,
        category_id=category_id,
        note=note.strip(),
        idempotency_key=key_of_look_alike(f"{bulk_act_id} {idempotency_key}", target.id),
        asked_because=AskedBecause.CHOSEN,
        is_suggestion_hidden=False,
        shown_round_id=None if target.shown_category_id is None else catalogue.live_round_id,
        shown_category_id=target.shown_category_id,
        shown_probability=target.shown_probability,
        created_at=now,
        n_needed=people_needed(
            target.acts,
            settings=catalogue.settings,
            probability=target.shown_probability,
            asked_because=AskedBecause.CHOSEN,
        ),
        bulk_act_id=bulk_act_id,
    )


def undoing(
    act: Annotation, bulk_act_id: int, user_id: int, idempotency_key: str, now: datetime
) -> NewAnnotation:
    """Return what takes an act back; it belongs to no act on many products itself."""
    return NewAnnotation(
        product_id=act.product_id,
        user_id=user_id,
        verdict=Verdict.UNDONE,
        undoes_id=act.id,
        idempotency_key=key_of_look_alike(
            f"undo of {bulk_act_id} {idempotency_key}", act.product_id
        ),
        asked_because=act.asked_because,
        is_suggestion_hidden=act.is_suggestion_hidden,
        created_at=now,
    )


def project_many(
    session: Session, catalogue: Catalogue, acts: Mapping[int, Sequence[Annotation]]
) -> dict[int, Outcome]:
    """Write what follows from all acts on products, and return it.

    The same rules as for one product, ``review_acts.project_acts``, with few statements for all.
    """
    outcomes = {product_id: settle(its) for product_id, its in acts.items()}
    is_open = [
        product_id
        for product_id, outcome in outcomes.items()
        if outcome.state is ProductState.OPEN and not outcome.n_answers
    ]
    for product_id in bulk_products.find_accepted(session, product_ids=is_open):
        outcomes[product_id] = replace(outcomes[product_id], state=ProductState.ACCEPTED)
    stored.write_many(session, catalogue_id=catalogue.id, outcomes=outcomes)
    return outcomes
