"""Puts the undecided products of a catalogue in the order in which its settings want them asked."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from ml.choosing.recipe import PER_CATEGORY, Stage, stage_of
from ml.contract import FloatArray, IntArray
from ml.sampling.pool import Pool
from ml.sampling.table import missing, resolve
from webapp.domain.asking_order import (
    EXACT_PLACES,
    Lane,
    Place,
    Waiting,
    arrange,
    drawn,
    fraction_of,
    is_moved,
)
from webapp.domain.catalogue import Catalogue
from webapp.domain.catalogue_settings import Strategy
from webapp.domain.review import AskedBecause
from webapp.jobs import choosing_features
from webapp.jobs.asking_pool import Columns, make_pool, read_columns, read_said
from webapp.jobs.choosing_features import KeptFeatures
from webapp.jobs.context import JobContext
from webapp.jobs.writing import write_in_pieces
from webapp.storage import ordered_products, queue_order
from webapp.storage.database import Session
from webapp.storage.ordered_products import OrderedProduct

# The sampler of each strategy, and what stands in for it while a catalogue lacks what it reads.
SAMPLERS = {
    Strategy.RECOMMENDED: ("default", "margin"),
    Strategy.UNCERTAIN: ("diverse_margin", "margin", "default"),
    Strategy.CONFLICT: ("disagreement", "default"),
    Strategy.SUSPECT: ("suspect", "default"),
    Strategy.TYPICAL: ("typical",),
}
_PLACES_AT_ONCE = 4000
_REASONS = {
    "diverse_margin": AskedBecause.UNCERTAIN,
    "margin": AskedBecause.UNCERTAIN,
    "disagreement": AskedBecause.CONFLICT,
    "suspect": AskedBecause.SUSPECT,
    "typical": AskedBecause.TYPICAL,
}
_REASONS_OF_STAGES = {
    Stage.TYPICAL: AskedBecause.TYPICAL,
    Stage.MARGIN: AskedBecause.UNCERTAIN,
    Stage.SUSPECT: AskedBecause.SUSPECT,
}


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no cycles meanwhile: among millions of records that takes as long as making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collecting()
def reorder(context: JobContext, catalogue: Catalogue, round_id: int | None) -> None:
    """Rebuild the whole queue of a catalogue; repeating it changes nothing.

    Only places that changed are written. A product that came after the features were computed
    waits behind those that have some.
    """
    kept = choosing_features.find(context.config, catalogue)
    with context.database.read() as session:
        products = list(ordered_products.iterate_all(session, catalogue_id=catalogue.id))
        skipped = ordered_products.list_skipped(session, catalogue_id=catalogue.id)
        known = known_in(products, kept)
        columns = read_columns(session, catalogue)
        said = read_said_for(session, catalogue, round_id, known, columns, kept)
    taken = frozenset(
        product.group_number
        for product in products
        if product.group_number is not None and (not product.is_asked or product.is_lent)
    )
    places = order(catalogue, products, known, skipped, taken, columns, kept, said)
    before = {product.id: product.place for product in products}
    moved = [
        place
        for place in places
        if (was := before[place.product_id]) is None or is_moved(was, place)
    ]
    # The front first. What waits behind it is written by id: neighbours lie on the same page of the
    # table, and four thousand of them hold the lock no longer than a thousand that lie anywhere.
    front, behind = moved[:EXACT_PLACES], moved[EXACT_PLACES:]
    write_in_pieces(
        context,
        "order",
        [*front, *sorted(behind, key=lambda place: place.product_id)],
        lambda session, piece: queue_order.write(session, catalogue_id=catalogue.id, places=piece),
        at_once=_PLACES_AT_ONCE,
    )


def known_in(products: Sequence[OrderedProduct], kept: KeptFeatures | None) -> list[OrderedProduct]:
    """Return the products that samplers can be told of: all, where there are no features."""
    if kept is None:
        return list(products)
    rows = kept.rows_of(np.array([product.id for product in products], dtype=np.int64))
    return [product for product, row in zip(products, rows.tolist(), strict=True) if row >= 0]


def read_said_for(
    session: Session,
    catalogue: Catalogue,
    round_id: int | None,
    known: Sequence[OrderedProduct],
    columns: Columns,
    kept: KeptFeatures | None,
) -> dict[str, FloatArray]:
    """Return what a round says of products where a strategy of the catalogue reads it."""
    shares = catalogue.settings.shares
    reads = {Strategy.UNCERTAIN, Strategy.CONFLICT, Strategy.SUSPECT}
    if kept is None:
        reads.add(Strategy.RECOMMENDED)
    if round_id is None or not any(shares.get(strategy) for strategy in reads):
        return {}
    return read_said(session, round_id, known, columns)


def order(
    catalogue: Catalogue,
    products: Sequence[OrderedProduct],
    known: Sequence[OrderedProduct],
    skipped: set[int],
    taken_groups: frozenset[int],
    columns: Columns,
    kept: KeptFeatures | None,
    said: Mapping[str, FloatArray],
    n: int | None = None,
) -> list[Place]:
    """Return the places of the undecided among some products, at most ``n`` of them.

    Parameters
    ----------
    known
        Those of the products that have features, decided ones included.
    taken_groups
        Near-duplicates of what is decided, or on a desk.
    """
    asked = [product for product in products if product.is_asked]
    fresh = [
        product.id for product in asked if not product.is_evaluation and product.id not in skipped
    ]
    share = catalogue.settings.shares.get(Strategy.RANDOM, 0) / 100
    by_chance, others = drawn(fresh, share)
    free = set(others)
    pool = make_pool(known, [product.id in free for product in known], columns, kept, said)
    ids = np.array([product.id for product in known], dtype=np.int64)
    lanes = [
        lane
        for strategy in SAMPLERS
        if (percent := catalogue.settings.shares.get(strategy, 0))
        and (lane := _lane(strategy, percent, pool, ids, catalogue.id)) is not None
    ]
    in_lanes = {product.id for product in known} if lanes else set()
    left = sorted((product for product in others if product not in in_lanes), key=fraction_of)
    if not lanes:  # nothing is known that an order could follow
        by_chance, left = sorted(fresh, key=fraction_of), []
    lanes.append(Lane(100 * share or 100, by_chance, AskedBecause.RANDOM, is_by_chance=True))
    return arrange(
        lanes,
        Waiting(
            evaluation=_by_chance(asked, lambda p: p.is_evaluation and p.id not in skipped),
            unknown=left,
            skipped=_by_chance(asked, lambda p: p.id in skipped),
            evaluates=frozenset(product.id for product in asked if product.is_evaluation),
            group_of={p.id: p.group_number for p in asked if p.group_number is not None},
            decided_groups=taken_groups,
        ),
        evaluation_share=catalogue.evaluation_share,
        n=n,
    )


def _by_chance(
    products: Sequence[OrderedProduct], is_meant: Callable[[OrderedProduct], bool]
) -> list[int]:
    return sorted((product.id for product in products if is_meant(product)), key=fraction_of)


def _lane(strategy: Strategy, percent: int, pool: Pool, ids: IntArray, seed: int) -> Lane | None:
    """Return the lane of a strategy, or None where nothing that it could go by is known."""
    name = next((name for name in SAMPLERS[strategy] if not missing(name, pool)), None)
    if name is None:
        return None
    rng = np.random.default_rng(seed)
    rows = resolve(name)(pool, len(pool), rng)
    if name != "default":
        return Lane(percent, ids[rows].tolist(), _REASONS[name])
    stage = stage_of(pool)
    if stage is Stage.TYPICAL:  # the recipe plans a few, and leaves the rest to chance
        planned = rows[: PER_CATEGORY * pool.n_categories]
        rest = resolve("typical")(pool, len(pool), rng)
        rows = np.concatenate([planned, rest[~np.isin(rest, planned)]])
    return Lane(percent, ids[rows].tolist(), _REASONS_OF_STAGES[stage])
