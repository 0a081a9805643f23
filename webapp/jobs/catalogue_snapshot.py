"""Reads a catalogue for training: its products, its near-duplicates, its evaluation set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contract import BoolArray, IntArray
from ml.duplicates import group_near_duplicates
from ml.snapshots import NO_CATEGORY, Snapshot
from ml.splits import EVALUATION, NOT_DRAWN, TRAINING, draw_evaluation
from webapp.domain.catalogue import Catalogue
from webapp.domain.retraining import SnapshotProduct, Split
from webapp.jobs.batches import batch_of
from webapp.jobs.context import JobContext
from webapp.jobs.writing import write_in_pieces
from webapp.storage import snapshots

_SIDE = {None: NOT_DRAWN, False: TRAINING, True: EVALUATION}


@dataclass(frozen=True, slots=True)
class TakenSnapshot:
    """What a round reads, and the ids of the products in the order of its rows."""

    snapshot: Snapshot
    product_ids: tuple[int, ...]
    last_annotation_id: int | None


def take_snapshot(context: JobContext, catalogue: Catalogue) -> TakenSnapshot:
    """Read the catalogue, draw new products into the evaluation set or out, and store that."""
    context.report("read", 0, 1)
    with context.database.read() as session:
        taken = snapshots.read(session, catalogue_id=catalogue.id)
    batch = batch_of(taken.products, context.config.images_dir)
    context.report("group", 0, 1)
    groups = group_near_duplicates(
        batch.texts(),
        batch.image_hashes,
        on_progress=lambda done, total: context.report("group", done, total),
    )
    is_evaluation = draw_evaluation(
        batch.ids,
        groups,
        np.array([_SIDE[product.is_evaluation] for product in taken.products], dtype=np.int64),
        share=catalogue.evaluation_share,
        salt=catalogue.slug,
    )
    write_in_pieces(
        context,
        "split",
        _changed(taken.products, is_evaluation, groups),
        lambda session, piece: snapshots.write_splits(session, splits=piece),
    )
    return TakenSnapshot(
        snapshot=Snapshot(
            batch=batch,
            categories=taken.categories,
            labels=_ids([product.label_category_id for product in taken.products]),
            source_categories=_ids([product.source_category_id for product in taken.products]),
            is_evaluation=is_evaluation,
            groups=groups,
        ),
        product_ids=tuple(product.id for product in taken.products),
        last_annotation_id=taken.last_annotation_id,
    )


def _ids(categories: list[int | None]) -> IntArray:
    known = [NO_CATEGORY if category is None else category for category in categories]
    return np.array(known, dtype=np.int64)


def _changed(
    products: tuple[SnapshotProduct, ...], is_evaluation: BoolArray, groups: IntArray
) -> list[Split]:
    sizes = np.bincount(groups).tolist()
    numbers = [group if sizes[group] > 1 else None for group in groups.tolist()]
    return [
        Split(product.id, side, number)
        for product, side, number in zip(products, is_evaluation.tolist(), numbers, strict=True)
        if (product.is_evaluation, product.group_number) != (side, number)
    ]
