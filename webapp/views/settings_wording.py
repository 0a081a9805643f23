"""The words of the settings page: strategies, baselines and what they cost, starts of rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import format_datetime, gettext

from webapp.domain.catalogue_settings import Strategy
from webapp.domain.triggers import LeftOut, Obstacle

# What one training takes on 670 products, in seconds on two cores: docs/pipelines.md. The web
# process cannot ask PIPELINES itself, as that would load the model libraries.
BASELINES: dict[str, float] = {
    "text_pair": 2.2,
    "tfidf_linear": 0.9,
    "field_net": 3.5,
    "embedding_net": 1.2,
    "embedding_net_flatten": 1.4,
    "bilstm": 30.9,
    "bag_of_words": 0.2,
    "lda": 0.5,
    "nmf": 0.5,
    "lda_unsupervised": 1.4,
    "nmf_unsupervised": 0.6,
    "backbone": 0.4,
    "backbone_average": 0.4,
    "backbone_flatten": 3.1,
    "cnn": 6.8,
    "cnn_plain": 15.8,
    "cnn_augmented": 28.3,
    "visual_words": 2.8,
    "visual_words_linear": 2.6,
    "fusion_mean": 5.7,
    "fusion_default": 15.4,
    "fusion_of_three": 16.5,
    "fusion_chosen": 20.3,
}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A row of ``PIPELINES`` as it can be chosen."""

    name: str
    title: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BaselineGroup:
    """Baselines that look at the same of a product."""

    title: str
    baselines: tuple[Baseline, ...]


def baseline_groups() -> list[BaselineGroup]:
    """Return every baseline, by what it looks at."""
    groups = (
        (
            gettext("Text"),
            {
                "text_pair": gettext("Average over words and TF-IDF"),
                "tfidf_linear": gettext("TF-IDF and logistic regression"),
                "field_net": gettext("Field-aware network"),
                "embedding_net": gettext("Average over words"),
                "embedding_net_flatten": gettext("Simple RNN"),
                "bilstm": gettext("Bidirectional RNN"),
                "bag_of_words": gettext("Bag of words"),
                "lda": gettext("LDA topics"),
                "nmf": gettext("NMF topics"),
                "lda_unsupervised": gettext("LDA topics, without labels"),
                "nmf_unsupervised": gettext("NMF topics, without labels"),
            },
        ),
        (
            gettext("Image"),
            {
                "backbone": gettext("Frozen backbone"),
                "backbone_average": gettext("Frozen backbone, pooled"),
                "backbone_flatten": gettext("Frozen backbone, flattened (VGG16 transfer)"),
                "cnn": gettext("Small network from scratch"),
                "cnn_plain": gettext("CNN"),
                "cnn_augmented": gettext("CNN with augmentation"),
                "visual_words": gettext("SIFT visual words"),
                "visual_words_linear": gettext("SIFT visual words and a linear classifier"),
            },
        ),
        (
            gettext("Both"),
            {
                "fusion_mean": gettext("Plain mean of simple RNN and VGG16 transfer"),
                "fusion_default": gettext("Calibrated fusion, as a round makes it"),
                "fusion_of_three": gettext("Fusion of three"),
                "fusion_chosen": gettext("Recipe chosen on inner folds"),
            },
        ),
    )
    return [
        BaselineGroup(
            str(title),
            tuple(Baseline(name, str(words), BASELINES[name]) for name, words in titles.items()),
        )
        for title, titles in groups
    ]


def baseline_names() -> dict[str, str]:
    """Return what each baseline is called."""
    return {each.name: each.title for group in baseline_groups() for each in group.baselines}


def strategy_name(strategy: Strategy) -> str:
    """Return what a strategy is called."""
    names = {
        Strategy.RECOMMENDED: gettext("Recommended"),
        Strategy.UNCERTAIN: gettext("Uncertain"),
        Strategy.CONFLICT: gettext("Conflict"),
        Strategy.SUSPECT: gettext("Suspect"),
        Strategy.TYPICAL: gettext("Typical"),
        Strategy.RANDOM: gettext("Random"),
    }
    return str(names[strategy])


def strategy_hint(strategy: Strategy) -> str:
    """Return in a sentence what a strategy asks first."""
    hints = {
        Strategy.RECOMMENDED: gettext(
            "Switches by itself between the rules below: it needs the fewest decisions."
        ),
        Strategy.UNCERTAIN: gettext("What the model is least sure of."),
        Strategy.CONFLICT: gettext("Where text and image name different categories."),
        Strategy.SUSPECT: gettext("Where the seller's category looks wrong."),
        Strategy.TYPICAL: gettext("What stands for many others: good while there are few labels."),
        Strategy.RANDOM: gettext("Drawn by chance, so that figures about the catalogue are fair."),
    }
    return str(hints[strategy])


def start_time(moment: datetime, zone: str) -> str:
    """Return a time to the minute on the clock of that zone, with its day.

    A stored zone that there is not reads as UTC: the field says what is wrong with it.
    """
    clock = ZoneInfo(zone if zone in available_timezones() else "UTC")
    return str(format_datetime(moment.astimezone(clock), "EEEE d MMMM y, HH:mm", False))


def obstacle_sentence(obstacle: Obstacle) -> str:
    """Return why no round starts by itself now."""
    sentences = {
        Obstacle.RUNNING: gettext("A round is queued or running: the next one waits for its end."),
        Obstacle.TOO_FEW: gettext(
            "No round starts by itself yet: fewer than ten products outside the evaluation set "
            "have a category to learn from. Import or label more."
        ),
        Obstacle.ONE_CATEGORY: gettext(
            "No round starts by itself yet: all labels and sellers' categories are the same one, "
            "and a round needs two."
        ),
        Obstacle.FAILED: gettext(
            "The last round that started by itself failed. The next one waits for new labels or "
            "products; the retraining page says what went wrong."
        ),
    }
    return str(sentences[obstacle])


def left_out_sentence(left_out: LeftOut, zone: str) -> str:
    """Return which start was left out, and why."""
    start = start_time(left_out.at, zone)
    sentences = {
        Obstacle.RUNNING: gettext("%(start)s was left out: a round was running.", start=start),
        Obstacle.TOO_FEW: gettext(
            "%(start)s was left out: there were too few products to learn from.", start=start
        ),
        Obstacle.ONE_CATEGORY: gettext(
            "%(start)s was left out: there was one category alone to learn.", start=start
        ),
        Obstacle.FAILED: gettext(
            "%(start)s was left out: the round before had failed, and nothing new had come.",
            start=start,
        ),
    }
    return str(sentences[left_out.obstacle])
