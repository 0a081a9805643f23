"""Estimates what labelling has brought, within a round: what is right, gained and left to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from ml.bootstrap import Interval
from ml.choosing.stopping import advise
from ml.contract import BoolArray, FloatArray, IntArray
from ml.estimates.curve import CurvePoint, Decided, gain, learning_curve, share_changed
from ml.estimates.shares import decisions_left, share_right, weighted_accuracy
from ml.snapshots import NO_CATEGORY
from webapp.domain.catalogue import Catalogue
from webapp.domain.labelling_worth import AT_RANDOM, BY_RULE, LabelDecision
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.jobs.context import JobContext
from webapp.storage import labelling_history

TARGET = 0.99  # of the catalogue right: what "decisions left" leads to
N_LAST = 100  # decisions whose gain is told


def estimate(
    context: JobContext,
    catalogue: Catalogue,
    taken: TakenSnapshot,
    fused: FloatArray,
    features: FloatArray,
    *,
    min_evaluation_labels: int,
) -> dict[str, Any]:
    """Return the estimates of a round as they are stored (``webapp.domain.labelling_worth``).

    Parameters
    ----------
    fused : ndarray of shape (n_products, n_categories)
        Probabilities of models that have not seen the product, in the order of the snapshot.
    features : ndarray of shape (n_products, n_features)
        What the cheap model sees, smoothed.
    """
    with context.database.read() as session:
        decisions = labelling_history.list_decisions(
            session, catalogue_id=catalogue.id, last_annotation_id=taken.last_annotation_id
        )
        drawn = labelling_history.list_drawn(
            session,
            catalogue_id=catalogue.id,
            reasons=AT_RANDOM,
            last_annotation_id=taken.last_annotation_id,
        )
        before = (
            {}
            if catalogue.live_round_id is None
            else labelling_history.list_predicted_categories(
                session, round_id=catalogue.live_round_id
            )
        )
    snapshot = taken.snapshot
    columns = snapshot.columns_of(snapshot.labels)
    is_known = snapshot.labels != NO_CATEGORY
    is_random = _drawn_at_random(taken, drawn)
    predicted, confidences = fused.argmax(axis=1), fused.max(axis=1)
    is_right = predicted == columns
    right = share_right(confidences, is_right, is_known, is_random, snapshot.groups)
    weighted = weighted_accuracy(confidences, is_right, is_known, is_random, snapshot.groups)
    enough = int((is_known & snapshot.is_evaluation).sum()) >= min_evaluation_labels
    changed = share_changed(
        _previous(taken, before, ~is_known), np.array(snapshot.categories)[predicted]
    )
    brought = _brought(taken, decisions, columns, features) if enough else {}
    gained = brought.get("gain")
    corrections = [
        decision.is_correction
        for decision in decisions
        if decision.asked_because in BY_RULE and decision.is_correction is not None
    ]
    return {
        "right": right.as_dict(),
        "weighted_accuracy": weighted.as_dict(),
        "left": _left(right, confidences[~is_known], len(is_known)),
        "share_changed": changed,
        "advice": asdict(
            advise(
                corrections,
                share_changed=changed,
                gain=None
                if gained is None
                else (gained["accuracy"]["low"], gained["accuracy"]["high"]),
            )
        ),
        **brought,
    }


def _drawn_at_random(taken: TakenSnapshot, drawn: set[int]) -> BoolArray:
    picked = np.array([product in drawn for product in taken.product_ids], dtype=np.bool_)
    return taken.snapshot.is_evaluation | picked


def _previous(taken: TakenSnapshot, before: dict[int, int], is_open: BoolArray) -> IntArray:
    """Return what the live round gave each undecided product, -1 for all others."""
    said = np.array([before.get(product, -1) for product in taken.product_ids], dtype=np.int64)
    return np.where(is_open, said, -1)


def _left(right: Interval, confidences: FloatArray, n_products: int) -> dict[str, Any]:
    """Return how many decisions lead to the target: by the estimate, and at worst."""
    if right.value is None or right.low is None:
        return {"target": TARGET, "n": None, "n_at_most": None}
    allowed = (1 - TARGET) * n_products
    n, n_at_most = (
        decisions_left(confidences, (1 - share) * n_products, allowed)
        for share in (right.value, right.low)
    )
    return {"target": TARGET, "n": n, "n_at_most": n_at_most}


def _brought(
    taken: TakenSnapshot,
    decisions: Iterable[LabelDecision],
    columns: IntArray,
    features: FloatArray,
) -> dict[str, Any]:
    """Return what the labels outside the evaluation set have brought, in the order they came."""
    snapshot = taken.snapshot
    row_of = {product: row for row, product in enumerate(taken.product_ids)}
    trains = [
        (row, decision.asked_because in AT_RANDOM)
        for decision in decisions
        if (row := row_of.get(decision.product_id)) is not None
        and not snapshot.is_evaluation[row]
        and columns[row] >= 0
    ]
    evaluation = np.flatnonzero(snapshot.is_evaluation & (columns >= 0))

    def decided(rows: list[int]) -> Decided:
        at = np.array(rows, dtype=np.int64)
        return Decided(
            features,
            at,
            columns[at],
            evaluation,
            columns[evaluation],
            snapshot.groups,
            len(snapshot.categories),
        )

    everything = decided([row for row, _ in trains])
    at_random = decided([row for row, is_random in trains if is_random])
    gained = gain(everything, N_LAST)
    return {
        "curve": _points(learning_curve(everything)),
        "random_curve": _points(learning_curve(at_random)),
        "gain": None if gained is None else {"n_last": N_LAST} | gained.as_dict(),
    }


def _points(curve: Iterable[CurvePoint]) -> list[dict[str, Any]]:
    return [
        {"n_labels": each.n_labels, "ari": each.ari.as_dict(), "accuracy": each.accuracy.as_dict()}
        for each in curve
    ]
