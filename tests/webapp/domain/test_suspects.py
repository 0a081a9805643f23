import random
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from webapp.domain.suspects import (
    DRAWN_EVERY,
    LEAST_DRAWN,
    ListedSuspect,
    Suspect,
    arrange,
    estimate_hit_rate,
    hypergeometric_bounds,
)

N_RUNS = 100


def make_list(n, decided=()):
    """A list of ``n``; ``decided`` says of the first places whether they were changed."""
    known = dict(enumerate(decided))
    return [
        ListedSuspect(
            Suspect(
                product_id=100 + at,
                rank=at + 1,
                is_label=False,
                recorded_category_id=1,
                proposed_category_id=2,
                recorded_probability=0.1,
                proposed_probability=0.9,
                score=0.5 * at / n,
            ),
            known.get(at),
            0,
        )
        for at in range(n)
    ]


def ids(places):
    return [listed.suspect.product_id for listed, _ in places]


class TestArrange:
    def test_shows_every_undecided_suspect_once(self):
        places = list(arrange(make_list(30, [True, False, True]), round_id=1))

        assert sorted(ids(places)) == list(range(103, 130))

    def test_one_place_in_four_is_drawn_and_the_others_are_the_most_suspect(self):
        places = list(arrange(make_list(40), round_id=1))[:16]

        ranks = [listed.suspect.rank for listed, is_drawn in places if not is_drawn]
        assert [is_drawn for _, is_drawn in places] == ([False] * 3 + [True]) * 4
        assert ranks == sorted(ranks)
        assert ranks[0] == 1

    def test_who_always_takes_the_first_one_meets_those_that_are_drawn(self):
        listed, drawn = make_list(40), 0
        for _ in range(20):
            found, is_drawn = next(arrange(listed, round_id=1))
            drawn += is_drawn
            listed[found.suspect.rank - 1] = replace(found, has_changed=True)

        assert drawn == 20 // DRAWN_EVERY

    def test_another_round_draws_others(self):
        first, second = (
            [
                listed.suspect.rank
                for listed, is_drawn in arrange(make_list(60), round_id=n)
                if is_drawn
            ]
            for n in (1, 2)
        )

        assert first != second


class TestBounds:
    @pytest.mark.parametrize(
        ("n_hits", "n_drawn", "n_all"), [(0, 5, 30), (5, 5, 30), (7, 12, 400), (3, 9, 9), (1, 2, 3)]
    )
    def test_are_the_exact_ones(self, n_hits, n_drawn, n_all):
        possible = [
            k
            for k in range(n_hits, n_all - (n_drawn - n_hits) + 1)
            if hypergeom.cdf(n_hits, n_all, k, n_drawn) > 0.025
            and hypergeom.sf(n_hits - 1, n_all, k, n_drawn) > 0.025
        ]

        assert hypergeometric_bounds(n_hits, n_drawn, n_all) == (possible[0], possible[-1])

    @given(n_all=st.integers(1, 2000), data=st.data())
    def test_hold_what_was_seen(self, n_all, data):
        n_drawn = data.draw(st.integers(0, n_all))
        n_hits = data.draw(st.integers(0, n_drawn))

        low, high = hypergeometric_bounds(n_hits, n_drawn, n_all)

        assert n_hits <= low <= high <= n_all - (n_drawn - n_hits)


class TestHitRate:
    def test_of_an_undecided_list_is_unknown(self):
        rate = estimate_hit_rate(make_list(10), round_id=1)

        assert (rate.value, rate.low, rate.high) == (None, 0, 1)
        assert (rate.n_listed, rate.n_decided) == (10, 0)

    def test_of_a_list_that_is_decided_is_exact(self):
        rate = estimate_hit_rate(make_list(10, [True] * 7 + [False] * 3), round_id=1)

        assert (rate.value, rate.low, rate.high) == (0.7, 0.7, 0.7)

    def test_of_no_list_is_no_error(self):
        assert estimate_hit_rate([], round_id=1).n_listed == 0

    def test_the_top_alone_says_nothing_of_the_rest(self):
        rate = estimate_hit_rate(make_list(100, [True] * 20), round_id=1)

        assert rate.n_drawn < LEAST_DRAWN
        assert rate.value is None
        assert (rate.low, rate.high > 0.9) == (pytest.approx(0.2, abs=0.05), True)

    @given(n=st.integers(1, 60), data=st.data())
    def test_what_is_decided_is_never_contradicted(self, n, data):
        outcomes = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=n, max_size=n))
        listed = [
            replace(each, has_changed=outcome)
            for each, outcome in zip(make_list(n), outcomes, strict=True)
        ]

        rate = estimate_hit_rate(listed, round_id=3)

        n_undecided = outcomes.count(None)
        assert rate.low * n >= outcomes.count(True) - 1e-9
        assert rate.high * n <= outcomes.count(True) + n_undecided + 1e-9
        if rate.value is not None:
            assert rate.low - 1e-9 <= rate.value <= rate.high + 1e-9


def moderate(seed, n, n_decisions, habit):
    """Decide on a list that gets worse from its top down; return what is shown, and the truth."""
    rng = random.Random(seed)
    is_wrong = [rng.random() < 0.95 - 0.7 * at / n for at in range(n)]
    listed = make_list(n)
    for _ in range(n_decisions):
        shown = list(islice(arrange(listed, round_id=seed), 12))
        if habit == "from the top":
            found = shown[0][0]
        elif habit == "here and there on the page":
            found = rng.choice(shown)[0]
        else:  # goes for what looks clear, and leaves the drawn ones for later half of the time
            ready = [place for place in shown if not place[1] or rng.random() < 0.5]
            found = (ready or shown)[0][0]
        at = found.suspect.rank - 1
        listed[at] = replace(found, has_changed=is_wrong[at])
    return estimate_hit_rate(listed, round_id=seed), sum(is_wrong) / n


@pytest.mark.parametrize(
    "habit", ["from the top", "here and there on the page", "the clear ones first"]
)
@pytest.mark.parametrize(
    ("n", "n_decisions"), [(90, 40), pytest.param(250, 80, marks=pytest.mark.slow)]
)
def test_the_shown_rate_holds_the_truth_in_its_interval(habit, n, n_decisions):
    runs = [moderate(seed, n, n_decisions, habit) for seed in range(N_RUNS)]

    is_held = [rate.low <= truth <= rate.high for rate, truth in runs]
    flattery = [rate.n_changed / rate.n_decided - truth for rate, truth in runs]
    errors = [rate.value - truth for rate, truth in runs if rate.value is not None]
    assert sum(is_held) >= 0.9 * N_RUNS
    assert sum(flattery) / N_RUNS > 0.1  # what the decisions alone would claim
    assert abs(sum(errors) / len(errors)) < 0.04
