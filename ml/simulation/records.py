"""What a simulation found, as it is kept, printed and drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from ml.study.subject import Subject

SHARES = (90, 95, 98)  # of the target, in percent
ROUNDING = 1e-9  # a share of the target is computed: reaching it must not hang on its last digit


@dataclass(frozen=True, slots=True)
class Target:
    """What the full data would give on one split: the plain mean of text and image network.

    Parameters
    ----------
    ari, accuracy
        On the products held out, after learning from all others with their labels.
    """

    repeat: int
    ari: float
    accuracy: float
    n_train: int
    n_test: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How good the cheap model was after so many labels, on the products held out."""

    n_labels: int
    ari: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One strategy on one split, from no label to all.

    Parameters
    ----------
    picks_to_all_categories
        Labels until each category of the products that may be asked was seen.
    """

    strategy: str
    repeat: int
    points: tuple[CurvePoint, ...]
    picks_to_all_categories: int

    def labels_to(self, ari: float) -> int | None:
        """Return the first number of labels whose ARI is at least ``ari``; None if there is none.

        Later points may fall below again.
        """
        return next((point.n_labels for point in self.points if point.ari >= ari - ROUNDING), None)


@dataclass(frozen=True, slots=True)
class CleanUp:
    """One strategy on the whole catalogue, until enough of it is right.

    Parameters
    ----------
    noise
        Of the source categories (``Noise.name``).
    right_at_start
        The share of products whose category is right before any decision.
    decisions
        Until ``SHARE_RIGHT`` of the catalogue is right.
    decisions_to_advice, right_at_advice
        When the advice to stop comes, and the share that is right then; None where every product
        was decided before it came.
    """

    strategy: str
    noise: str
    repeat: int
    right_at_start: float
    decisions: int
    decisions_to_advice: int | None
    right_at_advice: float | None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over repeats, with what it is worth.

    Parameters
    ----------
    value
        None where there is nothing to take the mean of.
    low, high
        The 95 % interval of the mean by Student's t over the repeats; None for one repeat.
    sd
        The standard deviation from repeat to repeat; None for one repeat.
    n
        The number of repeats.
    n_reached
        How many of them got there. The others count with all the labels that they had: the mean
        is then too low, and ``is_at_least`` says so.
    """

    value: float | None
    low: float | None
    high: float | None
    sd: float | None
    n: int
    n_reached: int

    @property
    def is_at_least(self) -> bool:
        """Whether the true mean is higher."""
        return self.value is not None and self.n_reached < self.n

    def flat(self, name: str) -> dict[str, Any]:
        """Return the figures under ``name``, ``name_low`` and so on."""
        figures = {f"{name}_{each.name}": getattr(self, each.name) for each in fields(self)}
        return {name: figures.pop(f"{name}_value")} | figures


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many labels one strategy needs for each one of another, on the same splits.

    Parameters
    ----------
    value
        The ratio of the means over the repeats.
    low, high
        95 % interval, by a bootstrap over the repeats; None for one repeat.
    is_at_most, is_at_least
        Whether some repeats of the other, or of this one, never got there.
    """

    value: float
    low: float | None
    high: float | None
    is_at_most: bool
    is_at_least: bool


@dataclass(frozen=True, slots=True)
class StrategySummary:
    """A strategy over all its repeats.

    Parameters
    ----------
    labels_to
        By the percentage of the target's ARI.
    to_random, to_best_oracle
        Labels for each one of random's, and of the best of scikit-activeml at that percentage;
        by percentage, empty where either was not run.
    final_ari
        With the labels of all products that may be asked.
    """

    strategy: str
    features: str
    batch: int
    n_repeats: int
    labels_to: dict[int, Mean]
    picks_to_all_categories: Mean
    final_ari: Mean
    to_random: dict[int, Ratio]
    to_best_oracle: dict[int, Ratio]

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON keeps it: ``labels_to_90``, ``labels_to_90_low``, ..."""
        flat: dict[str, Any] = {
            "strategy": self.strategy,
            "features": self.features,
            "batch": self.batch,
            "n_repeats": self.n_repeats,
        }
        for share, mean in self.labels_to.items():
            flat |= mean.flat(f"labels_to_{share}")
        flat |= self.picks_to_all_categories.flat("picks_to_all_categories")
        flat |= self.final_ari.flat("final_ari")
        for name, ratios in (
            ("to_random", self.to_random),
            ("to_best_oracle", self.to_best_oracle),
        ):
            flat[name] = {str(share): asdict(ratio) for share, ratio in ratios.items()}
        return flat


@dataclass(frozen=True, slots=True)
class CleanUpSummary:
    """A strategy at one noise over all its repeats.

    Parameters
    ----------
    n_under
        Repeats in which the advice to stop came while less than ``SHARE_RIGHT`` was right.
    """

    strategy: str
    noise: str
    n_repeats: int
    right_at_start: Mean
    decisions: Mean
    decisions_to_advice: Mean
    right_at_advice: Mean
    n_under: int

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON keeps it."""
        flat: dict[str, Any] = {
            "strategy": self.strategy,
            "noise": self.noise,
            "n_repeats": self.n_repeats,
            "n_under": self.n_under,
        }
        for name in ("right_at_start", "decisions", "decisions_to_advice", "right_at_advice"):
            flat |= getattr(self, name).flat(name)
        return flat


@dataclass(frozen=True, slots=True)
class Simulation(Subject):
    """All of it."""

    targets: tuple[Target, ...]
    curves: tuple[Curve, ...]
    summary: tuple[StrategySummary, ...]
    cleanups: tuple[CleanUp, ...]
    cleanup_summary: tuple[CleanUpSummary, ...]
