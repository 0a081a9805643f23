"""Looks at the products that came since the last round, and orders the queue.

The live round predicts them. Before the first round, what they look like is enough for an order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.rounds import load_model
from webapp.domain.catalogue import Catalogue
from webapp.domain.retraining import Round
from webapp.jobs import accepting, choosing_features
from webapp.jobs.batches import model_dir, pipeline_settings
from webapp.jobs.catalogue_snapshot import TakenSnapshot, take_snapshot
from webapp.jobs.context import JobContext
from webapp.jobs.ordering import reorder
from webapp.jobs.ranking import rank_predictions
from webapp.jobs.requesting import request_evidence
from webapp.jobs.writing import write_in_pieces
from webapp.storage import catalogues, prediction_writes, rounds


def run(context: JobContext) -> dict[str, Any]:
    """Predict what is missing and rebuild the queue; again, where live round or settings changed.

    Another worker may do the same by the newer settings at this moment: whoever ends last has
    looked at them once more.
    """
    n_predicted = 0
    while True:
        catalogue, live, n_missing = _look(context)
        taken = None
        if not choosing_features.knows_all(context, catalogue):
            taken = take_snapshot(context, catalogue)  # draws the new products' sides too
            choosing_features.compute(context, catalogue, taken)
        if live is not None and n_missing:
            taken = taken or take_snapshot(context, catalogue)
            n_predicted += _predict_missing(context, catalogue, live, taken)
        accepting.apply(context, catalogue, live)
        reorder(context, catalogue, live.id if live else None)
        if _look(context)[0] == catalogue:
            request_evidence(context, catalogue)
            return {"predicted": n_predicted}


def _look(context: JobContext) -> tuple[Catalogue, Round | None, int]:
    with context.database.read() as session:
        catalogue = catalogues.get_by_id(session, catalogue_id=context.job.catalogue_id or 0)
        live = rounds.find_live(session, catalogue_id=catalogue.id)
        n_missing = 0
        if live is not None:
            n_missing = prediction_writes.count_missing(
                session, catalogue_id=catalogue.id, round_id=live.id
            )
    return catalogue, live, n_missing


def _predict_missing(
    context: JobContext, catalogue: Catalogue, live: Round, taken: TakenSnapshot
) -> int:
    with context.database.read() as session:
        predicted = prediction_writes.list_predicted(session, round_id=live.id)
    rows = np.array(
        [row for row, product in enumerate(taken.product_ids) if product not in predicted],
        dtype=np.int64,
    )
    context.report("load", 0, 1)
    directory = model_dir(context.config, catalogue_id=catalogue.id, job_id=live.job_id)
    model = load_model(directory, pipeline_settings(context.config))
    said = model.predict(
        taken.snapshot.batch.take(rows),
        lambda done, total: context.report("predict", done, total),
    )
    ids = [taken.product_ids[row] for row in rows.tolist()]
    found = list(
        rank_predictions(live.id, ids, model.categories, said.fused, said.text, said.image)
    )
    write_in_pieces(
        context,
        "store",
        found,
        lambda session, piece: prediction_writes.add_many(session, predictions=piece),
    )
    return len(found)
