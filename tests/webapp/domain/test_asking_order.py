from dataclasses import replace

import pytest

from webapp.domain.asking_order import (
    EXACT_PLACES,
    Lane,
    Place,
    Waiting,
    arrange,
    drawn,
    fraction_of,
    is_moved,
    place_of_new,
    priority_of,
)
from webapp.domain.review import AskedBecause

UNCERTAIN, CONFLICT, RANDOM = AskedBecause.UNCERTAIN, AskedBecause.CONFLICT, AskedBecause.RANDOM


def lane(order, *, share=100, reason=UNCERTAIN, is_by_chance=False):
    return Lane(share, list(order), reason, is_by_chance)


def ask(*lanes, evaluation_share=0.2, n=None, **waiting):
    return arrange(lanes, Waiting(**waiting), evaluation_share=evaluation_share, n=n)


def ids(places):
    return [place.product_id for place in places]


def reasons(places):
    return [place.reason for place in places]


class TestLanes:
    def test_one_lane_is_asked_in_its_own_order_and_says_why(self):
        places = ask(lane([3, 1, 2]))

        assert ids(places) == [3, 1, 2]
        assert set(reasons(places)) == {UNCERTAIN}
        assert not any(place.is_suggestion_hidden for place in places)

    @pytest.mark.parametrize(("n", "expected"), [(10, 7), (100, 70), (13, 9)])
    def test_every_beginning_of_the_queue_has_its_shares(self, n, expected):
        places = ask(
            lane(range(1000), share=70),
            lane(range(1000, 2000), share=20, reason=CONFLICT),
            lane(range(2000, 3000), share=10, reason=RANDOM),
            n=n,
        )

        assert len(places) == n
        assert abs(reasons(places).count(UNCERTAIN) - expected) <= 1
        assert abs(reasons(places).count(CONFLICT) - n * 0.2) <= 1
        assert abs(reasons(places).count(RANDOM) - n * 0.1) <= 1

    def test_a_product_that_two_lanes_want_stands_once_with_the_reason_of_the_one_that_put_it(self):
        places = ask(
            lane([1, 2, 3, 4], share=50),
            lane([1, 3, 2, 4], share=50, reason=CONFLICT),
        )

        assert [(place.product_id, place.reason) for place in places] == [
            (1, UNCERTAIN),
            (3, CONFLICT),
            (2, UNCERTAIN),
            (4, CONFLICT),
        ]

    def test_a_lane_that_is_used_up_leaves_its_share_to_the_others(self):
        places = ask(
            lane([1], share=50), lane([2], share=25, reason=CONFLICT), lane(range(3, 9), share=25)
        )

        assert sorted(ids(places)) == [1, 2, 3, 4, 5, 6, 7, 8]

    def test_without_lanes_only_the_evaluation_set_is_asked(self):
        assert ids(ask(evaluation=[4, 2])) == [4, 2]


class TestNearDuplicates:
    def test_one_of_a_group_stands_in_front_and_the_others_follow_later(self):
        places = ask(lane([1, 2, 3, 4]), group_of={1: 7, 2: 7, 3: 8, 4: 7})

        assert ids(places) == [1, 3, 2, 4]

    def test_near_duplicates_of_decided_products_follow_too(self):
        places = ask(lane([1, 2, 3]), group_of={1: 7, 2: 8, 3: 9}, decided_groups=frozenset({7, 8}))

        assert ids(places) == [3, 1, 2]

    def test_two_lanes_do_not_ask_two_of_a_group_in_front(self):
        places = ask(
            lane([1, 2], share=50),
            lane([3, 4], share=50, reason=CONFLICT),
            group_of={1: 7, 3: 7, 2: 8, 4: 9},
        )

        assert ids(places)[-1] == 3
        assert places[-1].reason is CONFLICT

    def test_a_random_draw_is_not_bent(self):
        places = ask(
            lane([1, 2], share=50),
            lane([3, 4], share=50, reason=RANDOM, is_by_chance=True),
            group_of={1: 7, 2: 8, 3: 7, 4: 7},
        )

        assert ids(places) == [1, 3, 2, 4]


class TestEvaluationSet:
    def test_every_fifth_place_goes_to_it_with_the_suggestion_hidden(self):
        places = ask(lane(range(40)), evaluation=range(100, 110))

        evaluation = [at for at, place in enumerate(places) if place.reason == "evaluation"]
        assert evaluation == [4, 9, 14, 19, 24, 29, 34, 39, 44, 49]
        assert all(places[at].is_suggestion_hidden for at in evaluation)

    def test_what_is_left_of_it_comes_after_the_others(self):
        places = ask(lane(range(4)), evaluation=range(100, 106))

        assert [place.product_id >= 100 for place in places] == [False] * 4 + [True] * 6

    def test_a_share_of_everything_asks_it_first(self):
        places = ask(lane(range(3)), evaluation=range(10, 13), evaluation_share=1.0)

        assert [place.product_id >= 10 for place in places] == [True] * 3 + [False] * 3


class TestBehind:
    def test_what_no_strategy_knows_is_new_and_waits_behind(self):
        places = ask(lane([1, 2]), unknown=[8, 9])

        assert ids(places) == [1, 2, 8, 9]
        assert reasons(places)[2:] == [AskedBecause.NEW] * 2

    def test_skipped_products_come_last_and_stay_hidden_where_they_evaluate(self):
        *_, one, other = ask(lane([1, 2]), unknown=[3], skipped=[10, 20], evaluates=frozenset({20}))

        assert (one.product_id, one.reason) == (10, AskedBecause.SKIPPED)
        assert not one.is_suggestion_hidden
        assert (other.product_id, other.reason) == (20, AskedBecause.SKIPPED)
        assert other.is_suggestion_hidden
        assert other.priority < one.priority < -1


class TestPriorities:
    def test_fall_from_one_and_stay_above_zero_however_long_the_queue_is(self):
        assert [place.priority for place in ask(lane([1, 2, 3]))] == [1, 1 / 2, 1 / 3]
        assert priority_of(10_000_000) > 0

    def test_do_not_change_for_what_stands_before_others_that_leave(self):
        assert ask(lane(range(50)))[:20] == ask(lane(range(20)))

    def test_of_new_products_are_random_and_behind_those_with_a_proper_place(self):
        places = [place_of_new(number, AskedBecause.NEW) for number in range(100)]

        assert max(place.priority for place in places) < priority_of(900_000)
        assert len({place.priority for place in places}) == 100


class TestIsMoved:
    FAR = Place(1, priority_of(50_000), UNCERTAIN, False)

    def test_every_place_in_front_is_exact(self):
        before = Place(1, priority_of(10), UNCERTAIN, False)

        assert is_moved(before, replace(before, priority=priority_of(11)))
        assert is_moved(before, replace(before, reason=CONFLICT))
        assert not is_moved(before, replace(before))

    def test_far_behind_a_little_is_nothing_and_much_is_something(self):
        assert not is_moved(self.FAR, replace(self.FAR, priority=priority_of(60_000)))
        assert is_moved(self.FAR, replace(self.FAR, priority=priority_of(90_000)))
        assert is_moved(self.FAR, replace(self.FAR, priority=priority_of(20_000)))

    def test_what_enters_or_leaves_the_front_is_moved(self):
        inside = replace(self.FAR, priority=priority_of(EXACT_PLACES - 1))
        outside = replace(self.FAR, priority=priority_of(EXACT_PLACES + 1))

        assert is_moved(inside, outside)
        assert is_moved(outside, inside)

    def test_a_suggestion_that_has_to_be_hidden_is_never_left(self):
        assert is_moved(self.FAR, replace(self.FAR, is_suggestion_hidden=True))

    def test_what_chance_has_not_chosen_never_goes_by_its_name(self):
        assert is_moved(replace(self.FAR, reason=RANDOM), self.FAR)
        assert is_moved(self.FAR, replace(self.FAR, reason=RANDOM))

    def test_what_was_sent_behind_comes_back(self):
        assert is_moved(replace(self.FAR, priority=self.FAR.priority - 1), self.FAR)


class TestDrawn:
    def test_takes_its_share_and_leaves_the_others_in_their_order(self):
        taken, others = drawn(range(10_000), 0.1)

        assert len(taken) == pytest.approx(1000, abs=90)
        assert others == sorted(others)
        assert sorted(taken + others) == list(range(10_000))

    def test_a_greater_share_begins_with_the_smaller_one(self):
        few, _ = drawn(range(1000), 0.05)
        many, _ = drawn(range(1000), 0.2)

        assert many[: len(few)] == few

    def test_does_not_follow_who_else_is_open(self):
        half, _ = drawn(range(0, 1000, 2), 0.1)
        whole, _ = drawn(range(1000), 0.1)

        assert half == [number for number in whole if number % 2 == 0]


def test_fractions_spread_over_the_unit_interval():
    fractions = [fraction_of(number) for number in range(1000)]

    assert 0 <= min(fractions) < 0.01
    assert 0.99 < max(fractions) < 1
