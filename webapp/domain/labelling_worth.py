"""What labelling has brought so far, and what is left to do: the estimates of a round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.figures import Figure, read_figure
from webapp.domain.review import AskedBecause

# Reasons for which chance, and no rule, chose the product.
AT_RANDOM = frozenset({AskedBecause.EVALUATION, AskedBecause.RANDOM})
# Reasons for which a rule asked what it took to be doubtful.
BY_RULE = frozenset(
    {
        AskedBecause.UNCERTAIN,
        AskedBecause.CONFLICT,
        AskedBecause.SUSPECT,
        AskedBecause.TYPICAL,
    }
)


@dataclass(frozen=True, slots=True)
class LabelDecision:
    """The decision behind a label; whether it was a correction is None where nothing was shown."""

    product_id: int
    asked_because: AskedBecause
    is_correction: bool | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How good the cheap model is that learned from the first labels alone."""

    n_labels: int
    ari: Figure
    accuracy: Figure | None


@dataclass(frozen=True, slots=True)
class Gain:
    """How much higher the ARI is with the last decisions than without; n are products.

    ``n_differ`` counts predictions that differ; None in rounds that did not count them.
    """

    n_last: int
    ari: Figure
    n_differ: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether more decisions are likely to change little; only people stop."""

    stop: bool
    n_corrections: int
    n_decisions: int


@dataclass(frozen=True, slots=True)
class LabellingWorth:
    """The estimates of one round.

    Parameters
    ----------
    right
        The share of the whole catalogue whose final category is right.
    weighted_accuracy
        The model's accuracy on the whole catalogue, from all labels by importance weights.
    n_left, n_left_at_most
        Decisions until the target share is right: by the estimate, and by its lower end.
    curve, random_curve
        The cheap model after more and more labels: all of them, and those drawn at random.
    """

    right: Figure | None
    weighted_accuracy: Figure | None
    target: float
    n_left: int | None
    n_left_at_most: int | None
    curve: tuple[CurvePoint, ...]
    random_curve: tuple[CurvePoint, ...]
    gain: Gain | None
    advice: Advice | None


def read_worth(stored: Mapping[str, Any]) -> LabellingWorth | None:
    """Read what a round has stored; None for a round of before estimates were made."""
    if "right" not in stored:
        return None
    left = stored.get("left") or {}
    gain, advice = stored.get("gain"), stored.get("advice")
    gained = read_figure(gain, "ari") if gain else None
    return LabellingWorth(
        right=read_figure(stored, "right"),
        weighted_accuracy=read_figure(stored, "weighted_accuracy"),
        target=left.get("target", 0.99),
        n_left=left.get("n"),
        n_left_at_most=left.get("n_at_most"),
        curve=_curve(stored.get("curve", ())),
        random_curve=_curve(stored.get("random_curve", ())),
        gain=Gain(gain["n_last"], gained, gain.get("n_differ")) if gain and gained else None,
        advice=Advice(advice["stop"], advice["n_corrections"], advice["n_decisions"])
        if advice
        else None,
    )


def _curve(points: Any) -> tuple[CurvePoint, ...]:
    found = []
    for point in points:
        ari = read_figure(point, "ari")
        if ari is not None:
            found.append(CurvePoint(point["n_labels"], ari, read_figure(point, "accuracy")))
    return tuple(found)
