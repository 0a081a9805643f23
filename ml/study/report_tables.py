"""The rows of the report's tables: systems under a protocol, and the demonstration of the leak."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from ml.study.records import Figure, Leak, ProtocolName, Study, Summary
from ml.study.report_words import DIFFERENCES, NAMED_AFTER_VGG16, SPLITS

BEYOND = "beyond the interval"
_ALMOST = 0.005  # the study's figures have two decimals


@dataclass(frozen=True, slots=True)
class Whisker:
    """A figure and its interval as places on a line, in percent of its length."""

    value: float
    low: float | None
    high: float | None
    published: float | None
    zero: float


@dataclass(frozen=True, slots=True)
class TableRow:
    """A system in a table: ``headline`` is the ARI it is judged by, ``of`` what that is made of.

    ``stand_in`` names the network that is here in place of VGG16, where the title says VGG16.
    """

    summary: Summary
    headline: Figure
    of: str
    whisker: Whisker | None
    is_best: bool
    is_transductive: bool
    comparison: str
    why: str
    stand_in: str


@dataclass(frozen=True, slots=True)
class LeakRow:
    """All repeats of one kind of split: means, and the range of the errors."""

    split: str
    words: str
    n_repeats: int
    n_test: float
    n_seen: float
    n_errors: float
    fewest: int
    most: int
    ari: float | None
    accuracy: float | None


def figure_of(summary: Summary, name: str) -> Figure:
    """Return a metric of a system; a figure of None where it has not been measured."""
    return summary.figures.get(name) or Figure()


def headline_of(summary: Summary) -> tuple[Figure, str]:
    """Return the ARI of predictions and its name; that of clusters where nothing is predicted."""
    predictions = figure_of(summary, "ari_of_predictions")
    if predictions.value is not None:
        return predictions, "ari_of_predictions"
    return figure_of(summary, "ari_of_clusters"), "ari_of_clusters"


def best_of(summaries: Iterable[Summary]) -> Summary | None:
    """Return the system with the highest ARI of predictions, or None where nothing predicts."""
    predicting = [
        (value, summary)
        for summary in summaries
        if (value := figure_of(summary, "ari_of_predictions").value) is not None
    ]
    return max(predicting, key=lambda pair: pair[0])[1] if predicting else None


def table_of(study: Study, protocol: ProtocolName) -> list[TableRow]:
    """Return the systems of a protocol, the best ARI of predictions first, then those without."""
    summaries = [summary for summary in study.summary if summary.protocol == protocol]
    best = best_of(summaries)
    lowest = min(
        (end for summary in summaries for end in _ends(headline_of(summary)[0])), default=0.0
    )
    left = min(0.0, lowest)
    seen = {(row.system, row.protocol) for row in study.rows if row.is_transductive}
    rows = []
    for summary in summaries:
        headline, of = headline_of(summary)
        comparison = compare(headline, summary.published_ari)
        rows.append(
            TableRow(
                summary=summary,
                headline=headline,
                of=of,
                # Published figures were measured the study's way: no mark among honest ones.
                whisker=_whisker(
                    headline, summary.published_ari if protocol == "study" else None, left
                ),
                is_best=summary is best,
                is_transductive=(summary.system, protocol) in seen,
                comparison=comparison,
                why=DIFFERENCES.get(summary.system, "") if BEYOND in comparison else "",
                stand_in=stand_in_of(study, summary.system),
            )
        )
    return sorted(rows, key=lambda row: rank(row.summary))


def stand_in_of(study: Study, system: str) -> str:
    """Say which network is in place of VGG16, for a system that is named after that."""
    backbone = study.settings.get("backbone")
    if system not in NAMED_AFTER_VGG16 or backbone in (None, "VGG16"):
        return ""
    return f"Here with {backbone} in place of VGG16."


def rank(summary: Summary) -> tuple[bool, bool, float, str]:
    """Return a key that puts the highest ARI first, and what makes no predictions last."""
    headline, of = headline_of(summary)
    return (
        headline.value is None,
        of == "ari_of_clusters",
        -(headline.value or 0.0),
        summary.title,
    )


def compare(figure: Figure, published: float | None) -> str:
    """Say in words how a figure stands to what the study published."""
    if published is None:
        return "the study gives no figure"
    if figure.value is None:
        return "not measured here"
    difference = figure.value - published
    if figure.low is not None and figure.high is not None:
        if figure.low - _ALMOST <= published <= figure.high + _ALMOST:
            return "agrees: the study's figure is within our interval"
        beyond = f", {BEYOND}"
    else:
        beyond = "; there is no interval to judge it by"
    if abs(difference) < _ALMOST:
        return "the same"
    return f"{abs(difference):.2f} {'higher' if difference > 0 else 'lower'} here{beyond}"


def leaks_of(leaks: Sequence[Leak]) -> list[LeakRow]:
    """Return one row a kind of split, in the order of ``SPLITS``."""
    rows = []
    for split, words in SPLITS.items():
        repeats = [leak for leak in leaks if leak.split == split]
        if repeats:
            errors = [leak.n_errors for leak in repeats]
            rows.append(
                LeakRow(
                    split=split,
                    words=words,
                    n_repeats=len(repeats),
                    n_test=fmean(leak.n_test for leak in repeats),
                    n_seen=fmean(leak.n_seen for leak in repeats),
                    n_errors=fmean(errors),
                    fewest=min(errors),
                    most=max(errors),
                    ari=_mean(repeats, "ari_of_predictions"),
                    accuracy=_mean(repeats, "accuracy"),
                )
            )
    return rows


def _ends(figure: Figure) -> list[float]:
    return [end for end in (figure.value, figure.low) if end is not None]


def _whisker(figure: Figure, published: float | None, left: float) -> Whisker | None:
    if figure.value is None:
        return None

    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * (value - left) / (1 - left), 2)

    return Whisker(
        value=place(figure.value) or 0.0,
        low=place(figure.low),
        high=place(figure.high),
        published=place(published),
        zero=place(0.0) or 0.0,
    )


def _mean(leaks: Sequence[Leak], name: str) -> float | None:
    values = [
        figure.value
        for leak in leaks
        if (figure := leak.figures.get(name)) and figure.value is not None
    ]
    return fmean(values) if values else None
