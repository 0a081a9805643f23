"""The sentences of the page of suspects."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import format_decimal, format_percent, gettext

from webapp.domain.catalogue import Category
from webapp.domain.retraining import Ranked
from webapp.domain.suspects import HitRate, Recorder
from webapp.services.suspects import SuspectCard
from webapp.views.review_wording import likelihood_name, probability_text


def recorder_name(recorder: Recorder | None) -> str:
    """Return whose records are listed."""
    names = {
        None: gettext("All"),
        Recorder.SELLER: gettext("Sellers' categories"),
        Recorder.MODERATOR: gettext("Moderators' labels"),
    }
    return str(names[recorder])


def why_sentences(card: SuspectCard, categories: Mapping[int, Category]) -> list[str]:
    """Return what speaks for the proposal and what for the record, in words and numbers."""
    suspect = card.listed.suspect
    sentences = [
        gettext(
            "Models that have not learned from it: %(proposed)s %(much)s (%(word)s), "
            "%(recorded)s %(little)s.",
            proposed=card.proposed.name,
            much=probability_text(suspect.proposed_probability),
            word=likelihood_name(suspect.proposed_probability),
            recorded=card.recorded.name,
            little=probability_text(suspect.recorded_probability),
        )
    ]
    if card.prediction is not None and card.prediction.text:
        sentences.append(
            gettext("Text alone: %(category)s.", category=_named(card.prediction.text, categories))
        )
    if card.prediction is not None and card.prediction.image:
        sentences.append(
            gettext(
                "Image alone: %(category)s.", category=_named(card.prediction.image, categories)
            )
        )
    return [str(sentence) for sentence in sentences]


def _named(ranked: tuple[Ranked, ...], categories: Mapping[int, Category]) -> str:
    """Return the likeliest category of a branch with its probability."""
    first = ranked[0]
    return f"{categories[first.category_id].name} {probability_text(first.probability)}"


def decided_sentence(rate: HitRate) -> str:
    """Return how many decisions changed the category."""
    return str(
        gettext(
            "%(changed)s of %(decided)s decided got another category (%(share)s).",
            changed=format_decimal(rate.n_changed),
            decided=format_decimal(rate.n_decided),
            share=format_percent(rate.n_changed / max(rate.n_decided, 1)),
        )
    )


def whole_sentence(rate: HitRate) -> str:
    """Return how much of the whole list is wrong, or what is missing to say it."""
    if rate.value is None:
        return str(
            gettext(
                "How much of the whole list is wrong cannot be said yet: decide those that are "
                "marked as drawn at random."
            )
        )
    values = {
        "value": format_percent(rate.value),
        "low": format_percent(rate.low),
        "high": format_percent(rate.high),
        "listed": format_decimal(rate.n_listed),
        "drawn": format_decimal(rate.n_drawn),
        "rest": format_decimal(rate.n_rest),
        "top": format_decimal(rate.n_listed - rate.n_rest),
    }
    if not rate.n_rest:
        return str(gettext("All %(listed)s are decided: %(value)s were wrong.", **values))
    return str(
        gettext(
            "Of the whole list of %(listed)s, %(value)s are wrong (95%% interval %(low)s to "
            "%(high)s): the first %(top)s are all decided, and of the other %(rest)s those "
            "%(drawn)s that chance has drawn.",
            **values,
        )
    )
