"""The report says every figure with its n, and trusts no word of the catalogue."""

import json
import re
from dataclasses import replace

import pytest

from ml.simulation.report import render_report
from ml.simulation.report_curves import chart_of, drawn_curves
from ml.simulation.report_words import answers_of, title_of
from tests.ml.simulation.factories import make_simulation


def test_it_fetches_nothing_and_lets_only_its_own_texts_act():
    html = render_report(make_simulation(2))

    assert "default-src &#39;none&#39;" in html
    assert re.findall(r"(?:src|href)=\"(?!#|data:)", html) == []


def test_words_of_the_catalogue_are_words():
    hostile = "<script>alert(1)</script>"
    simulation = replace(make_simulation(2), source=hostile, categories=(hostile, "b"))

    assert hostile not in render_report(simulation)


@pytest.mark.parametrize("repeats", [1, 10])
@pytest.mark.parametrize("names", ["default,random,skactiveml:badge", "margin"])
@pytest.mark.parametrize("cleanups", [True, False])
def test_every_kind_of_simulation_has_a_report(repeats, names, cleanups):
    simulation = make_simulation(repeats, names, cleanups=cleanups)

    html = render_report(simulation)

    assert ("Cleaning up wrong source categories" in html) == cleanups
    assert ("interval of that mean" in html) == (repeats > 1)


def test_the_first_answer_is_about_the_recipe_with_n_and_interval():
    answers = answers_of(make_simulation())

    assert "default recipe" in answers[0].question.lower()
    assert "n = 10 repeats, 95\N{NO-BREAK SPACE}% interval" in answers[0].sentence
    assert re.fullmatch(r"0\.\d\d of the labels", answers[1].big)


def test_without_the_other_strategies_an_answer_says_so():
    answers = answers_of(make_simulation(2, "margin"))

    assert [answer.big for answer in answers[1:3]] == ["", ""]
    assert "not compared" in answers[1].sentence


def test_a_strategy_that_never_gets_there_is_said_to():
    html = render_report(make_simulation(2, "random,entropy@smoothed:5"))

    assert "<b>never</b>" in html


def test_curves_are_means_with_bands_that_hold_them():
    simulation = make_simulation()

    chart = chart_of(drawn_curves(simulation), "reached", simulation)

    assert chart["lines"] == [90, 95, 98]
    assert [each["is_shown"] for each in chart["series"]][:3] == [True, True, True]
    assert not chart["series"][4]["is_shown"]
    for series in chart["series"]:
        assert all(point["low"] <= point["y"] <= point["high"] for point in series["points"])
    assert json.dumps(chart, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("skactiveml:badge", "badge of scikit-activeml"),
        ("random", "Random"),
        ("random@smoothed:5", "Random (smoothed, 5 at a time)"),
        ("random, sources kept", "Random, sources kept"),
    ],
)
def test_strategies_have_titles(name, title):
    assert title_of(name) == title


def test_the_command_measures_it_again():
    html = render_report(make_simulation(2, "random,margin:5"))

    assert "shelfwise simulate products.csv --images IMAGES --out OUT" in html
    assert "--strategies random,margin:5 --noise uniform:0.1 --noise none --repeats 2" in html
