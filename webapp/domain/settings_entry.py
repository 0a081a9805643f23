"""What an admin enters on the settings page, and the settings that it becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from webapp.domain.catalogue_settings import (
    SMALLEST_RANDOM_SHARE,
    CatalogueSettings,
    Strategy,
)
from webapp.domain.errors import InvalidInputError
from webapp.domain.schedule import check_timezone, read_schedule

MOST_LABELS = 1_000_000
MOST_CHARACTERS = 100  # of a schedule
MOST_PEOPLE = 5  # per product
MOST_HIDDEN = 50  # percent of the cards: beyond that, suggestions would hardly save work
MOST_PLANTED = 10  # percent: each of them costs a careful person a correction


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """The fields as they were entered, so that a page can show them again."""

    shares: Mapping[str, str]
    every: str
    cron: str
    timezone: str
    baselines: tuple[str, ...]
    people: str = ""
    is_only_unsure: bool = False
    shared_below: str = ""
    hidden: str = ""
    planted: str = ""
    is_inner_allowed: bool = False

    @classmethod
    def of(cls, settings: CatalogueSettings) -> Self:
        """Return the fields that say what is set now."""
        every = settings.retrain_every_n_labels
        return cls(
            shares={each.value: str(settings.shares.get(each.value, 0)) for each in Strategy},
            every="" if every is None else str(every),
            cron=settings.retrain_cron or "",
            timezone=settings.retrain_timezone,
            baselines=settings.baselines,
            people=str(settings.people_per_product),
            is_only_unsure=settings.are_only_unsure_shared,
            shared_below=str(round(100 * settings.shared_below)),
            hidden=str(settings.hidden_share),
            planted=str(settings.planted_share),
            is_inner_allowed=settings.are_inner_categories_allowed,
        )


class SettingsRefusedError(InvalidInputError):
    """Fields that cannot be used; ``problems`` says by field what was expected."""

    def __init__(self, problems: dict[str, InvalidInputError]) -> None:
        super().__init__("Some settings cannot be used; nothing was saved.")
        self.problems = problems


def read_entry(
    entry: SettingsEntry,
    *,
    before: CatalogueSettings,
    known_baselines: Collection[str],
    now: datetime,
) -> CatalogueSettings:
    """Return what shall hold from now on; settings of other pages stay as they are.

    Raises
    ------
    SettingsRefusedError
        If any field cannot be used; it names all of them.
    """
    problems: dict[str, InvalidInputError] = {}
    shares = _read_shares(entry.shares, problems)
    every = _read_every(entry.every, problems)
    cron, timezone = _read_cron(entry.cron, entry.timezone.strip(), problems)
    people = _read_range("people", entry.people, 1, MOST_PEOPLE, problems)
    shared_below = _read_range("shared-below", entry.shared_below, 1, 100, problems)
    hidden = _read_range("hidden", entry.hidden, 0, MOST_HIDDEN, problems)
    planted = _read_range("planted", entry.planted, 0, MOST_PLANTED, problems)
    if unknown := [name for name in entry.baselines if name not in known_baselines]:
        problems["baselines"] = InvalidInputError(
            "There is no baseline called %(name)s.", name=unknown[0]
        )
    if problems:
        raise SettingsRefusedError(problems)
    is_same = (cron, timezone) == (before.retrain_cron, before.retrain_timezone)
    since = None if cron is None else now.isoformat()
    return replace(
        before,
        shares=shares,
        retrain_every_n_labels=every,
        retrain_cron=cron,
        retrain_timezone=timezone,
        retrain_cron_since=before.retrain_cron_since if is_same else since,
        baselines=tuple(dict.fromkeys(entry.baselines)),
        people_per_product=people,
        are_only_unsure_shared=entry.is_only_unsure,
        shared_below=shared_below / 100,
        hidden_share=hidden,
        planted_share=planted,
        are_inner_categories_allowed=entry.is_inner_allowed,
    )


def check_stored(settings: CatalogueSettings) -> dict[str, InvalidInputError]:
    """Return what cannot be used of a schedule as it is stored, by field.

    The page refuses such a schedule, but a restored or edited database may hold one.
    """
    problems: dict[str, InvalidInputError] = {}
    _read_cron(settings.retrain_cron or "", settings.retrain_timezone, problems)
    return problems


def _read_shares(
    entered: Mapping[str, str], problems: dict[str, InvalidInputError]
) -> dict[str, int]:
    shares = {}
    for strategy in Strategy:
        share = _whole_number(entered.get(strategy.value, "") or "0")
        if share is None or share > 100:
            problems[f"share-{strategy.value}"] = InvalidInputError(
                "A whole number from 0 to 100 is expected."
            )
        elif share:
            shares[strategy.value] = share
    if problems:
        return shares
    if shares.get(Strategy.RANDOM.value, 0) < SMALLEST_RANDOM_SHARE:
        problems[f"share-{Strategy.RANDOM.value}"] = InvalidInputError(
            "At least %(least)s%% have to be drawn at random: without them no figure about the "
            "catalogue is fair.",
            least=SMALLEST_RANDOM_SHARE,
        )
    total = sum(shares.values())
    if total != 100:
        problems["shares"] = InvalidInputError(
            "The shares sum to %(total)s%%; they have to sum to 100%%.", total=total
        )
    return shares


def _read_range(
    field: str, entered: str, least: int, most: int, problems: dict[str, InvalidInputError]
) -> int:
    number = _whole_number(entered)
    if number is None or not least <= number <= most:
        problems[field] = InvalidInputError(
            "A whole number from %(least)s to %(most)s is expected.", least=least, most=most
        )
        return least
    return number


def _read_every(entered: str, problems: dict[str, InvalidInputError]) -> int | None:
    if not entered.strip():
        return None
    every = _whole_number(entered)
    if every is None or not 0 < every <= MOST_LABELS:
        problems["every"] = InvalidInputError(
            "A whole number from 1 to %(most)s is expected, or nothing for never.",
            most=MOST_LABELS,
        )
    return every


def _read_cron(
    cron: str, timezone: str, problems: dict[str, InvalidInputError]
) -> tuple[str | None, str]:
    try:
        check_timezone(timezone)
    except InvalidInputError as problem:
        problems["timezone"] = problem
        timezone = "UTC"  # the schedule is checked all the same, so that all is said at once
    if not cron.strip():
        return None, timezone
    try:
        if len(cron) > MOST_CHARACTERS:
            raise InvalidInputError(
                "The schedule is longer than %(most)s characters.", most=MOST_CHARACTERS
            )
        return read_schedule(cron, timezone).expression, timezone
    except InvalidInputError as problem:
        problems["cron"] = problem
        return None, timezone


def _whole_number(entered: str) -> int | None:
    digits = entered.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
