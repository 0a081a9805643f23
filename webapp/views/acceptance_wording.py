"""The sentences of automatic acceptance: whether a rule is in force, why, what is missing."""

from __future__ import annotations

from flask_babel import format_decimal, format_percent, gettext, ngettext

from webapp.domain.acceptance import (
    AcceptanceRule,
    Audits,
    EndedBecause,
    RuleState,
    least_evidence,
)


def share(value: float) -> str:
    """Write a share in percent, with one decimal where it has one."""
    return str(format_percent(value, gettext("#,##0.#%%") % {}))


def threshold_text(value: float) -> str:
    """Write the probability from which a rule accepts; it is never rounded up to certainty."""
    n_decimals = next((n for n in range(2, 7) if round(value, n) < 1), 6)
    return str(format_percent(value, gettext("#,##0.%(zeros)s%%", zeros="0" * (n_decimals - 1))))


def state_name(state: RuleState) -> str:
    """Return what a state is called."""
    names = {
        RuleState.IN_FORCE: gettext("in force"),
        RuleState.REFUSED: gettext("not yet"),
        RuleState.SUSPENDED: gettext("suspended"),
        RuleState.ENDED: gettext("ended"),
    }
    return str(names[state])


def badge(state: RuleState) -> str:
    """Return the kind of badge for a state."""
    return {RuleState.IN_FORCE: "good", RuleState.SUSPENDED: "bad"}.get(state, "warn")


def state_sentence(rule: AcceptanceRule) -> str:
    """Return in a sentence what a rule does, or why it does nothing."""
    evidence = rule.evidence
    if rule.state is RuleState.SUSPENDED:
        n_errors, n = rule.reason.split("/")
        return str(
            gettext(
                "Audits found %(errors)s of %(n)s accepted products wrong: more than "
                "%(target)s right allows. Nothing is accepted until another round is live, or you "
                "ask for another precision.",
                errors=format_decimal(int(n_errors)),
                n=format_decimal(int(n)),
                target=share(rule.target),
            )
        )
    if rule.threshold is not None:
        return str(
            gettext(
                "What round %(round)s gives at least %(threshold)s is accepted: %(accepted)s of "
                "%(candidates)s undecided products, %(coverage)s.",
                round=rule.round_number,
                threshold=threshold_text(rule.threshold),
                accepted=format_decimal(round(evidence.coverage * evidence.n_candidates)),
                candidates=format_decimal(evidence.n_candidates),
                coverage=share(evidence.coverage),
            )
        )
    return _refusal(rule)


def _refusal(rule: AcceptanceRule) -> str:
    evidence = rule.evidence
    values = {
        "target": share(rule.target),
        "confidence": share(rule.confidence),
        "n": format_decimal(evidence.n_accepted),
        "errors": format_decimal(evidence.n_errors),
        "least": format_decimal(evidence.least),
        "labelled": format_decimal(evidence.n),
    }
    if evidence.finding == "nothing_to_accept":
        return str(gettext("No undecided product waits to be accepted."))
    if not evidence.n and evidence.n_labels:
        return str(
            gettext(
                "No product of the evaluation set that has a label is predicted to be in this "
                "category, so nothing can be promised."
            )
        )
    if not evidence.n:
        return str(
            gettext(
                "No product of the evaluation set has a label yet. What sellers claim is no "
                "evidence, so nothing can be promised."
            )
        )
    if evidence.finding == "out_of_reach":
        return str(
            gettext(
                "This model is not good enough: of %(n)s sure predictions in the evaluation set "
                "%(errors)s are wrong, and no number of labels is likely to show %(target)s. "
                "Ask for less, or train a better round first.",
                **values,
            )
        )
    if evidence.finding == "too_many_errors":
        return str(
            gettext(
                "Of %(n)s sure predictions in the evaluation set %(errors)s are wrong: too many to "
                "promise %(target)s with %(confidence)s confidence.",
                **values,
            )
        )
    if not evidence.n_accepted:
        return str(
            ngettext(
                "There is too little evidence: the evaluation set has %(num)s label, and the "
                "surest predictions are not among it. To promise %(target)s with %(confidence)s "
                "confidence takes at least %(least)s sure predictions without an error.",
                "There is too little evidence: the evaluation set has %(num)s labels, and the "
                "surest predictions are not among them. To promise %(target)s with %(confidence)s "
                "confidence takes at least %(least)s sure predictions without an error.",
                evidence.n_labels,
                **values,
            )
        )
    return str(
        gettext(
            "There is too little evidence: %(n)s sure predictions in the evaluation set, of which "
            "%(errors)s are wrong. To promise %(target)s with %(confidence)s confidence takes at "
            "least %(least)s without an error.",
            **values,
        )
    )


def evidence_sentence(rule: AcceptanceRule) -> str:
    """Return what a rule in force rests on."""
    evidence = rule.evidence
    return str(
        gettext(
            "In the evaluation set %(right)s of %(n)s such predictions are right; so at least "
            "%(bound)s of what is accepted is, with %(confidence)s confidence.",
            right=format_decimal(evidence.n_accepted - evidence.n_errors),
            n=format_decimal(evidence.n_accepted),
            bound=share(int((evidence.lower_bound or 0) * 1000) / 1000),
            confidence=share(rule.confidence),
        )
    )


def missing_sentence(rule: AcceptanceRule, *, n_labels: int, n_open: int) -> str:
    """Return how many labels are missing, and where they can come from; empty if none helps."""
    n_missing = rule.n_missing(n_labels)
    if rule.state is not RuleState.REFUSED or n_missing is None:
        return ""
    if not n_missing:
        return str(gettext("The labels that were missing are there: save once more."))
    if not n_open:
        return str(
            gettext(
                "About %(n)s more evaluation labels are needed, and the whole evaluation set is "
                "decided: import more products, or ask for less.",
                n=format_decimal(n_missing),
            )
        )
    if n_missing > n_open:
        return str(
            gettext(
                "About %(n)s more evaluation labels are needed, and the evaluation set has only "
                "%(open)s undecided products: import more products, or ask for less.",
                n=format_decimal(n_missing),
                open=format_decimal(n_open),
            )
        )
    return str(
        gettext(
            "About %(n)s more evaluation labels are needed; the queue asks for them by itself.",
            n=format_decimal(n_missing),
        )
    )


def audits_sentence(audits: Audits | None) -> str:
    """Return how the audits of a rule went."""
    if audits is None or not (audits.n or audits.n_waiting):
        return str(gettext("No accepted product has been drawn for an audit."))
    return str(
        gettext(
            "%(n)s audits done, %(errors)s wrong; %(waiting)s wait in the queue.",
            n=format_decimal(audits.n),
            errors=format_decimal(audits.n_errors),
            waiting=format_decimal(audits.n_waiting),
        )
    )


def ending(rule: AcceptanceRule) -> str:
    """Return why a rule is no longer there."""
    if rule.state is RuleState.SUSPENDED:
        n_errors, n = rule.reason.split("/")
        return str(gettext("suspended: %(errors)s of %(n)s audits wrong", errors=n_errors, n=n))
    names = {
        EndedBecause.SETTINGS: gettext("something else was asked for"),
        EndedBecause.ROUND: gettext("another round went live"),
        EndedBecause.EVIDENCE: gettext("more labels allowed another look"),
    }
    return str(names[EndedBecause(rule.reason)])


def target_hint(target: float, confidence: float) -> str:
    """Return what a target takes at least."""
    return str(
        gettext(
            "takes at least %(n)s labels without an error",
            n=format_decimal(least_evidence(target, confidence)),
        )
    )
