from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.errors import InvalidInputError
from webapp.domain.schedule import Schedule, find_due, next_starts, read_schedule

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll")
EXPRESSIONS = ("30 2 * * *", "*/20 * * * *", "0 */2 * * *", "15,45 1-3 * * *", "0 3 * * 1")


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def starts(expression, zone, after, n):
    return next_starts(read_schedule(expression, zone), after=after, n=n)


class TestReading:
    @pytest.mark.parametrize(
        "expression",
        [
            "",
            "0 3 * *",
            "* * * * * *",
            "61 * * * *",
            "5-1 * * * *",
            "0 0 31 2 *",
            "² * * * *",
            "@x",
        ],
    )
    def test_refuses_what_is_no_schedule_in_plain_words(self, expression):
        with pytest.raises(InvalidInputError, match=r"schedule"):
            read_schedule(expression, "UTC")

    @pytest.mark.parametrize("zone", ["", "Paris", "../etc/passwd", "Europe/paris"])
    def test_refuses_what_is_no_time_zone(self, zone):
        with pytest.raises(InvalidInputError, match="no time zone"):
            read_schedule("0 3 * * *", zone)

    def test_ignores_spaces_around(self):
        assert read_schedule("  0 3 * *   mon ", "UTC").expression == "0 3 * * mon"


class TestWhenClocksChange:
    """Paris goes from 2:00 to 3:00 on 29 March 2026 at 1:00 UTC, and back on 25 October."""

    def test_a_time_that_is_left_out_starts_once_when_the_clock_goes_on(self):
        found = starts("30 2 * * *", "Europe/Paris", utc(2026, 3, 28, 12), 2)

        assert found == [utc(2026, 3, 29, 1, 0), utc(2026, 3, 30, 0, 30)]

    def test_a_time_that_comes_twice_starts_when_it_comes_first(self):
        found = starts("30 2 * * *", "Europe/Paris", utc(2026, 10, 24, 12), 2)

        assert found == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]

    def test_several_times_that_are_left_out_become_one(self):
        found = starts("0,30 2,3 * * *", "Europe/Paris", utc(2026, 3, 28, 12), 2)

        assert found == [utc(2026, 3, 29, 1, 0), utc(2026, 3, 29, 1, 30)]

    def test_after_the_second_pass_of_an_hour_nothing_of_it_starts_again(self):
        schedule = read_schedule("30 2 * * *", "Europe/Paris")

        due = find_due(schedule, after=utc(2026, 10, 25, 0, 30), until=utc(2026, 10, 25, 23, 0))

        assert due is None

    def test_what_was_missed_before_the_clock_went_back_is_found_after_it(self):
        schedule = read_schedule("45 2 * * *", "Europe/Paris")

        due = find_due(schedule, after=utc(2026, 10, 24, 12), until=utc(2026, 10, 25, 1, 10))

        assert due == utc(2026, 10, 25, 0, 45)


class TestDue:
    SCHEDULE = Schedule("0 3 * * *", "UTC")

    def test_the_newest_missed_start_stands_for_all(self):
        due = find_due(self.SCHEDULE, after=utc(2026, 3, 1), until=utc(2026, 3, 9, 8))

        assert due == utc(2026, 3, 9, 3)

    def test_includes_the_minute_itself_and_not_the_one_before(self):
        at_three = utc(2026, 3, 9, 3)
        early = at_three - timedelta(seconds=1)

        assert find_due(self.SCHEDULE, after=utc(2026, 3, 8, 3), until=at_three) == at_three
        assert find_due(self.SCHEDULE, after=utc(2026, 3, 8, 3), until=early) is None
        assert find_due(self.SCHEDULE, after=at_three, until=at_three) is None


@settings(max_examples=30)
@given(
    expression=st.sampled_from(EXPRESSIONS),
    zone=st.sampled_from(ZONES),
    day=st.sampled_from([utc(2026, 3, 7), utc(2026, 3, 28), utc(2026, 10, 24), utc(2026, 10, 31)]),
    step_min=st.sampled_from([5, 35, 300]),
)
def test_looking_now_and_then_finds_every_start_once(expression, zone, day, step_min):
    schedule = read_schedule(expression, zone)
    end = day + timedelta(days=3)
    expected = [at for at in next_starts(schedule, after=day, n=300) if at <= end]
    fired, last, now = [], day, day

    while now < end:
        now = min(now + timedelta(minutes=step_min), end)
        due = find_due(schedule, after=last, until=now)
        if due is not None:
            fired.append(due)
            last = due

    assert fired == sorted(set(fired))
    assert set(fired) <= set(expected)
    if step_min == 5:  # finer than any of the schedules
        assert fired == expected
