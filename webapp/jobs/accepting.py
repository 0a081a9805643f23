"""Certifies what the live round may decide by itself, and lets its rules decide just that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ml.acceptance import Certificate, certify, certify_each, least_evidence
from ml.contract import IntArray
from webapp.domain.acceptance import (
    AcceptanceRule,
    Candidate,
    EndedBecause,
    Evidence,
    LabelledPrediction,
    RuleState,
    Ruling,
    audit_share,
    decide,
    may_look_again,
)
from webapp.domain.catalogue import Catalogue
from webapp.domain.retraining import Round
from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.jobs.writing import holding, write_in_pieces
from webapp.storage import acceptance, acceptance_writes, catalogues
from webapp.storage.database import Session

_NOTHING = 0  # the category of a ruling that only ends an acceptance is not written


def apply(context: JobContext, catalogue: Catalogue, live: Round | None) -> int:
    """Bring rules, and what they decide, to where the settings and the live round want them.

    Repeating it changes nothing, so it goes on where a process was killed.

    Returns
    -------
    int
        How many products were accepted, or went back.
    """
    with context.database.read() as session:
        current = acceptance.list_current(session, catalogue_id=catalogue.id)
        if catalogue.settings.accept_target is None and not current:
            return 0
        n_labels, _ = acceptance.count_evaluation(session, catalogue_id=catalogue.id)
        candidates: list[Candidate] = []
        labelled: list[LabelledPrediction] = []
        if live is not None and catalogue.settings.accept_target is not None:
            context.report("accept", 0, 1)
            candidates = list(
                acceptance.iterate_candidates(session, catalogue_id=catalogue.id, round_id=live.id)
            )
            labelled = acceptance.list_evidence(
                session, catalogue_id=catalogue.id, round_id=live.id
            )
    if not _serve(current, catalogue, live, n_labels):
        certificates = _certify(catalogue, labelled, candidates)
        with holding(context) as session:
            _replace_rules(session, catalogue, live, n_labels, _count(candidates), certificates)
    with context.database.read() as session:
        rules = {
            rule.category_id: rule
            for rule in acceptance.list_current(session, catalogue_id=catalogue.id)
            if rule.state is RuleState.IN_FORCE
        }
        stale = acceptance.list_stale(session, catalogue_id=catalogue.id)
    rulings = _changes(candidates, rules, stale)
    write_in_pieces(
        context,
        "accept",
        rulings,
        lambda session, piece: acceptance_writes.write(session, rulings=piece, now=utc_now()),
    )
    return len(rulings)


def _serve(
    current: Sequence[AcceptanceRule], catalogue: Catalogue, live: Round | None, n_labels: int
) -> bool:
    """Tell whether the rules are what is wanted, and there is no reason to look at them again."""
    if catalogue.settings.accept_target is None or live is None:
        return not current
    return bool(current) and all(
        rule.serves(catalogue.settings, live.id)
        and (rule.category_id is not None) == catalogue.settings.is_accepted_per_category
        and not (rule.state is RuleState.REFUSED and may_look_again(rule, n_labels))
        for rule in current
    )


def _certify(
    catalogue: Catalogue, labelled: Sequence[LabelledPrediction], candidates: Sequence[Candidate]
) -> dict[int | None, Certificate]:
    """Return the certificates that the settings ask for, by category; None is all of them."""
    target = catalogue.settings.accept_target
    if target is None:
        return {}
    scores = np.array([each.probability for each in labelled], dtype=np.float64)
    is_right = np.array([each.category_id == each.label_id for each in labelled], dtype=np.bool_)
    waiting = np.array([each.probability for each in candidates], dtype=np.float64)
    groups = _groups(labelled)
    confidence = catalogue.settings.accept_confidence
    n_groups = len(np.unique(_groups(candidates)))
    labels_per_group = len(candidates) / n_groups if n_groups else 1.0
    if not catalogue.settings.is_accepted_per_category:
        found = certify(
            scores,
            is_right,
            groups,
            waiting,
            target=target,
            confidence=confidence,
            labels_per_group=labels_per_group,
        )
        return {None: found}
    each = certify_each(
        scores,
        np.array([each.category_id for each in labelled], dtype=np.int64),
        is_right,
        groups,
        waiting,
        np.array([each.category_id for each in candidates], dtype=np.int64),
        target=target,
        confidence=confidence,
        labels_per_group=labels_per_group,
    )
    return dict(each.items())


def _count(candidates: Sequence[Candidate]) -> Counter[int | None]:
    """Return how many products a rule of each category may accept, and under None one of all."""
    counts: Counter[int | None] = Counter(each.category_id for each in candidates)
    counts[None] = len(candidates)
    return counts


def _groups(products: Sequence[LabelledPrediction | Candidate]) -> IntArray:
    """Return the group of each product; one that has none is alone."""
    return np.array(
        [
            -1 - at if product.group_number is None else product.group_number
            for at, product in enumerate(products)
        ],
        dtype=np.int64,
    )


def _replace_rules(
    session: Session,
    catalogue: Catalogue,
    live: Round | None,
    n_labels: int,
    n_candidates: Counter[int | None],
    certificates: dict[int | None, Certificate],
) -> None:
    """End the rules that are there and add those that were certified, unless somebody has."""
    catalogues.lock(session, catalogue_id=catalogue.id)
    current = acceptance.list_current(session, catalogue_id=catalogue.id)
    if _serve(current, catalogue, live, n_labels):
        return
    now, settings = utc_now(), catalogue.settings
    for rule in current:
        acceptance.end_rule(session, rule=rule, because=_why_ended(rule, catalogue, live), now=now)
    if live is None or settings.accept_target is None:
        return
    risk = (1 - settings.accept_confidence) / max(len(certificates), 1)
    broken = {
        rule.category_id: rule.reason
        for rule in acceptance.list_suspended(session, round_id=live.id)
        if rule.serves(settings, live.id)
    }
    for category_id, certificate in certificates.items():
        n_accepted = round(certificate.coverage * n_candidates[category_id])
        acceptance.add_rule(
            session,
            catalogue_id=catalogue.id,
            round_id=live.id,
            category_id=category_id,
            target=settings.accept_target,
            confidence=settings.accept_confidence,
            threshold=certificate.threshold,
            evidence=Evidence(
                finding=certificate.finding.value,
                n=certificate.n,
                n_labels=n_labels,
                n_accepted=certificate.n_accepted,
                n_errors=certificate.n_errors,
                lower_bound=certificate.lower_bound,
                coverage=certificate.coverage,
                n_candidates=n_candidates[category_id],
                n_more=certificate.n_more,
                least=least_evidence(settings.accept_target, 1 - risk),
                audit_share=audit_share(n_accepted),
            ),
            suspended_because=broken.get(category_id),
            now=now,
        )


def _why_ended(rule: AcceptanceRule, catalogue: Catalogue, live: Round | None) -> EndedBecause:
    if live is None or rule.round_id != live.id:
        return EndedBecause.ROUND
    if rule.serves(catalogue.settings, live.id):
        return EndedBecause.EVIDENCE
    return EndedBecause.SETTINGS


def _changes(
    candidates: Sequence[Candidate],
    rules: dict[int | None, AcceptanceRule],
    stale: Sequence[int],
) -> list[Ruling]:
    """Return the rulings that differ from what stands, and the ends of those that stand wrongly."""
    rulings = [decide(candidate, rules) for candidate in candidates]
    changed = [
        ruling
        for ruling, candidate in zip(rulings, candidates, strict=True)
        if ruling.rule_id != candidate.standing_rule_id
    ]
    known = {ruling.product_id for ruling in changed}
    return changed + [
        Ruling(product_id, None, _NOTHING, 0.0, False)
        for product_id in stale
        if product_id not in known
    ]
