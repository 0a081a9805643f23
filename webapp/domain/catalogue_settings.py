"""What an admin decides about a catalogue: what is asked, when to retrain, what to accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

SMALLEST_RANDOM_SHARE = 5  # percent: without random picks no figure about the catalogue is fair


class Strategy(StrEnum):
    """What part of the queue is ordered by; the default recipe switches between rules by itself."""

    RECOMMENDED = "recommended"  # the default recipe
    UNCERTAIN = "uncertain"  # small margin
    CONFLICT = "conflict"  # text and image disagree
    SUSPECT = "suspect"  # the recorded category looks wrong
    TYPICAL = "typical"  # typical of its neighbourhood
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """Settings of one catalogue; every field has a default, so that old catalogues have them too.

    Parameters
    ----------
    shares
        Percent of the queue for each strategy, summing to 100; RANDOM has at least
        ``SMALLEST_RANDOM_SHARE``. The evaluation set takes its own places beside them.
    retrain_every_n_labels
        A round starts by itself after so many new labels; None never.
    retrain_cron
        A cron expression of five fields; None is no schedule.
    retrain_timezone
        An IANA name, in which the expression is read.
    retrain_cron_since
        When the schedule was set, ISO 8601: what it would have started before is not made up for.
    accept_target
        The precision that automatic acceptance shall have, 0 to 1; None accepts nothing.
    accept_confidence
        How sure that has to be, 0 to 1.
    is_accepted_per_category
        Whether each category is certified for itself, instead of all together.
    baselines
        Rows of ``PIPELINES`` that are scored beside each published round.
    people_per_product
        How many moderators decide a product before it has a label.
    are_only_unsure_shared
        Whether that holds only for products whose prediction is below ``shared_below``; the
        others need one person.
    shared_below
        A fused probability, 0 to 1.
    hidden_share
        Percent of the cards whose suggestion is hidden by chance, so that nobody only confirms.
    planted_share
        Percent of the cards that suggest a wrong category by chance; 0 is off.
    are_inner_categories_allowed
        Whether a product may be filed under a node above the decision level.
    """

    shares: Mapping[str, int]
    retrain_every_n_labels: int | None = None
    retrain_cron: str | None = None
    retrain_timezone: str = "UTC"
    retrain_cron_since: str | None = None
    accept_target: float | None = None
    accept_confidence: float = 0.95
    is_accepted_per_category: bool = False
    baselines: tuple[str, ...] = ()
    people_per_product: int = 1
    are_only_unsure_shared: bool = False
    shared_below: float = 0.75
    hidden_share: int = 5
    planted_share: int = 0
    are_inner_categories_allowed: bool = False

    @property
    def share_of_seconds(self) -> float:
        """Percent of the cards that somebody else has decided already, while any such wait."""
        return max(100 - 100 / self.people_per_product, self.planted_share)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as they are stored."""
        record = asdict(self)
        record["shares"] = dict(self.shares)
        record["baselines"] = list(self.baselines)
        return record


DEFAULT_SHARES = {Strategy.RECOMMENDED.value: 90, Strategy.RANDOM.value: 10}


def read_settings(stored: Mapping[str, Any]) -> CatalogueSettings:
    """Read stored settings; what is not there has its default, what is unknown is left alone.

    >>> read_settings({"retrain_every_n_labels": 100}).retrain_every_n_labels
    100
    """
    names = {field.name for field in fields(CatalogueSettings)}
    known = {name: value for name, value in stored.items() if name in names}
    known.setdefault("shares", DEFAULT_SHARES)
    known["baselines"] = tuple(known.get("baselines", ()))
    return CatalogueSettings(**known)
