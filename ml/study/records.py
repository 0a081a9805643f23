"""What a study found, as it is kept, printed and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from ml.contract import Epoch
from ml.study.subject import Subject

ProtocolName = Literal["study", "honest"]
METRICS = ("ari_of_predictions", "ari_of_clusters", "accuracy", "macro_f1", "log_loss", "ece")


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of one system and its 95 % interval; all None where the metric has no meaning."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def _flat(record: StudyRow | Leak | Summary) -> dict[str, Any]:
    """Return a record with each metric as three numbers, its interval beside it."""
    flat = {
        each.name: getattr(record, each.name) for each in fields(record) if each.name != "figures"
    }
    for name in METRICS:
        figure = record.figures.get(name, Figure())
        flat[name] = figure.value
        flat[f"{name}_low"], flat[f"{name}_high"] = figure.low, figure.high
    return flat


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One system, one protocol, one repeat: a row of ``study.json`` and ``study.csv``.

    Parameters
    ----------
    system
        Its name in ``PIPELINES``.
    repeat
        From 0; each holds out other products.
    n_train, n_test
        Products that the system learned from, and those that it is scored on.
    figures
        By the names in ``METRICS``.
    prepare_s
        Wall time in seconds of what is done once for all products and then kept, such as features
        of images: next to nothing where an earlier system did it.
    fit_s, predict_s
        Wall time in seconds; ``predict_s`` of the products scored.
    memory_mb
        The most that the process grew while fitting and predicting; None where it is not known.
    n_parameters, n_frozen
        Numbers that were learned, and numbers that were given.
    is_transductive
        Whether the system was fitted on the very products that it is scored on.
    left_out
        What was left out and why, in plain words; empty if nothing was.
    """

    system: str
    title: str
    modality: Literal["text", "image", "both"]
    protocol: ProtocolName
    repeat: int
    n_train: int
    n_test: int
    figures: dict[str, Figure]
    fit_s: float
    predict_s: float
    memory_mb: float | None
    n_parameters: int
    n_frozen: int
    prepare_s: float = 0.0
    is_transductive: bool = False
    left_out: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the row flat: ``accuracy``, ``accuracy_low``, ``accuracy_high``, and so on."""
        return _flat(self) | {"left_out": list(self.left_out)}


@dataclass(frozen=True, slots=True)
class Points:
    """Products in the plane, coloured by category.

    Parameters
    ----------
    xy
        Two coordinates a product; the axes mean nothing beyond near and far.
    columns
        The position of each product's true category among the study's categories.
    """

    method: Literal["pca", "tsne"]
    xy: tuple[tuple[float, float], ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """What the report draws of one system under one protocol, of its first repeat.

    Parameters
    ----------
    confusion
        True categories in rows, in columns the predicted ones, or clusters after they were
        matched to categories; products are counted.
    confusion_of
        Which of the two the columns are.
    curve
        Of a network, epoch by epoch.
    topic_words
        Of a topic model, the heaviest words of each topic.
    """

    system: str
    protocol: ProtocolName
    confusion: tuple[tuple[int, ...], ...]
    confusion_of: Literal["predictions", "clusters"]
    curve: tuple[Epoch, ...] = ()
    topic_words: tuple[tuple[str, ...], ...] = ()
    maps: tuple[Points, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """The dictionary of one category: its words in all, its distinct ones, the most frequent."""

    category: str
    n_words: int
    n_distinct: int
    frequent: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """One row of the demonstration: the same two networks, joined by a mean, on other splits.

    Parameters
    ----------
    split
        ``own`` (the text network was trained on a split of its own, which holds most of the test
        rows), ``shared`` (one random split for both), ``grouped`` (one split, near-duplicates on
        one side).
    n_seen
        How many of the ``n_test`` scored products the text network had been trained on.
    """

    split: Literal["own", "shared", "grouped"]
    repeat: int
    n_test: int
    n_seen: int
    n_errors: int
    figures: dict[str, Figure]

    def as_dict(self) -> dict[str, Any]:
        """Return the row flat, as ``StudyRow.as_dict`` does."""
        return _flat(self)


@dataclass(frozen=True, slots=True)
class Summary:
    """A system under one protocol over all repeats, beside what the study reports of it.

    Parameters
    ----------
    n_test
        Answers scored in all repeats: a product that several of them ask about counts each time.
    figures
        Over the predictions of all repeats together; the interval by bootstrap over groups.
    means, deviations
        Of each metric over the repeats; a deviation is None with one repeat.
    published_ari, published_accuracy, published_s
        The study's own, or None where it reports none.
    """

    system: str
    title: str
    modality: Literal["text", "image", "both"]
    protocol: ProtocolName
    n_repeats: int
    n_test: int
    figures: dict[str, Figure]
    means: dict[str, float | None]
    deviations: dict[str, float | None]
    fit_s: float
    predict_s: float
    memory_mb: float | None
    n_parameters: int
    n_frozen: int
    published_ari: float | None = None
    published_accuracy: float | None = None
    published_s: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the row flat: ``accuracy``, its ``_low``, ``_high``, ``_mean`` and ``_sd``."""
        flat = _flat(self)
        means, deviations = flat.pop("means"), flat.pop("deviations")
        for name in METRICS:
            flat[f"{name}_mean"], flat[f"{name}_sd"] = means.get(name), deviations.get(name)
        return flat


@dataclass(frozen=True, slots=True)
class Study(Subject):
    """All of one run: what ``study.json`` holds, and what the report draws beside it.

    Parameters
    ----------
    key_points
        Sample images with their SIFT key points drawn: the product's name, a JPEG.
    """

    rows: tuple[StudyRow, ...]
    summary: tuple[Summary, ...]
    leaks: tuple[Leak, ...] = ()
    displays: tuple[Display, ...] = ()
    words: tuple[CategoryWords, ...] = ()
    key_points: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
