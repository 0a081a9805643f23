"""The words of rounds and of running jobs, as people read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, format_percent, gettext

from webapp.domain.baselines import without_figures
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import Job, JobState
from webapp.domain.retraining import Round
from webapp.views.settings_wording import baseline_names
from webapp.views.stored_sentences import translated

_STEPS = (  # of a round, and the stages of its job that belong to each
    ("read", "group", "split"),
    ("features",),
    ("text",),
    ("image",),
    ("calibrate", "predict", "evaluate"),
    ("save", "look", "estimate", "suspects", "store", "gate", "order", "accept"),
)
_DECIMALS = "0.000"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a round, and whether it is behind, under way or ahead."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class FigureWords:
    """One figure of a round in words; ``interval`` is empty where nothing can be said."""

    title: str
    value: str
    interval: str


def stage_name(stage: str) -> str:
    """Return what a job is doing now."""
    names = {
        "": gettext("waiting for a worker"),
        "unpack": gettext("unpacking the images"),
        "import": gettext("importing rows"),
        "read": gettext("reading the catalogue"),
        "group": gettext("looking for near-duplicates"),
        "split": gettext("drawing the evaluation set"),
        "features": gettext("looking at the images"),
        "text": gettext("training on the text"),
        "image": gettext("training on the images"),
        "calibrate": gettext("calibrating and fusing"),
        "load": gettext("loading the model"),
        "predict": gettext("predicting every product"),
        "evaluate": gettext("measuring on the evaluation set"),
        "save": gettext("saving the model"),
        "store": gettext("storing the predictions"),
        "look": gettext("comparing products with one another"),
        "estimate": gettext("estimating what labels have brought"),
        "suspects": gettext("looking for suspect labels"),
        "accept": gettext("certifying automatic acceptance"),
        "agree": gettext("comparing people's answers"),
        "gate": gettext("comparing with the live round"),
        "order": gettext("ordering the queue"),
    }
    return str(names.get(stage, stage))


def steps_of(job: Job) -> list[Step]:
    """Return the steps of a round with the one that its job is at."""
    titles = (
        gettext("Read"),
        gettext("Images"),
        gettext("Learn the text"),
        gettext("Learn the images"),
        gettext("Measure"),
        gettext("Publish"),
    )
    at = next((n for n, stages in enumerate(_STEPS) if job.stage in stages), -1)
    states = ["done" if n < at else "now" if n == at else "ahead" for n in range(len(titles))]
    return [Step(title, state) for title, state in zip(titles, states, strict=True)]


def ending(job: Job) -> str:
    """Return in a sentence how a round ended."""
    if job.state is JobState.FAILED:
        return str(gettext("The last round failed: %(reason)s", reason=translated(job.reason)))
    if job.state is JobState.CANCELLED:
        return str(gettext("The last round was cancelled. Nothing has changed."))
    result = job.result or {}
    number = result.get("round")
    if result.get("is_held"):
        return str(
            gettext(
                "Round %(number)s is finished and held back: it is worse than the live one. "
                "Nothing has changed for moderators.",
                number=number,
            )
        )
    return str(gettext("Round %(number)s is finished.", number=number))


def of_baselines(job: Job) -> str:
    """Return in a sentence why a job has not scored the baselines."""
    if job.state is JobState.CANCELLED:
        return str(gettext("Scoring the baselines was cancelled."))
    reason = translated(job.reason)
    return str(gettext("The baselines could not be scored: %(reason)s", reason=reason))


def baselines_without_figures(
    catalogue: Catalogue, found: Round, *, is_live: bool
) -> list[tuple[str, str]]:
    """Return titles and reasons of chosen baselines that a round has no figures of.

    Those that have failed; and, beside the live round, those that were never scored.
    """
    names = without_figures(catalogue.settings.baselines, found.baselines)
    reasons = {name: found.baselines.get(name, {}).get("reason", "") for name in names}
    return [
        (
            str(baseline_names().get(name, name)),
            translated(reason) or str(gettext("It has not been scored yet.")),
        )
        for name, reason in reasons.items()
        if reason or is_live
    ]


def sentence(reason: str) -> str:
    """Return a stored reason as a sentence of its own."""
    words = translated(reason)
    return f"{words[:1].upper()}{words[1:]}."


def figures_of(found: Round) -> list[FigureWords]:
    """Return the figures of a round in the order in which they are read."""
    titles = (
        ("accuracy", gettext("Accuracy")),
        ("ari", gettext("ARI")),
        ("macro_f1", gettext("Macro-F1")),
        ("log_loss", gettext("Log loss")),
        ("ece", gettext("Calibration error")),
        ("text_accuracy", gettext("Text accuracy")),
        ("image_accuracy", gettext("Image accuracy")),
    )
    return [_figure(title, found.metrics.get(name), _writer(name)) for name, title in titles]


def pipeline_name(pipeline: str, found: Round) -> str:
    """Return what trained a branch of a round."""
    settings = found.manifest.get("settings", {}).get("pipeline", {})
    names = {
        "": gettext("none"),
        "text_pair": gettext("average over words and TF-IDF"),
        "tfidf_linear": gettext("TF-IDF and logistic regression"),
        "embedding_net": gettext("average over words"),
        "embedding_net_flatten": gettext("simple RNN"),
        "field_net": gettext("field-aware network"),
        "bilstm": gettext("bidirectional RNN"),
        "backbone": gettext("frozen %(backbone)s", backbone=settings.get("backbone", "")),
        "backbone_flatten": gettext("frozen %(backbone)s", backbone=settings.get("backbone", "")),
        "backbone_average": gettext("frozen %(backbone)s", backbone=settings.get("backbone", "")),
        "cnn": gettext("small network trained from scratch"),
    }
    return str(names.get(pipeline, pipeline))


def fusion_name(found: Round) -> str:
    """Return how a round joined text and image."""
    names = {
        "mean": gettext("plain mean"),
        "logarithmic_pool": gettext("logarithmic pool"),
        "text_alone": gettext("text alone"),
        "image_alone": gettext("image alone"),
    }
    name = str(found.fusion.get("name", ""))
    return str(names.get(name, name))


def _writer(name: str) -> Callable[[float], str]:
    """Return how a figure is written: a share of products in percent, any other as a number."""
    if name.endswith("accuracy"):
        return lambda value: str(format_percent(value, gettext("#,##0.0%%") % {}))
    return lambda value: str(format_decimal(value, _DECIMALS))


def _figure(
    title: str, interval: dict[str, Any] | None, write: Callable[[float], str]
) -> FigureWords:
    if interval is None or interval["value"] is None:
        return FigureWords(title, gettext("unknown"), "")
    low, high = write(interval["low"]), write(interval["high"])
    return FigureWords(
        title,
        write(interval["value"]),
        gettext("%(low)s to %(high)s", low=low, high=high),
    )
