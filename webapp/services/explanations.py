"""Evidence beside a suggestion: what cards show of it, and when the worker is asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import NotFoundError
from webapp.domain.evidence import PhotoRegion, evidence_of
from webapp.domain.jobs import JobKind
from webapp.domain.review_cards import Card
from webapp.storage import explanations, jobs
from webapp.storage.database import Session

N_NEXT = 30  # of these products some are asked within a minute or two
# While people decide. The worker loads the model each time: some seconds of a core.
PAUSE = timedelta(seconds=60)


def add_evidence(session: Session, *, cards: Sequence[Card]) -> list[Card]:
    """Return the cards with what is known of their suggestions; with none where those are hidden.

    It reads once for all cards, and once more where something is known.
    """
    keys = {
        card.product.id: (card.prediction.round_id, card.product.id)
        for card in cards
        if card.prediction is not None and card.suggestion is not None
    }
    if not keys:
        return list(cards)
    found = explanations.find_many(session, keys=keys.values())
    neighbours = {product_id for each in found.values() for product_id, _ in each.neighbours or ()}
    decided = explanations.find_decided(session, product_ids=neighbours) if neighbours else {}
    return [
        replace(card, evidence=evidence_of(found[key], decided))
        if (key := keys.get(card.product.id)) in found
        else card
        for card in cards
    ]


def request_front(
    session: Session,
    *,
    catalogue_id: int,
    round_id: int | None,
    now: datetime,
    pause: timedelta = timedelta(0),
) -> int | None:
    """Have the suggestions explained that are shown next, where some are not.

    Parameters
    ----------
    round_id
        The live round; None before the first one, when nothing is suggested.
    pause
        Not sooner than so long after the last time.

    Returns
    -------
    int or None
        A job to send after the transaction; None where there is nothing to explain, or the worker
        is at it.
    """
    if round_id is None or not explanations.list_missing(
        session, catalogue_id=catalogue_id, round_id=round_id, n=N_NEXT
    ):
        return None
    return jobs.add_or_run_again(
        session, kind=JobKind.EXPLAIN, catalogue_id=catalogue_id, now=now, pause=pause
    )


@dataclass(frozen=True, slots=True)
class AskedRegion:
    """The region of a photo, or whether a worker is or will be at it; neither where it failed."""

    region: PhotoRegion | None
    is_coming: bool
    new_job_id: int | None = None


def find_region(session: Session, *, catalogue: Catalogue, product_id: int) -> AskedRegion:
    """Return the region of a product's photo in the live round, or whether it is on its way.

    Raises
    ------
    NotFoundError
        If there is no live round or no such product, or its suggestion is hidden now.
    """
    round_id = catalogue.live_round_id
    if round_id is None or not explanations.is_shown(
        session, catalogue_id=catalogue.id, product_id=product_id
    ):
        raise NotFoundError("There is no suggestion to explain for this product.")
    key = (round_id, product_id)
    found = explanations.find_many(session, keys=[key]).get(key)
    if found is not None and found.region is not None:
        return AskedRegion(found.region, is_coming=False)
    open_jobs = jobs.list_open(session, catalogue_id=catalogue.id, kind=JobKind.EXPLAIN_PRODUCT)
    is_coming = any(job.arguments.get("product_id") == product_id for job in open_jobs)
    return AskedRegion(None, is_coming=is_coming)


def request_region(
    session: Session, *, catalogue: Catalogue, product_id: int, requested_by: int, now: datetime
) -> AskedRegion:
    """Return the region of a product's photo, or have a worker find it.

    Raises
    ------
    NotFoundError
        As of ``find_region``.
    """
    asked = find_region(session, catalogue=catalogue, product_id=product_id)
    if asked.region is not None or asked.is_coming:
        return asked
    job = jobs.add(
        session,
        kind=JobKind.EXPLAIN_PRODUCT,
        catalogue_id=catalogue.id,
        requested_by=requested_by,
        arguments={"product_id": product_id, "region": True},
        now=now,
    )
    return replace(asked, is_coming=True, new_job_id=job.id)
