"""Means, intervals and ratios over repeats, against values worked out by hand."""

import pytest

from ml.simulation.records import CleanUp, Curve, CurvePoint, Target
from ml.simulation.strategies import parse
from ml.simulation.summary import mean_of, ratio_of, summarise, summarise_cleanups

TARGETS = [Target(repeat, 0.8, 0.9, 70, 30) for repeat in range(2)]


def make_curve(strategy, repeat, aris, step=10, picks=4):
    points = tuple(
        CurvePoint(step * number, ari, ari + 0.1) for number, ari in enumerate(aris, start=1)
    )
    return Curve(strategy, repeat, points, picks)


def test_a_mean_has_students_interval():
    mean = mean_of([1.0, 2.0, 3.0])

    assert (mean.value, mean.sd, mean.n, mean.n_reached) == (2.0, 1.0, 3, 3)
    assert mean.high - mean.value == pytest.approx(4.302653 / 3**0.5, rel=1e-5)
    assert mean.value - mean.low == pytest.approx(mean.high - mean.value)
    assert not mean.is_at_least


def test_one_repeat_has_no_interval_and_none_no_mean():
    assert (mean_of([7]).value, mean_of([7]).low, mean_of([7]).sd) == (7.0, None, None)
    assert mean_of([70, 70], n_reached=0).value is None
    assert mean_of([]).value is None


def test_a_ratio_is_that_of_the_means_and_its_interval_pairs_the_repeats():
    ratio = ratio_of([10, 20, 60], [20, 40, 120], ours_reached=True, theirs_reached=False)

    assert (ratio.value, ratio.low, ratio.high) == (0.5, 0.5, 0.5)
    assert ratio.is_at_most
    assert not ratio.is_at_least


class TestStrategies:
    def summaries(self, curves):
        return {
            each.strategy: each
            for each in summarise(parse("default,random,skactiveml:badge,entropy"), curves, TARGETS)
        }

    def test_the_first_number_of_labels_counts_even_if_the_curve_falls_again(self):
        curves = [
            make_curve("default", 0, [0.3, 0.72, 0.6, 0.79]),
            make_curve("default", 1, [0.75, 0.77, 0.79, 0.79]),
        ]

        default = self.summaries(curves)["default"]

        assert default.labels_to[90].value == 15  # 0.72 after 20 labels, 0.75 after 10
        assert default.labels_to[95].value == 30  # 0.79 after 40, 0.77 after 20
        assert default.labels_to[98].value == 35
        assert default.final_ari.value == pytest.approx(0.79)

    def test_repeats_that_never_get_there_count_with_all_labels_and_are_told(self):
        curves = [make_curve("random", 0, [0.3, 0.8]), make_curve("random", 1, [0.3, 0.4])]

        mean = self.summaries(curves)["random"].labels_to[90]

        assert (mean.value, mean.n, mean.n_reached, mean.is_at_least) == (20, 2, 1, True)

    def test_where_none_gets_there_there_is_no_number(self):
        curves = [make_curve("random", 0, [0.3, 0.4]), make_curve("random", 1, [0.3, 0.4])]

        random = self.summaries(curves)["random"]

        assert random.labels_to[90].value is None
        assert random.as_dict()["labels_to_90"] is None
        assert random.as_dict()["labels_to_90_n_reached"] == 0

    def test_ratios_compare_with_random_and_with_the_best_of_the_other_library(self):
        curves = [
            *(make_curve("default", repeat, [0.8]) for repeat in (0, 1)),
            *(make_curve("random", repeat, [0.1, 0.2, 0.3, 0.8]) for repeat in (0, 1)),
            *(make_curve("skactiveml:badge", repeat, [0.1, 0.8]) for repeat in (0, 1)),
        ]

        found = self.summaries(curves)

        assert found["default"].to_random[90].value == 0.25
        assert found["default"].to_best_oracle[90].value == 0.5
        assert found["random"].to_random == {}
        assert found["default"].as_dict()["to_random"]["95"]["value"] == 0.25

    def test_a_strategy_that_was_left_out_has_no_summary(self):
        assert list(self.summaries([make_curve("random", 0, [0.8])])) == ["random"]


def test_clean_ups_are_put_together_by_noise_and_strategy():
    def run(repeat, **changes):
        values = {
            "strategy": "default",
            "noise": "uniform:0.1",
            "repeat": repeat,
            "right_at_start": 0.96,
            "decisions": 40,
            "decisions_to_advice": 90,
            "right_at_advice": 0.995,
        }
        return CleanUp(**values | changes)

    runs = [
        run(0),
        run(1, decisions=60, decisions_to_advice=None, right_at_advice=None),
        run(0, noise="none", right_at_advice=0.98),
    ]

    first, second = summarise_cleanups(runs)

    assert (first.noise, first.n_repeats, first.decisions.value, first.n_under) == (
        "uniform:0.1",
        2,
        50,
        0,
    )
    assert (first.decisions_to_advice.value, first.decisions_to_advice.n) == (90, 1)
    assert (second.noise, second.n_under) == ("none", 1)
    assert first.as_dict()["decisions_sd"] == pytest.approx(14.142, abs=1e-3)
