"""What the dashboard says: the quality of each round, labelling, agreement, pace, confusion."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.figures import Figure, read_figure
from webapp.domain.labelling_worth import LabellingWorth
from webapp.domain.next_step import NextStep, Situation, n_to_measure

N_MISTAKES = 5
N_ROUNDS_BESIDE = 10  # columns of the table of baselines
N_SHADES = 5  # steps of a cell's colour, beside none


@dataclass(frozen=True, slots=True)
class BaselineQuality:
    """What a baseline reached beside a round, or the ``reason`` why it has no figures.

    ``is_of_groups`` tells that its ARI is of groups which it finds without labels. ``n_changed``
    products had another text or image when it was scored than when the round was trained.
    """

    pipeline: str
    ari: Figure | None
    accuracy: Figure | None
    is_of_groups: bool
    seconds: float | None
    n_changed: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class RoundQuality:
    """One round in the chart and in the table; a figure is None where nothing can be said."""

    id: int
    number: int
    finished_at: datetime
    is_live: bool
    is_provisional: bool
    is_held: bool
    n_labels: int
    n_source_categories: int
    fallback: str | None
    accuracy: Figure | None
    ari: Figure | None
    macro_f1: Figure | None
    baselines: tuple[BaselineQuality, ...] = ()

    def baseline(self, pipeline: str) -> BaselineQuality | None:
        """Return the figures of that baseline beside this round, or None where there are none."""
        return next((each for each in self.baselines if each.pipeline == pipeline), None)


@dataclass(frozen=True, slots=True)
class Labelling:
    """How many products there are in each state."""

    n_products: int
    n_labelled: int
    n_flagged: int
    n_accepted: int = 0  # automatically, by a certified rule
    n_disputed: int = 0  # people decided them differently

    @property
    def n_open(self) -> int:
        """How many still wait for a decision."""
        elsewhere = self.n_flagged + self.n_accepted + self.n_disputed
        return self.n_products - self.n_labelled - elsewhere

    @property
    def share(self) -> float:
        """The labelled share, 0 to 1; 0 in an empty catalogue."""
        return self.n_labelled / self.n_products if self.n_products else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often moderators confirmed what was claimed.

    The first two count decisions on a suggestion that was shown; the others those without one
    (hidden, or no model yet), where the claim is the seller's category.
    """

    n_confirmed: int
    n_corrected: int
    n_source_confirmed: int
    n_source_corrected: int

    @property
    def n(self) -> int:
        """Decisions on a suggestion."""
        return self.n_confirmed + self.n_corrected

    @property
    def n_source(self) -> int:
        """Decisions without a suggestion."""
        return self.n_source_confirmed + self.n_source_corrected


@dataclass(frozen=True, slots=True)
class PersonPace:
    """How many decisions of one person stand: of today and of the last seven days."""

    user_id: int
    name: str
    n_today: int
    n_week: int


@dataclass(frozen=True, slots=True)
class TeamPace:
    """How fast the catalogue is decided; ``median_s`` is of the newest decisions."""

    people: tuple[PersonPace, ...]
    median_s: float | None

    @property
    def n_today(self) -> int:
        """Decisions of everybody since midnight UTC."""
        return sum(person.n_today for person in self.people)

    @property
    def n_week(self) -> int:
        """Decisions of everybody in the last seven days."""
        return sum(person.n_week for person in self.people)


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """How far the products are decided that sellers file under one category.

    ``n_labels`` counts the labels that moderators gave this category, whatever sellers say;
    ``n_predicted`` what the live round puts there (None before the first round), less what
    measures models and is not labelled: its suggestion is hidden.
    """

    category_id: int
    name: str
    n_source: int
    n_decided: int
    n_labels: int
    n_predicted: int | None


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """Evaluation products of one true category that got one predicted category.

    ``shade`` is from 0 (none) to ``N_SHADES`` (the whole row), ``share`` that of its row.
    """

    true_id: int
    predicted_id: int
    count: int
    share: float
    shade: int

    @property
    def is_right(self) -> bool:
        """Tell whether the prediction was right."""
        return self.true_id == self.predicted_id


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """One true category and what its evaluation products were taken for."""

    category_id: int
    n: int
    cells: tuple[ConfusionCell, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the page shows; ``live`` is None before a round is published.

    ``worth`` is what the live round estimates; None before a round that does.
    """

    live: RoundQuality | None
    worth: LabellingWorth | None
    situation: Situation
    step: NextStep
    rounds: tuple[RoundQuality, ...]
    labelling: Labelling
    agreement: Agreement
    pace: TeamPace
    coverage: tuple[CategoryCoverage, ...]
    confusion: tuple[ConfusionRow, ...]
    category_names: Mapping[int, str]

    @property
    def baselines(self) -> list[str]:
        """The pipelines scored beside any round, those of the newest round first."""
        return list(
            dict.fromkeys(
                baseline.pipeline for each in self.rounds[::-1] for baseline in each.baselines
            )
        )

    @property
    def rounds_with_baselines(self) -> list[RoundQuality]:
        """The newest rounds beside which baselines were scored, the newest first."""
        return [each for each in self.rounds[::-1] if each.baselines][:N_ROUNDS_BESIDE]

    def finds_groups(self, pipeline: str) -> bool:
        """Tell whether the ARI of a baseline is of groups that it finds without labels."""
        found = (each.baseline(pipeline) for each in self.rounds)
        return any(baseline is not None and baseline.is_of_groups for baseline in found)

    @property
    def n_to_measure(self) -> int:
        """How many labels the evaluation set needs until its figures are no longer provisional."""
        return n_to_measure(self.situation)

    @property
    def mistakes(self) -> list[ConfusionCell]:
        """The pairs of categories that the live round mixes up most, worst first."""
        wrong = [
            cell for row in self.confusion for cell in row.cells if cell.count and not cell.is_right
        ]
        return sorted(wrong, key=lambda cell: -cell.count)[:N_MISTAKES]


def read_baselines(stored: Mapping[str, Mapping[str, Any]]) -> tuple[BaselineQuality, ...]:
    """Read the baselines of a round as its row keeps them."""
    return tuple(
        BaselineQuality(
            pipeline=pipeline,
            ari=read_figure(found, "ari"),
            accuracy=read_figure(found, "accuracy"),
            is_of_groups=found.get("ari_of") == "clusters",
            seconds=found.get("seconds"),
            n_changed=found.get("n_changed", 0),
            reason=found.get("reason"),
        )
        for pipeline, found in stored.items()
    )


def read_confusion(
    categories: Sequence[int], counts: Sequence[Sequence[int]]
) -> tuple[ConfusionRow, ...]:
    """Lay a confusion matrix out; categories that no product has or got are left out."""
    used = [i for i in range(len(categories)) if any(counts[i]) or any(row[i] for row in counts)]
    return tuple(
        ConfusionRow(
            category_id=categories[i],
            n=sum(counts[i]),
            cells=tuple(
                _cell(categories[i], categories[j], counts[i][j], sum(counts[i])) for j in used
            ),
        )
        for i in used
    )


def median_s(durations_ms: Sequence[int]) -> float | None:
    """Return the median in seconds, or None without a duration.

    Examples
    --------
    >>> median_s([1000, 9000, 3000])
    3.0
    """
    return statistics.median(durations_ms) / 1000 if durations_ms else None


def _cell(true_id: int, predicted_id: int, count: int, total: int) -> ConfusionCell:
    share = count / total if total else 0.0
    shade = math.ceil(share * N_SHADES)  # rounded up, so that a single product can be seen
    return ConfusionCell(true_id, predicted_id, count, share, shade)
