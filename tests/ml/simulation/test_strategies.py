"""Strategies are named by their sampler, and by what is not usual about them."""

import pytest

from ml.errors import MlError
from ml.sampling.table import SAMPLERS
from ml.simulation.oracles import ORACLES
from ml.simulation.strategies import Strategy, default_strategies, parse, with_batch


@pytest.mark.parametrize(
    ("text", "strategy"),
    [
        ("default", Strategy("default", "smoothed", 5)),
        ("margin", Strategy("margin", "plain", 20)),
        ("margin@smoothed", Strategy("margin", "smoothed", 20)),
        ("margin@smoothed:7", Strategy("margin", "smoothed", 7)),
        ("default@plain:20", Strategy("default", "plain", 20)),
        ("skactiveml:badge", Strategy("skactiveml:badge", "plain", 20)),
        ("skactiveml:badge:5", Strategy("skactiveml:badge", "plain", 5)),
    ],
)
def test_a_name_says_sampler_features_and_batch(text, strategy):
    assert parse(text) == (strategy,)
    assert strategy.name == text


@pytest.mark.parametrize("name", [*SAMPLERS, *ORACLES])
def test_every_sampler_can_be_named(name):
    (strategy,) = parse(name)

    assert callable(strategy.choose())


def test_several_are_separated_by_commas_and_none_is_run_twice():
    assert [each.name for each in parse("random, margin,random")] == ["random", "margin"]


def test_a_batch_given_for_all_gives_way_to_ones_own():
    assert [each.batch for each in parse("random,margin:3", 9)] == [9, 3]
    assert {each.batch for each in with_batch(default_strategies(), 9)} == {9}
    assert with_batch(default_strategies(), None) == default_strategies()


@pytest.mark.parametrize(
    "text", ["", "bert", "margin@", "margin@blurred", "margin:0", "margin:x", "margin,"]
)
def test_unknown_names_are_refused_with_the_known_ones(text):
    with pytest.raises(MlError, match="there are: "):
        parse(text)
