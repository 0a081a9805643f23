from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests import factories
from tests.webapp.domain.test_vigilance import card
from webapp.domain.figures import Figure
from webapp.domain.pace import pace_of
from webapp.domain.review import AskedBecause, Verdict


def acts(n, *, every_s, start=factories.NOW):
    return [
        replace(card(product_id=at), created_at=start + timedelta(seconds=every_s * at))
        for at in range(n)
    ]


def test_breaks_do_not_count_as_work():
    day = acts(100, every_s=6) + acts(50, every_s=6, start=factories.NOW + timedelta(hours=5))

    assert pace_of(day).per_hour.value == pytest.approx(600)


def test_seconds_are_the_middle_one_so_that_a_forgotten_card_does_not_matter():
    timed = [replace(act, took_ms=2000) for act in acts(20, every_s=6)]
    timed[3] = replace(timed[3], took_ms=3_600_000)

    assert pace_of(timed).seconds.value == 2


def test_few_cards_have_no_pace_and_say_how_many_they_are():
    found = pace_of(replace(act, took_ms=2000) for act in acts(19, every_s=6))

    assert (found.seconds, found.per_hour) == (None, None)
    assert (found.n_timed, found.n_gaps) == (19, 18)


@pytest.mark.parametrize(("n", "low", "high"), [(20, 6, 15), (2000, 956, 1045)])
def test_a_median_lies_between_two_ranks(n, low, high):
    timed = [replace(act, took_ms=1000 * (at + 1)) for at, act in enumerate(acts(n, every_s=6))]

    assert pace_of(timed).seconds == Figure((n + 1) / 2, low, high, n)  # as scipy's binomial


def test_an_hourly_pace_has_the_interval_of_the_mean_gap():
    moments = np.cumsum(np.random.default_rng(0).exponential(6, size=401))
    cards = acts(401, every_s=0)
    worked = [
        replace(act, created_at=act.created_at + timedelta(seconds=float(moment)))
        for act, moment in zip(cards, moments, strict=True)
    ]

    found = pace_of(worked).per_hour

    # gaps as spread as their mean: a tenth either way for 400 of them
    assert found.low / found.value == pytest.approx(0.906, abs=0.01)
    assert found.high / found.value == pytest.approx(1.103, abs=0.01)


def test_decisions_that_looked_at_no_card_do_not_count():
    together = [replace(act, is_in_bulk=True) for act in acts(30, every_s=0)]
    alike = [replace(act, asked_because=AskedBecause.LOOK_ALIKE) for act in acts(30, every_s=0)]
    skipped = [replace(act, verdict=Verdict.SKIPPED) for act in acts(30, every_s=1)]

    assert pace_of([*together, *alike, *skipped]).n_timed == 0
