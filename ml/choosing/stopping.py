"""Advice on when more decisions stop paying; people decide, nothing stops by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# On the study's sample this ended every run at 10 % and 20 % of wrong sources with more than 99 %
# of the catalogue right (ADR 0016).
LOOKED_AT = 30  # newest decisions
AT_MOST_CORRECTIONS = 1  # among them
AT_MOST_CHANGED = 0.01  # the share of products that a round may file elsewhere than the last one


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether to stop, and why.

    Parameters
    ----------
    stop
        Whether more decisions are likely to change little.
    reason
        One sentence or more, with the numbers.
    n_corrections, n_decisions
        Corrections among the newest decisions, and how many of those were looked at.
    """

    stop: bool
    reason: str
    n_corrections: int
    n_decisions: int


def advise(
    corrections: Sequence[bool],
    *,
    share_changed: float | None = None,
    gain: tuple[float, float] | None = None,
) -> Advice:
    """Say whether to go on asking, from what the newest decisions and rounds have changed.

    Decisions have to come in an order that asks the doubtful ones first: where those are right,
    the others are too. Random ones say how much is right, and nothing about when to stop.

    Parameters
    ----------
    corrections
        Of each decision so far, the newest last: whether it differed from the category that the
        catalogue would have given the product without it. At least the newest ``LOOKED_AT``.
    share_changed
        The part of the products without a label that the newest round files elsewhere than the
        round before; None where there are not two rounds.
    gain
        The 95 % interval of what the newest round gained in accuracy on the one before; a curve
        is not flat where all of it is above 0. None where there are not two rounds.
    """
    newest = list(corrections[-LOOKED_AT:])
    n_corrections, n_decisions = sum(newest), len(newest)

    def advice(stop: bool, reason: str) -> Advice:
        return Advice(stop, reason, n_corrections, n_decisions)

    if n_decisions < LOOKED_AT:
        return advice(
            False, f"Only {n_decisions} decisions so far; advice needs {LOOKED_AT} in a row."
        )
    said = f"{n_corrections} of the last {n_decisions} decisions corrected the catalogue"
    if n_corrections > AT_MOST_CORRECTIONS:
        return advice(False, f"{said}: going on pays (at most {AT_MOST_CORRECTIONS} would not).")
    if share_changed is not None and share_changed > AT_MOST_CHANGED:
        return advice(
            False,
            f"{said}, but the newest round files {share_changed:.1%} of the products elsewhere: "
            "its predictions have not settled.",
        )
    if gain is not None and gain[0] > 0:
        return advice(
            False,
            f"{said}, but the newest round is still better than the one before, by "
            f"{100 * gain[0]:.1f} to {100 * gain[1]:.1f} points of accuracy.",
        )
    return advice(True, f"{said}: more decisions are likely to change little.")
