"""When a schedule starts a round: a cron expression, read on the clock of one time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from webapp.domain.errors import InvalidInputError

_N_FIELDS = 5  # with a sixth the library would read the first as seconds
_LONGEST_CHANGE = timedelta(hours=3)  # of a clock, for daylight saving; Troll Station's is two
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression of five fields and the zone on whose clock it is read.

    Each time of that clock counts once. One that comes twice, when clocks go back, counts when it
    comes first; one that is left out, when they go forward, counts at the first minute that there
    is again.
    """

    expression: str
    timezone: str


def read_schedule(expression: str, timezone: str) -> Schedule:
    """Check an expression and a zone.

    Raises
    ------
    InvalidInputError
        If the expression cannot be read or never comes true, or there is no such zone.

    Examples
    --------
    >>> read_schedule(" 0 3 * *  1 ", "Europe/Paris").expression
    '0 3 * * 1'
    """
    check_timezone(timezone)
    schedule = Schedule(" ".join(expression.split()), timezone)
    if len(schedule.expression.split()) != _N_FIELDS:
        raise InvalidInputError(
            "A schedule has five parts: minute, hour, day of the month, month, day of the week. "
            "0 3 * * 1 is Mondays at 3:00."
        )
    try:
        is_ever = next(CronSim(schedule.expression, datetime(2024, 1, 1)), None)  # noqa: DTZ001
    except (CronSimError, ValueError) as error:
        raise InvalidInputError(
            "%(schedule)s cannot be read as a schedule. Each part is a number, a range such as "
            "1-5, a list such as 1,15, a step such as */6, or * for any.",
            schedule=schedule.expression,
        ) from error
    if is_ever is None:
        raise InvalidInputError(
            "%(schedule)s names a day that never comes.", schedule=schedule.expression
        )
    return schedule


def check_timezone(timezone: str) -> None:
    """Refuse what is no IANA name of a time zone."""
    if timezone not in available_timezones():
        raise InvalidInputError(
            "%(zone)s is no time zone. Expected is a name such as Europe/Paris or UTC.",
            zone=timezone or "-",
        )


def next_starts(schedule: Schedule, *, after: datetime, n: int) -> list[datetime]:
    """Return the next ``n`` times, in UTC; fewer only where the calendar has no more."""
    return list(islice(_starts(schedule, after=after), n))


def find_due(schedule: Schedule, *, after: datetime, until: datetime) -> datetime | None:
    """Return the newest time later than ``after`` and not later than ``until``, or None.

    However many were missed meanwhile, the newest stands for all.
    """
    zone = ZoneInfo(schedule.timezone)
    # Before a clock went back it showed later times than it does now.
    latest = _clock(until, zone) + _LONGEST_CHANGE
    for shown in CronSim(schedule.expression, latest, reverse=True):
        start = _moment(shown, zone)
        if start <= after:
            return None
        if start <= until:
            return start
    return None


def _starts(schedule: Schedule, *, after: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(schedule.timezone)
    last = after
    for shown in CronSim(schedule.expression, _clock(after, zone) - _LONGEST_CHANGE):
        start = _moment(shown, zone)
        if start > last:
            yield start
            last = start


def _clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock of the zone shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _moment(shown: datetime, zone: ZoneInfo) -> datetime:
    """Return when a clock of the zone shows that for the first time, or first skips it, in UTC."""
    while True:
        moment = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if _clock(moment, zone) == shown:
            return moment
        shown += _MINUTE
