"""The sentences of a card: how likely, why asked, what text alone and image alone say."""

from __future__ import annotations

from flask_babel import format_percent, gettext

from webapp.domain.category_paths import SEPARATOR
from webapp.domain.review import AskedBecause
from webapp.domain.review_cards import Card, Likelihood, Option, likelihood


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


def asked_sentence(card: Card) -> str:
    """Return why this product is asked."""
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
        AskedBecause.RANDOM: gettext("Drawn at random: there is no model yet."),
        AskedBecause.NEW: gettext("New in the catalogue."),
        AskedBecause.SKIPPED: gettext("Skipped before, now asked again."),
        AskedBecause.CHOSEN: gettext("Opened from the products page."),
        AskedBecause.CONFLICT: gettext("Asked because text and image disagree."),
        AskedBecause.SUSPECT: gettext("Asked because its recorded category looks wrong."),
        AskedBecause.TYPICAL: gettext("Asked because it is typical of many others."),
        AskedBecause.AUDIT: gettext("Accepted automatically; drawn at random to check the rule."),
        AskedBecause.LOOK_ALIKE: gettext("Asked together with a look-alike."),
    }
    if card.asked_because is AskedBecause.UNCERTAIN and card.branches_disagree:
        return str(gettext("Asked because text and image disagree."))
    if card.asked_because is AskedBecause.UNCERTAIN and card.suggestion and card.choices:
        return str(
            gettext(
                "Asked because %(first)s and %(second)s are close.",
                first=card.suggestion.category.name,
                second=card.choices[0].category.name,
            )
        )
    return str(sentences[card.asked_because])


def text_sentence(card: Card) -> str:
    """Return what the text alone says; its category is named where it is not the suggestion."""
    if card.text_says is None:
        return str(gettext("no opinion from text"))
    percent = probability_text(card.text_says.probability or 0)
    if _is_suggestion(card, card.text_says):
        return str(gettext("text %(percent)s", percent=percent))
    return str(
        gettext(
            "text: %(category)s %(percent)s",
            category=card.text_says.category.name,
            percent=percent,
        )
    )


def image_sentence(card: Card) -> str:
    """Return what the image alone says; its category is named where it is not the suggestion."""
    if card.image_says is None:
        return str(gettext("no opinion from an image"))
    percent = probability_text(card.image_says.probability or 0)
    if _is_suggestion(card, card.image_says):
        return str(gettext("image %(percent)s", percent=percent))
    return str(
        gettext(
            "image: %(category)s %(percent)s",
            category=card.image_says.category.name,
            percent=percent,
        )
    )


def _is_suggestion(card: Card, option: Option) -> bool:
    return card.suggestion is not None and card.suggestion.category.id == option.category.id
