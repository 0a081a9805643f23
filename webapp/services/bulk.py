"""Many products decided in one act; ``bulk_undo`` takes the whole act back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from webapp.domain.bulk import MAX_AT_ONCE, BulkAct, groups_of, left_because
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ConflictError, InvalidInputError
from webapp.domain.product_search import ProductFilter
from webapp.domain.review import Annotation, Outcome, Verdict, wants_another
from webapp.services.bulk_annotations import annotation_of_target, project_many
from webapp.services.bulk_undo import undo
from webapp.services.review_acts import check_words
from webapp.storage import (
    bulk,
    bulk_products,
    card_parts,
    product_search,
    queue_order,
    queue_places,
)
from webapp.storage.database import Session

__all__ = ["BulkStory", "Query", "decide", "tell", "undo"]


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that a search finds, and how many that were when the person saw it."""

    only: ProductFilter
    n_expected: int


@dataclass(frozen=True, slots=True)
class BulkStory:
    """An act on many products, and how many of them keep what it decided."""

    act: BulkAct
    n_standing: int


def decide(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    category_id: int | None,
    note: str,
    chosen: Sequence[int] | Query,
    seen_id: int,
    idempotency_key: str,
    now: datetime,
) -> BulkAct:
    """File many products under one category, or flag them, in one act that is all or nothing.

    Each product gets an annotation of its own that names the act. Products that somebody else has
    or has decided, that measure models, or that are there already stay as they are and are
    counted.

    Parameters
    ----------
    category_id
        None flags them; then the note says why.
    chosen
        Ids of products, or a search. At most ``MAX_AT_ONCE`` products.
    seen_id
        The newest annotation when the list was shown: what others have decided since stays.
    idempotency_key
        Chosen by the sender: the same key again returns the first act and changes nothing.

    Raises
    ------
    ConflictError
        If the search finds another number of products now.
    InvalidInputError
        If nothing is chosen, or too much, or the category or the note cannot be used.
    """
    verdict = Verdict.FLAGGED if category_id is None else Verdict.CORRECTED
    check_words(verdict, note, idempotency_key)
    if category_id is not None and not card_parts.find_choosable(
        session, catalogue=catalogue, category_ids=[category_id]
    ):
        raise InvalidInputError("Products of this catalogue cannot get that category.")
    act_id = bulk.add(
        session,
        catalogue_id=catalogue.id,
        user_id=user_id,
        idempotency_key=idempotency_key,
        category_id=category_id,
        chosen=_as_stored(chosen),
        now=now,
    )
    if act_id is None:
        return bulk.get_by_key(
            session,
            catalogue_id=catalogue.id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )
    product_ids = _find_chosen(session, catalogue, chosen)
    targets = bulk_products.lock_targets(
        session,
        catalogue_id=catalogue.id,
        round_id=catalogue.live_round_id,
        product_ids=product_ids,
        user_id=user_id,
        now=now,
    )
    reasons = {
        target.id: left_because(target, user_id=user_id, category_id=category_id, seen_id=seen_id)
        for target in targets
    }
    decided = [target for target in targets if reasons[target.id] is None]
    bulk.add_annotations(
        session,
        catalogue_id=catalogue.id,
        new=[
            annotation_of_target(
                catalogue, target, user_id, category_id, note, idempotency_key, act_id, now
            )
            for target in decided
        ],
    )
    added = bulk.list_annotations(session, bulk_act_id=act_id)
    acts = {target.id: [*target.acts, added[target.id]] for target in decided}
    outcomes = project_many(session, catalogue, acts)
    _take_out(session, acts, outcomes, now)
    queue_order.move_many_behind(
        session, catalogue_id=catalogue.id, group_numbers=groups_of(decided)
    )
    left_out = Counter(reason for reason in reasons.values() if reason is not None)
    bulk.write_counts(session, bulk_act_id=act_id, n_decided=len(decided), left_out=left_out)
    return bulk.get(session, catalogue_id=catalogue.id, bulk_act_id=act_id)


def tell(session: Session, *, catalogue: Catalogue, bulk_act_id: int) -> BulkStory:
    """Return an act and what has become of it since."""
    act = bulk.get(session, catalogue_id=catalogue.id, bulk_act_id=bulk_act_id)
    return BulkStory(act, bulk.count_standing(session, bulk_act_id=bulk_act_id))


def _find_chosen(
    session: Session, catalogue: Catalogue, chosen: Sequence[int] | Query
) -> list[int]:
    if isinstance(chosen, Query):
        found = product_search.list_ids(
            session, catalogue=catalogue, only=chosen.only, limit=MAX_AT_ONCE + 1
        )
        if len(found) <= MAX_AT_ONCE and len(found) != chosen.n_expected:
            raise ConflictError(
                "%(n)s products match now, and you saw %(expected)s. Nothing was decided: look at "
                "the list again.",
                n=len(found),
                expected=chosen.n_expected,
            )
    else:
        found = sorted(set(chosen))
    if not found:
        raise InvalidInputError("Select at least one product first.")
    if len(found) > MAX_AT_ONCE:
        raise InvalidInputError(
            "At most %(n)s products can be decided in one act. Narrow the search.", n=MAX_AT_ONCE
        )
    return found


def _as_stored(chosen: Sequence[int] | Query) -> dict[str, object]:
    if not isinstance(chosen, Query):
        return {"n_products": len(set(chosen))}
    search = {name: value for name, value in asdict(chosen.only).items() if value}
    return {"search": search, "n_products": chosen.n_expected}


def _take_out(
    session: Session,
    acts: Mapping[int, Sequence[Annotation]],
    outcomes: Mapping[int, Outcome],
    now: datetime,
) -> None:
    """Take products out of the queue; those that others shall decide too wait for them."""
    waiting = {key for key, its in acts.items() if wants_another(its, outcomes[key].state)}
    for product_id in waiting:
        queue_places.wait_for_another(session, product_id=product_id, now=now)
    bulk_products.finish(session, product_ids=set(acts) - waiting)
