"""Judges a finished round against the live one, and says in words what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.gate import NOT_PREDICTED, Judgement, judge
from ml.round_records import RoundOutcome, RoundSettings
from webapp.domain.retraining import Round
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.storage import predictions
from webapp.storage.database import Session

FIRST = "published: it is the first round"
# Held or not, the reason of a provisional figure ends so.
PROVISIONAL = "; provisional: sellers' categories stood in for missing labels"


@dataclass(frozen=True, slots=True)
class Gate:
    """What becomes of a round, why, and the figures behind it as they are stored."""

    is_passed: bool
    reason: str
    record: dict[str, Any]


def judge_round(
    session: Session,
    *,
    live: Round | None,
    taken: TakenSnapshot,
    outcome: RoundOutcome,
    settings: RoundSettings,
) -> Gate:
    """Compare a round that is not published yet with the live one.

    The live round counts as it stands in the table: what it said of a product then, or of one that
    came later, and what moderators were shown.
    """
    if live is None:
        return Gate(True, FIRST, {})
    snapshot = taken.snapshot
    rows, is_provisional = snapshot.evaluation_rows(settings.min_evaluation_labels)
    predicted = predictions.list_categories(
        session, round_id=live.id, product_ids=[taken.product_ids[row] for row in rows]
    )
    said = [predicted.get(taken.product_ids[row], NOT_PREDICTED) for row in rows]
    judgement = judge(
        snapshot.targets()[rows],
        np.array(snapshot.categories)[outcome.fused[rows].argmax(axis=1)],
        np.array(said, dtype=np.int64),
        snapshot.groups[rows],
        n_resamples=settings.n_resamples,
        seed=settings.seed,
    )
    record = {
        **judgement.as_dict(),
        "live_round": live.number,
        "is_provisional": is_provisional,
    }
    return Gate(judgement.is_passed, reason_of(judgement, live.number, is_provisional), record)


def reason_of(judgement: Judgement, live_number: int, is_provisional: bool) -> str:
    """Say why a round is published or held, in a sentence that a page can translate."""
    if judgement.rule == "nothing to compare":
        return (
            f"published: nothing to compare, because round {live_number} has predicted no "
            "evaluation product that has a category"
        )
    said = _held(judgement, live_number) if judgement.worse else _passed(judgement, live_number)
    return said + (PROVISIONAL if is_provisional else "")


def _passed(judgement: Judgement, live_number: int) -> str:
    accuracy, n = judgement.accuracy, judgement.n
    if judgement.rule == "sign test":
        return (
            f"published: not shown to be worse than round {live_number}, with only {n:,} "
            "evaluation products to compare on"
        )
    if not judgement.n_differ:
        return (
            f"published: not worse than round {live_number}: no prediction differs on the same "
            f"{n:,} evaluation products"
        )
    return (
        f"published: not worse than round {live_number} on the same {n:,} evaluation products "
        f"(accuracy {_points(accuracy.difference):+.1f} points, 95 % interval "
        f"{_points(accuracy.low):+.1f} to {_points(accuracy.high):+.1f})"
    )


def _held(judgement: Judgement, live_number: int) -> str:
    accuracy, ari, n = judgement.accuracy, judgement.ari, judgement.n
    if judgement.rule == "sign test":
        return (
            f"held: accuracy {-_points(accuracy.difference):.1f} points lower than round "
            f"{live_number} on the same {n:,} evaluation products, more than chance explains "
            f"(sign test, p = {judgement.p_value:.3f})"
        )
    products = f"round {live_number} on the same {n:,} evaluation products"
    points, ari_lower = f"{-_points(accuracy.difference):.1f}", f"{-_of(ari.difference):.3f}"
    in_points = f"{_points(accuracy.low):+.1f} to {_points(accuracy.high):+.1f}"
    in_ari = f"{_of(ari.low):+.3f} to {_of(ari.high):+.3f}"
    if judgement.worse == ("accuracy",):
        return f"held: accuracy {points} points lower than {products} (95 % interval {in_points})"
    if judgement.worse == ("ari",):
        return f"held: ARI {ari_lower} lower than {products} (95 % interval {in_ari})"
    return (
        f"held: accuracy {points} points (95 % interval {in_points}) and ARI {ari_lower} "
        f"({in_ari}) lower than {products}"
    )


def _points(share: float | None) -> float:
    return 100 * _of(share)


def _of(figure: float | None) -> float:
    return 0.0 if figure is None else figure
