"""Orders the front of a queue anew by the newest decisions, while people go on deciding.

It loads no network: what the products look like was computed before, and the model that learns
from the labels is one regression. The rest of the queue stays as the last whole order left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from webapp.domain.asking_order import Place, priority_of
from webapp.domain.catalogue import Catalogue
from webapp.domain.review import ProductState
from webapp.jobs import choosing_features
from webapp.jobs.asking_pool import read_columns
from webapp.jobs.choosing_features import KeptFeatures
from webapp.jobs.context import JobContext
from webapp.jobs.ordering import known_in, order, read_said_for
from webapp.jobs.requesting import request_evidence
from webapp.jobs.writing import holding
from webapp.services import explanations
from webapp.storage import catalogues, ordered_products, queue_order
from webapp.storage.database import Session
from webapp.storage.ordered_products import OrderedProduct

N_FRONT = 200  # more than is decided before the next order
# What the front is chosen from, learned from, and compared with: enough for the choice to be the
# same as among all, and few enough for a second of work at any size of the catalogue.
N_CANDIDATES = 2000
N_LABELS = 5000
N_OTHERS = 2000


def run(context: JobContext) -> dict[str, Any]:
    """Write the first places anew; a catalogue without features keeps the order that it has."""
    with context.database.read() as session:
        catalogue = catalogues.get_by_id(session, catalogue_id=context.job.catalogue_id or 0)
        kept = choosing_features.find(context.config, catalogue)
        if kept is None:
            return {"placed": 0}
        front = ordered_products.list_front(session, catalogue_id=catalogue.id, n=N_CANDIDATES)
        known = _known(session, catalogue, kept, front)
        columns = read_columns(session, catalogue)
        said = read_said_for(session, catalogue, catalogue.live_round_id, known, columns, kept)
        groups = {p.group_number for p in front if p.group_number is not None}
        taken = ordered_products.list_taken_groups(
            session, catalogue_id=catalogue.id, group_numbers=sorted(groups)
        )
    first = order(catalogue, front, known, set(), frozenset(taken), columns, kept, said, N_FRONT)
    places = first + _pushed_back(first, front)
    before = {product.id: product.place for product in front}
    moved = [place for place in places if before[place.product_id] != place]
    if moved:
        with holding(context) as session:
            queue_order.write(session, catalogue_id=catalogue.id, places=moved)
    request_evidence(context, catalogue, pause=explanations.PAUSE)
    return {"placed": len(moved)}


def _known(
    session: Session, catalogue: Catalogue, kept: KeptFeatures, front: Sequence[OrderedProduct]
) -> list[OrderedProduct]:
    """Return what the choice reads: the front, the newest labels, and some of all the others."""
    labelled = ordered_products.list_labelled(session, catalogue_id=catalogue.id, n=N_LABELS)
    rng = np.random.default_rng(catalogue.id)
    n_others = min(N_OTHERS, len(kept.product_ids))
    drawn = rng.choice(kept.product_ids, n_others, replace=False).tolist()
    others = ordered_products.list_some(session, product_ids=drawn)
    every = {product.id: product for product in (*others, *labelled, *front)}
    return known_in(list(every.values()), kept)


def _pushed_back(first: Sequence[Place], front: Sequence[OrderedProduct]) -> list[Place]:
    """Return new places, right behind the first ones, for those that stood there until now."""
    is_first = {place.product_id for place in first}
    former = [
        product.place
        for product in front
        if product.place is not None
        and product.place.priority >= priority_of(N_FRONT)
        and product.state is ProductState.OPEN
        and product.id not in is_first
    ]
    return [
        replace(place, priority=priority_of(N_FRONT + rank)) for rank, place in enumerate(former)
    ]
