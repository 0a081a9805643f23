"""Automatic acceptance: the rule of a round, whom it is checked on, and when it is broken."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.domain.catalogue_settings import CatalogueSettings

N_AUDITS = 300  # a precision fallen from 99 to 95 % is noticed in these with 97 % probability
_MOST_AUDITED = 0.5
AUDIT_TURN = 10  # one product in so many that are lent is an audit, while there are any
FALSE_ALARM = 0.05  # at most so often is a rule suspended that is as precise as promised
# How much worse than promised a broken rule may be: the test bets on each of these alike.
_TIMES_WORSE = (2, 3, 5, 8)
_MOST_WRONG = 0.9

TARGETS = (0.95, 0.98, 0.99, 0.995)
CONFIDENCES = (0.9, 0.95, 0.99)


class RuleState(StrEnum):
    """Whether a rule decides products now."""

    IN_FORCE = "in_force"
    REFUSED = "refused"  # the evidence does not suffice
    SUSPENDED = "suspended"  # audits have shown it to be broken
    ENDED = "ended"


class EndedBecause(StrEnum):
    """Why a rule has ended."""

    SETTINGS = "settings"  # an admin asks for something else now
    ROUND = "round"  # another round is live
    EVIDENCE = "evidence"  # more labels allow another look


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule rests on, as it was when it was certified.

    Parameters
    ----------
    finding
        The name of one of ``ml.acceptance.Finding``.
    n
        Groups of near-duplicates in the evaluation set with a label; ``n_labels`` counts products.
    n_accepted, n_errors
        Those above the threshold, and the wrong ones among them.
    lower_bound
        Of the precision, None without evidence.
    coverage
        The share of the ``n_candidates`` undecided products that it accepts.
    n_more
        How many more labels of the evaluation set are expected to be enough, None if none is.
    least
        How many groups without an error would have been enough.
    audit_share
        The part of what it accepts that is drawn for an audit.
    """

    finding: str
    n: int
    n_labels: int
    n_accepted: int
    n_errors: int
    lower_bound: float | None
    coverage: float
    n_candidates: int
    n_more: int | None
    least: int
    audit_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Audits:
    """What audits of a rule have found; those that are not decided yet are ``n_waiting``."""

    n: int
    n_errors: int
    n_waiting: int = 0


@dataclass(frozen=True, slots=True)
class AcceptanceRule:
    """What one round was allowed to decide by itself; ``category_id`` None means all categories.

    A rule is current until it has ended, also while it is refused or suspended.
    """

    id: int
    catalogue_id: int
    round_id: int
    round_number: int
    category_id: int | None
    target: float
    confidence: float
    threshold: float | None
    evidence: Evidence
    state: RuleState
    reason: str
    created_at: datetime
    ended_at: datetime | None

    def n_missing(self, n_labels: int) -> int | None:
        """Return how many labels are still expected to be missing, now that there are so many."""
        if self.evidence.n_more is None:
            return None
        return max(0, self.evidence.n_labels + self.evidence.n_more - n_labels)

    def serves(self, settings: CatalogueSettings, live_round_id: int | None) -> bool:
        """Tell whether it is what an admin asks for now, of the round that is live."""
        return (
            settings.accept_target is not None
            and self.round_id == live_round_id
            and math.isclose(self.target, settings.accept_target)
            and math.isclose(self.confidence, settings.accept_confidence)
        )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A product that a rule decided, as it stands."""

    id: int
    product_id: int
    rule_id: int
    category_id: int
    probability: float
    is_audited: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """What shall become of an undecided product: the rule that accepts it, or None."""

    product_id: int
    rule_id: int | None
    category_id: int
    probability: float
    is_audited: bool


@dataclass(frozen=True, slots=True)
class LabelledPrediction:
    """A labelled product of the evaluation set, and what a round says of it."""

    product_id: int
    category_id: int
    probability: float
    label_id: int
    group_number: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An undecided product outside the evaluation set, and what the live round says of it."""

    product_id: int
    category_id: int
    probability: float
    group_number: int | None
    standing_rule_id: int | None


def least_evidence(target: float, confidence: float) -> int:
    """Return how many labelled groups are needed if none of them is wrong, as ``ml`` says it.

    Examples
    --------
    >>> least_evidence(0.99, 0.95)
    299
    """
    return math.ceil(math.log(1 - confidence) / math.log(target))


def audit_share(n_accepted: int) -> float:
    """Return which part of the accepted products is drawn: ``N_AUDITS``, or half of a few.

    With fewer than twice ``N_AUDITS`` a breach is noticed less surely, and the rule saves work.

    Examples
    --------
    >>> audit_share(100), audit_share(3000)
    (0.5, 0.1)
    """
    return min(_MOST_AUDITED, N_AUDITS / n_accepted) if n_accepted else _MOST_AUDITED


def is_drawn(rule_id: int, product_id: int, share: float) -> bool:
    """Tell whether a product is audited: by chance, yet always the same for one rule."""
    return chance(rule_id, product_id) < share


def chance(rule_id: int, product_id: int) -> float:
    """Return a number from 0 to below 1 that looks random and never changes."""
    digest = hashlib.sha256(f"audit\x00{rule_id}\x00{product_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def is_broken(audits: Audits, target: float) -> bool:
    """Tell whether audits show that a rule is less precise than its target.

    A bet against the rule that grows only if it errs too often: were the target true, it would
    ever grow twentyfold with a probability of at most 1 in 20, however often one looks.

    References
    ----------
    Ville (1939), Etude critique de la notion de collectif. Ramdas, Gruenwald, Vovk, Shafer (2023),
    Game-Theoretic Statistics and Safe Anytime-Valid Inference.

    Examples
    --------
    >>> is_broken(Audits(60, 4), 0.99), is_broken(Audits(300, 3), 0.99)
    (True, False)
    """
    promised = 1 - target
    n_right = audits.n - audits.n_errors
    bets = [
        audits.n_errors * math.log(error / promised)
        + n_right * math.log((1 - error) / (1 - promised))
        for error in (min(promised * times, _MOST_WRONG) for times in _TIMES_WORSE)
    ]
    highest = max(bets)  # the mean of huge numbers, by their logarithms
    grown = highest + math.log(sum(math.exp(bet - highest) for bet in bets) / len(bets))
    return grown >= math.log(1 / FALSE_ALARM)


def decide(candidate: Candidate, rules: Mapping[int | None, AcceptanceRule]) -> Ruling:
    """Return what becomes of an undecided product.

    Parameters
    ----------
    rules
        Those in force, by the category that they are for; None is for all.
    """
    rule = rules.get(candidate.category_id) or rules.get(None)
    if rule is None or rule.threshold is None or candidate.probability < rule.threshold:
        return Ruling(
            candidate.product_id, None, candidate.category_id, candidate.probability, False
        )
    return Ruling(
        candidate.product_id,
        rule.id,
        candidate.category_id,
        candidate.probability,
        is_drawn(rule.id, candidate.product_id, rule.evidence.audit_share),
    )


def may_look_again(rule: AcceptanceRule, n_labels: int) -> bool:
    """Tell whether a refused rule may be tried again with the labels that there are now.

    Each look at the same round is one more chance to be wrong, so there is another one only after
    as many labels as it was said to take; without a promise, after half as many again.
    """
    seen = rule.evidence.n_labels
    if rule.evidence.n_more is None:
        return n_labels > 1.5 * seen
    return rule.n_missing(n_labels) == 0


def read_evidence(stored: Mapping[str, Any]) -> Evidence:
    """Read evidence as it is stored."""
    return Evidence(**stored)
