"""Lists the products whose recorded category looks wrong to a round."""

from __future__ import annotations

import numpy as np

from ml.contract import FloatArray
from ml.snapshots import NO_CATEGORY
from ml.suspects import find_suspects
from webapp.domain.suspects import MOST_LISTED, Suspect
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.jobs.context import JobContext
from webapp.jobs.writing import write_in_pieces
from webapp.storage import suspects


def store_suspects(
    context: JobContext, taken: TakenSnapshot, fused: FloatArray, round_id: int
) -> None:
    """Store the suspects of a round that no page shows yet.

    The evaluation set is left out: to correct only those of its labels with which the model
    disagrees would flatter the model. What is flagged was taken out on purpose.

    Parameters
    ----------
    fused : ndarray of shape (n_products, n_categories)
        Out of fold for the products that the round has learned from.
    """
    context.report("suspects", 0, 1)
    snapshot = taken.snapshot
    with context.database.read() as session:
        flagged = suspects.list_flagged(session, catalogue_id=context.job.catalogue_id or 0)
    is_flagged = np.isin(np.array(taken.product_ids, dtype=np.int64), list(flagged))
    found = find_suspects(
        fused,
        snapshot.columns_of(snapshot.targets()),
        is_listed=~snapshot.is_evaluation & ~is_flagged,
        n_most=MOST_LISTED,
    )
    is_label = snapshot.labels != NO_CATEGORY
    listed = [
        Suspect(
            product_id=taken.product_ids[each.row],
            rank=rank,
            is_label=bool(is_label[each.row]),
            recorded_category_id=snapshot.categories[each.recorded],
            proposed_category_id=snapshot.categories[each.proposed],
            recorded_probability=each.recorded_probability,
            proposed_probability=each.proposed_probability,
            score=each.score,
        )
        for rank, each in enumerate(found, start=1)
    ]
    write_in_pieces(
        context,
        "suspects",
        listed,
        lambda session, piece: suspects.add_many(session, round_id=round_id, listed=piece),
    )
