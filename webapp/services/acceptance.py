"""What an admin does with automatic acceptance: ask for it, look at it; and what audits do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.domain.acceptance import AcceptanceRule, Audits, RuleState, is_broken
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.jobs import Job, JobKind
from webapp.services import retraining
from webapp.storage import acceptance, catalogues, jobs
from webapp.storage.database import Session

N_PAST = 20


@dataclass(frozen=True, slots=True)
class AcceptanceView:
    """All that the page shows; ``is_working`` while a job still applies what was asked for.

    Parameters
    ----------
    n_labels, n_open
        Labels of the evaluation set that count as evidence, and its products that are undecided.
    audits, n_standing
        By the id of a rule: how its audits went, and how many products it decides now.
    """

    rules: tuple[AcceptanceRule, ...]
    past: tuple[AcceptanceRule, ...]
    audits: Mapping[int, Audits]
    n_standing: Mapping[int, int]
    n_labels: int
    n_open: int
    is_working: bool


def look(session: Session, *, catalogue: Catalogue) -> AcceptanceView:
    """Return the rules of a catalogue, now and before, and how they do."""
    rules = acceptance.list_current(session, catalogue_id=catalogue.id)
    past = acceptance.list_ended(session, catalogue_id=catalogue.id, n=N_PAST)
    rule_ids = [rule.id for rule in (*rules, *past)]
    n_labels, n_open = acceptance.count_evaluation(session, catalogue_id=catalogue.id)
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.REFRESH_PREDICTIONS)
    return AcceptanceView(
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        past=tuple(past),
        audits=acceptance.count_audits(session, rule_ids=rule_ids),
        n_standing=acceptance.count_standing(session, rule_ids=rule_ids),
        n_labels=n_labels,
        n_open=n_open,
        is_working=job is not None and not job.is_over,
    )


def choose(
    session: Session,
    *,
    catalogue: Catalogue,
    target: float | None,
    confidence: float,
    is_per_category: bool,
    requested_by: int,
    now: datetime,
) -> Job | None:
    """Store what may be accepted, and have it worked out; a target of None accepts nothing.

    Returns
    -------
    Job or None
        Send its id once the transaction is committed; None where one waits already.

    Raises
    ------
    InvalidInputError
        If target or confidence is no share that evidence can show.
    """
    for share in (confidence, *([] if target is None else [target])):
        if not 0.5 <= share <= 0.999:
            raise InvalidInputError("Choose a share between 50 and 99.9 percent.")
    settings = replace(
        catalogue.settings,
        accept_target=target,
        accept_confidence=confidence,
        is_accepted_per_category=is_per_category,
    )
    catalogues.write_settings(session, catalogue_id=catalogue.id, settings=settings)
    return retraining.request_refresh(
        session, catalogue_id=catalogue.id, requested_by=requested_by, now=now
    )


def check_audits(session: Session, *, catalogue: Catalogue, product_id: int, now: datetime) -> None:
    """Suspend the rule that accepted a product if its audits show it to be broken.

    What the rule decided goes back in a job, a piece at a time; nothing is added from now on.
    """
    standing = acceptance.find_standing(session, product_id=product_id)
    if standing is None or not standing.is_audited:
        return
    rule = acceptance.get_rule(session, rule_id=standing.rule_id)
    if rule.state is not RuleState.IN_FORCE:
        return
    audits = acceptance.count_audits(session, rule_ids=[rule.id])[rule.id]
    if is_broken(audits, rule.target):
        acceptance.suspend(session, rule_id=rule.id, audits=audits)
        # The sweeper sends the job: nothing here can wake a worker after the transaction.
        retraining.request_refresh(session, catalogue_id=catalogue.id, requested_by=None, now=now)


def is_suspended(session: Session, *, catalogue: Catalogue) -> bool:
    """Tell whether audits have stopped a rule that has not been replaced yet."""
    return any(
        rule.state is RuleState.SUSPENDED
        for rule in acceptance.list_current(session, catalogue_id=catalogue.id)
    )
