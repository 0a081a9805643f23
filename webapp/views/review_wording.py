"""The sentences of a card: how likely, why asked, what text alone and image alone say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_babel import format_percent, format_timedelta, gettext, ngettext

from webapp.domain.catalogue import Catalogue
from webapp.domain.catalogue_settings import Strategy
from webapp.domain.category_paths import SEPARATOR
from webapp.domain.look_alikes import NotTaken, NotTakenBecause
from webapp.domain.recent_acts import RecentAct
from webapp.domain.review import AskedBecause, Verdict
from webapp.domain.review_cards import Card, Likelihood, Option, likelihood
from webapp.views.context import now


def probability_text(probability: float) -> str:
    """Return a probability in percent; one that is not certain never reads 0 % or 100 %."""
    if probability < 0.01:
        return str(gettext("<%(percent)s", percent=format_percent(0.01)))
    if probability > 0.99:
        return str(gettext(">%(percent)s", percent=format_percent(0.99)))
    return str(format_percent(probability))


def likelihood_name(probability: float) -> str:
    """Return a probability in a word."""
    names = {
        Likelihood.CERTAIN: gettext("almost certain"),
        Likelihood.LIKELY: gettext("likely"),
        Likelihood.UNSURE: gettext("unsure"),
    }
    return str(names[likelihood(probability)])


def is_unsure(probability: float) -> bool:
    """Tell whether a suggestion is no more than a guess."""
    return likelihood(probability) is Likelihood.UNSURE


def split_path(path: str, level: int) -> tuple[str, str]:
    """Return a path down to the level at which products are decided, and what lies below.

    >>> split_path("Kitchen > Cutlery > Knives", 1)
    ('Kitchen', ' > Cutlery > Knives')
    """
    names = path.split(SEPARATOR)
    decided = SEPARATOR.join(names[:level])
    return decided, path[len(decided) :]


def asked_sentence(card: Card, catalogue: Catalogue) -> str:
    """Return why this product is asked; of the recommended order, which of its stages holds."""
    if card.is_suggestion_hidden and card.asked_because is not AskedBecause.EVALUATION:
        return str(
            gettext(
                "On some cards the suggestion and the seller's category are hidden, so that "
                "nobody is led."
            )
        )
    if card.is_suggestion_hidden:
        return str(
            gettext(
                "Part of the random sample that measures the model: its suggestion and the "
                "seller's category are hidden so that nobody is led."
            )
        )
    sentences = {
        AskedBecause.UNCERTAIN: gettext("Asked because the model is unsure."),
        AskedBecause.EVALUATION: gettext("Part of the random sample that measures the model."),
        AskedBecause.RANDOM: gettext("Drawn at random, to measure fairly.")
        if card.prediction
        else gettext("Drawn at random: there is no model yet."),
        AskedBecause.NEW: gettext("New in the catalogue."),
        AskedBecause.SKIPPED: gettext("Skipped before, now asked again."),
        AskedBecause.CHOSEN: gettext("Opened from the products page."),
        AskedBecause.CONFLICT: gettext("Asked because text and image disagree."),
        AskedBecause.SUSPECT: gettext("Asked because its recorded category looks wrong."),
        AskedBecause.TYPICAL: gettext("Asked because it is typical of many others."),
        AskedBecause.AUDIT: gettext("Accepted automatically; drawn at random to check the rule."),
        AskedBecause.LOOK_ALIKE: gettext("Asked together with a look-alike."),
        AskedBecause.SECOND: gettext("A second opinion is wanted."),
        AskedBecause.ADJUDICATION: gettext("People have decided it differently."),
    }
    if is_recommended(card, catalogue):
        return str(_RECOMMENDED[card.asked_because]())
    if card.asked_because is not AskedBecause.UNCERTAIN:
        return str(sentences[card.asked_because])
    if card.branches_disagree:
        return str(gettext("Asked because text and image disagree."))
    if card.suggestion and card.choices:
        return str(
            gettext(
                "Asked because %(first)s and %(second)s are close.",
                first=card.suggestion.category.name,
                second=card.choices[0].category.name,
            )
        )
    return str(sentences[card.asked_because])


_RECOMMENDED: dict[AskedBecause, Callable[[], str]] = {
    AskedBecause.TYPICAL: lambda: gettext(
        "Recommended order, first labels: it is typical of many others."
    ),
    AskedBecause.UNCERTAIN: lambda: gettext(
        "Recommended order, in doubt: the labels so far leave its category open."
    ),
    AskedBecause.SUSPECT: lambda: gettext(
        "Recommended order, checking sellers: the most doubtful products come first."
    ),
}
_STRATEGY_OF = {
    AskedBecause.TYPICAL: Strategy.TYPICAL,
    AskedBecause.UNCERTAIN: Strategy.UNCERTAIN,
    AskedBecause.SUSPECT: Strategy.SUSPECT,
}


def is_recommended(card: Card, catalogue: Catalogue) -> bool:
    """Tell whether a card comes from the recommended order and from no strategy of its own."""
    shares = catalogue.settings.shares
    strategy = _STRATEGY_OF.get(card.asked_because)
    return (
        strategy is not None and bool(shares.get(Strategy.RECOMMENDED)) and not shares.get(strategy)
    )


def taken_along_sentence(n: int) -> str:
    """Return how many look-alikes a decision has taken along."""
    return str(
        ngettext(
            "%(num)s look-alike was filed with it.", "%(num)s look-alikes were filed with it.", n
        )
    )


def left_out_sentences(left_out: Sequence[NotTaken]) -> list[str]:
    """Return which look-alikes a decision has not taken along, a sentence for each reason."""
    names = {
        because: ", ".join(each.name for each in left_out if each.because is because)
        for because in NotTakenBecause
    }
    sentences = {
        NotTakenBecause.HELD: gettext(
            "Not filed with it, because somebody else has it now: %(names)s.",
            names=names[NotTakenBecause.HELD],
        ),
        NotTakenBecause.DECIDED: gettext(
            "Not filed with it, because it was decided meanwhile: %(names)s.",
            names=names[NotTakenBecause.DECIDED],
        ),
        NotTakenBecause.NOT_ALIKE: gettext(
            "Not filed with it, because it is no look-alike any more: %(names)s.",
            names=names[NotTakenBecause.NOT_ALIKE],
        ),
    }
    return [str(sentences[because]) for because in NotTakenBecause if names[because]]


def text_sentence(card: Card) -> str:
    """Return what the text alone says; its category is named where it is not the suggestion."""
    if card.text_says is None:
        return str(gettext("no opinion from text"))
    agreeing, differing = gettext("text %(percent)s"), gettext("text: %(category)s %(percent)s")
    return _branch_sentence(card, card.text_says, agreeing, differing)


def image_sentence(card: Card) -> str:
    """Return what the image alone says; its category is named where it is not the suggestion."""
    if card.image_says is None:
        return str(gettext("no opinion from an image"))
    agreeing, differing = gettext("image %(percent)s"), gettext("image: %(category)s %(percent)s")
    return _branch_sentence(card, card.image_says, agreeing, differing)


def _branch_sentence(card: Card, said: Option, agreeing: str, differing: str) -> str:
    is_suggestion = card.suggestion is not None and card.suggestion.category.id == said.category.id
    return (agreeing if is_suggestion else differing) % {
        "category": said.category.name,
        "percent": probability_text(said.probability or 0),
    }


def act_sentence(act: RecentAct) -> str:
    """Return what a person did, in few words."""
    if act.verdict is Verdict.SKIPPED:
        return str(gettext("skipped"))
    if act.category is None:
        return str(gettext("flagged"))
    if act.verdict is Verdict.CONFIRMED:
        return str(gettext("confirmed as %(category)s", category=act.category))
    return str(gettext("filed as %(category)s", category=act.category))


def ago(moment: datetime) -> str:
    """Return how long ago a time was, in one unit."""
    return str(format_timedelta(moment - now(), granularity="second", add_direction=True))
