"""The three sentences on top of the report: what works best, what the photo adds, the 0.99."""

from __future__ import annotations

from dataclasses import dataclass

from ml.study.records import Figure, Study, Summary
from ml.study.report_numbers import MINUS, count, decimal, interval, percent
from ml.study.report_tables import best_of, figure_of, leaks_of

_LEVEL = "95\N{NO-BREAK SPACE}%"
# What a round of the product joins, and its text branch: a pair that differs by the photo alone.
OWN_TEXT, OWN_FUSION = "text_pair", "fusion_default"


@dataclass(frozen=True, slots=True)
class Answer:
    """``big`` is the figure that the sentence is about; empty where there is none."""

    question: str
    big: str
    sentence: str


def answers_of(study: Study) -> list[Answer]:
    """Return the answers, in the order of the questions; each says so where it was not measured."""
    honest = [summary for summary in study.summary if summary.protocol == "honest"]
    return [_what_works_best(honest), _what_the_photo_adds(honest), _what_the_leak_was(study)]


def _what_works_best(honest: list[Summary]) -> Answer:
    question = "What works best on products never seen?"
    best = best_of(honest)
    if best is None:
        return Answer(question, "", "No system was measured under the honest protocol.")
    ari = figure_of(best, "ari_of_predictions")
    accuracy = figure_of(best, "accuracy")
    ends = interval("accuracy", accuracy)
    share = f"{_LEVEL} interval {ends}, " if ends else ""
    n = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{count(best.n_test)} products"
    return Answer(
        question,
        f"{percent(accuracy.value)} right" if accuracy.value is not None else "",
        f"{best.title}: {share}{n}. Its ARI is {_with_interval(ari)}.{_company(best, honest)}",
    )


def _company(best: Summary, honest: list[Summary]) -> str:
    low = figure_of(best, "ari_of_predictions").low
    if low is None or len(honest) == 1:
        return ""
    others = sum(
        (figure_of(summary, "ari_of_predictions").value or -1.0) >= low
        for summary in honest
        if summary is not best
    )
    if others == 0:
        return " No other system comes within that interval."
    chosen = f"As the best of {len(honest)} on these very products it is a little flattered."
    systems = "1 other system comes" if others == 1 else f"{others} other systems come"
    return (
        f" {systems} within that interval: this many products cannot tell them apart for certain. "
        f"{chosen}"
    )


def _what_the_photo_adds(honest: list[Summary]) -> Answer:
    question = "What does the photo add to the text?"
    by_name = {summary.system: summary for summary in honest}
    text, both = by_name.get(OWN_TEXT), by_name.get(OWN_FUSION)
    whose = ("The product's own text branch", "what a round fuses")
    if text is None or both is None:  # the best of many against the best of few is no fair pair
        text = best_of(summary for summary in honest if summary.modality == "text")
        both = best_of(summary for summary in honest if summary.modality == "both")
        whose = ("The best of the text alone", "the best of both")
    if text is None or both is None:
        missing = "text alone" if text is None else "text and photo together"
        return Answer(
            question,
            "",
            f"It cannot be said: no system of {missing} was measured under the honest protocol.",
        )
    text_ari = figure_of(text, "ari_of_predictions")
    both_ari = figure_of(both, "ari_of_predictions")
    difference = (both_ari.value or 0.0) - (text_ari.value or 0.0)
    big = decimal(difference)
    image = best_of(summary for summary in honest if summary.modality == "image")
    alone = f" The best of the photo alone, {image.title}, has {_value(image)}." if image else ""
    return Answer(
        question,
        f"{big if big.startswith(MINUS) else f'+{big}'} ARI",
        f"{whose[0]}, {text.title}, has an ARI of {_value(text)} and a log loss of {_loss(text)}; "
        f"{whose[1]}, {both.title}, {_value(both)} and {_loss(both)}. "
        f"In ARI that is {_weight(difference, text_ari)}.{alone}",
    )


def _weight(difference: float, text_ari: Figure) -> str:
    if text_ari.low is None or text_ari.high is None:
        return "without an interval to judge it by"
    if text_ari.low <= (text_ari.value or 0.0) + difference <= text_ari.high:
        return "a difference within the interval, so nothing certain"
    return "more than the interval" if difference > 0 else "a loss beyond the interval"


def _what_the_leak_was(study: Study) -> Answer:
    question = "The study reports an ARI of 0.99. What was it?"
    rows = leaks_of(study.leaks)
    own = next((row for row in rows if row.split == "own"), None)
    honest = next((row for row in rows if row.split != "own"), None)
    if own is None or own.ari is None or honest is None or honest.ari is None:
        return Answer(question, "", "The demonstration of the leak was not run.")
    return Answer(
        question,
        f"{decimal(own.ari, 2)} \N{RIGHTWARDS ARROW} {decimal(honest.ari, 2)}",
        f"A leak. With a text network that has already seen {own.n_seen:.0f} of the "
        f"{own.n_test:.0f} products scored, the same fusion reaches {decimal(own.ari)} here; with "
        f"none of them seen, {decimal(honest.ari)}.",
    )


def _loss(summary: Summary) -> str:
    return decimal(figure_of(summary, "log_loss").value)


def _value(summary: Summary) -> str:
    return decimal(figure_of(summary, "ari_of_predictions").value)


def _with_interval(figure: Figure) -> str:
    ends = interval("ari_of_predictions", figure)
    return f"{decimal(figure.value)}, {_LEVEL} interval {ends}" if ends else decimal(figure.value)
