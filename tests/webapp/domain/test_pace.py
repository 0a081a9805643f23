from dataclasses import replace
from datetime import timedelta

import pytest

from tests import factories
from tests.webapp.domain.test_vigilance import card
from webapp.domain.pace import pace_of
from webapp.domain.review import AskedBecause, Verdict


def acts(n, *, every_s, start=factories.NOW):
    return [
        replace(card(product_id=at), created_at=start + timedelta(seconds=every_s * at))
        for at in range(n)
    ]


def test_breaks_do_not_count_as_work():
    day = acts(100, every_s=6) + acts(50, every_s=6, start=factories.NOW + timedelta(hours=5))

    assert pace_of(day).per_hour == pytest.approx(600)


def test_seconds_are_the_middle_one_so_that_a_forgotten_card_does_not_matter():
    timed = [replace(act, took_ms=2000) for act in acts(20, every_s=6)]
    timed[3] = replace(timed[3], took_ms=3_600_000)

    assert pace_of(timed).median_s == 2


def test_few_cards_have_no_pace():
    found = pace_of(acts(5, every_s=6))

    assert (found.median_s, found.per_hour) == (None, None)


def test_decisions_that_looked_at_no_card_do_not_count():
    together = [replace(act, is_in_bulk=True) for act in acts(30, every_s=0)]
    alike = [replace(act, asked_because=AskedBecause.LOOK_ALIKE) for act in acts(30, every_s=0)]
    skipped = [replace(act, verdict=Verdict.SKIPPED) for act in acts(30, every_s=1)]

    assert pace_of([*together, *alike, *skipped]).n_timed == 0
