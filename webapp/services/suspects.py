"""What a moderator does with suspects: look, take the proposal, keep what is recorded, undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from webapp.domain.catalogue import Catalogue, Category
from webapp.domain.errors import AlreadyAnnotatedError, ConflictError, NotFoundError
from webapp.domain.products import Product
from webapp.domain.retraining import Prediction, Round
from webapp.domain.review import Annotation, AskedBecause, ProductState, Verdict
from webapp.domain.suspects import (
    HitRate,
    ListedSuspect,
    Recorder,
    arrange,
    estimate_hit_rate,
)
from webapp.services import review
from webapp.services.review_acts import find_earlier
from webapp.storage import annotations as annotation_log
from webapp.storage import card_parts, predictions, product_locks, products, rounds, suspects
from webapp.storage.database import Session

PAGE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class SuspectCard:
    """One suspect as it is shown: the product, both categories, and what each branch says.

    ``is_drawn`` tells that it stands here by chance, to measure the list.
    """

    listed: ListedSuspect
    product: Product
    recorded: Category
    proposed: Category
    prediction: Prediction | None
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class SuspectPage:
    """A part of the list, and how good the list is; ``round`` is None before the first round.

    ``last_act`` is what this person did last, if it was about a suspect: it can be taken back.
    """

    round: Round | None
    cards: tuple[SuspectCard, ...]
    page: int
    n_pages: int
    n_open: int
    counts: dict[Recorder, int]
    hit_rate: HitRate
    categories: dict[int, Category]
    last_act: Annotation | None


def look(
    session: Session,
    *,
    catalogue: Catalogue,
    user_id: int,
    recorder: Recorder | None = None,
    page: int = 1,
) -> SuspectPage:
    """Return a page of the undecided suspects of the live round, from 1."""
    live = rounds.find_live(session, catalogue_id=catalogue.id)
    round_id = live.id if live else 0
    listed = suspects.list_all(session, round_id=round_id, recorder=recorder)
    n_open = sum(each.has_changed is None for each in listed)
    n_pages = max(1, -(-n_open // PAGE_LENGTH))
    page = min(max(page, 1), n_pages)
    places = list(
        islice(arrange(listed, round_id=round_id), (page - 1) * PAGE_LENGTH, page * PAGE_LENGTH)
    )
    last_act = annotation_log.find_last_standing(
        session, catalogue_id=catalogue.id, user_id=user_id
    )
    if last_act is not None and last_act.asked_because is not AskedBecause.SUSPECT:
        last_act = None
    cards, categories = _cards(session, catalogue, round_id, places, last_act)
    return SuspectPage(
        round=live,
        cards=cards,
        page=page,
        n_pages=n_pages,
        n_open=n_open,
        counts=suspects.count_by_recorder(session, round_id=round_id),
        hit_rate=estimate_hit_rate(listed, round_id=round_id),
        categories=categories,
        last_act=last_act,
    )


def decide(
    session: Session,
    *,
    catalogue: Catalogue,
    product_id: int,
    user_id: int,
    round_id: int,
    seen_annotation_id: int,
    is_taken: bool,
    idempotency_key: str,
    took_ms: int | None,
    now: datetime,
) -> Annotation:
    """Take the proposal, or keep what is recorded: an annotation like any other.

    Parameters
    ----------
    round_id
        Whose list was shown.
    seen_annotation_id
        What labelled the product when it was shown, 0 for nothing.

    Raises
    ------
    AlreadyAnnotatedError
        If somebody has decided the product since it was shown.
    ConflictError
        If another round has become live, with a list of its own.
    """
    product = product_locks.lock(session, catalogue_id=catalogue.id, product_id=product_id)
    earlier = find_earlier(session, user_id, idempotency_key, product_id, is_undoing=False)
    if earlier is not None:
        return earlier
    if round_id != catalogue.live_round_id:
        raise ConflictError("Another round is live now and has made a new list. Look again.")
    suspect = suspects.find(session, round_id=round_id, product_id=product_id)
    if suspect is None:
        raise NotFoundError("This product is not among the suspects of the live round.")
    label_id = suspects.find_label_annotation_id(session, product_id=product_id)
    if label_id != seen_annotation_id or product.state is ProductState.FLAGGED:
        raise AlreadyAnnotatedError("Somebody has decided this product since it was shown here.")
    return review.annotate(
        session,
        catalogue=catalogue,
        product_id=product_id,
        user_id=user_id,
        verdict=Verdict.CONFIRMED,
        category_id=suspect.proposed_category_id if is_taken else suspect.recorded_category_id,
        idempotency_key=idempotency_key,
        took_ms=took_ms,
        now=now,
        asked_because=AskedBecause.SUSPECT,
    )


def _cards(
    session: Session,
    catalogue: Catalogue,
    round_id: int,
    places: Sequence[tuple[ListedSuspect, bool]],
    last_act: Annotation | None,
) -> tuple[tuple[SuspectCard, ...], dict[int, Category]]:
    ids = [listed.suspect.product_id for listed, _ in places]
    found = products.find_many(session, product_ids=ids)
    said = predictions.find_many(session, round_id=round_id, product_ids=ids)
    named = {
        ranked[0].category_id
        for prediction in said.values()
        for ranked in (prediction.text, prediction.image)
        if ranked
    }
    for listed, _ in places:
        named |= {listed.suspect.recorded_category_id, listed.suspect.proposed_category_id}
    if last_act is not None and last_act.category_id is not None:
        named.add(last_act.category_id)
    categories = card_parts.find_choosable(session, catalogue=catalogue, category_ids=named)
    cards = tuple(
        SuspectCard(
            listed=listed,
            product=found[listed.suspect.product_id],
            recorded=categories[listed.suspect.recorded_category_id],
            proposed=categories[listed.suspect.proposed_category_id],
            prediction=said.get(listed.suspect.product_id),
            is_drawn=is_drawn,
        )
        for listed, is_drawn in places
    )
    return cards, categories
