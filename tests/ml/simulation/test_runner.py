"""A simulation runs every strategy on every split, and keeps what is finished."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.errors import MlError, NotEnoughDataError
from ml.simulation import curves
from ml.simulation.keeping import alone_in
from ml.simulation.noise import parse_noise
from ml.simulation.oracles import COMPARED
from ml.simulation.runner import SimulationOptions, run_simulation
from ml.simulation.strategies import parse
from tests.fakes import CountingPipeline
from tests.ml.simulation.catalogues import run, use_fake_target, without_the_library
from tests.ml.study.studies import make_products


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fake_target(monkeypatch)


@pytest.fixture
def replays(monkeypatch):
    """The number of curves that are really computed, in a list."""
    made = []
    before = curves.replay

    def counted(*args):
        made.append(1)
        return before(*args)

    monkeypatch.setattr(curves, "replay", counted)
    return made


class TestCurves:
    def test_there_is_one_for_each_strategy_and_split_and_a_target_for_each_split(self, tmp_path):
        found = run(tmp_path, repeats=2)

        assert [(curve.repeat, curve.strategy) for curve in found.curves] == [
            (repeat, strategy) for repeat in (0, 1) for strategy in ("random", "margin")
        ]
        assert [target.repeat for target in found.targets] == [0, 1]
        assert [each.strategy for each in found.summary] == ["random", "margin"]

    def test_all_strategies_share_a_split_and_repeats_differ(self, tmp_path):
        found = run(None, repeats=2, names="random,margin:60,random:60")

        ends = {(curve.repeat, curve.points[-1].n_labels) for curve in found.curves}
        assert len(ends) == 2  # as many labels in all curves of one repeat
        assert {target.n_train + target.n_test for target in found.targets} == {60}
        assert found.curves[1].points == found.curves[2].points  # everything is asked at once
        first, second = CountingPipeline.fits
        assert set(first) != set(second)

    def test_the_target_learns_from_nothing_that_is_held_out(self):
        found = run(None, names="random")

        (fitted,) = CountingPipeline.fits
        assert len(fitted) == found.targets[0].n_train == found.curves[0].points[-1].n_labels

    def test_the_same_seed_gives_the_same_another_one_does_not(self):
        first, again, other = (run(None, names="random", seed=seed) for seed in (3, 3, 4))

        assert first.curves == again.curves
        assert first.curves != other.curves

    def test_samplers_that_compare_text_and_image_can_be_simulated(self):
        products = make_products(60)
        without = (None,) * 60
        batch = replace(products.batch, image_paths=without, image_hashes=without)

        found = run(None, products=replace(products, batch=batch), names="disagreement")

        assert found.curves[0].points[-1].n_labels == found.targets[0].n_train

    def test_default_strategies_are_the_recipe_random_margin_and_the_other_library(self):
        found = run(None, names=None)

        names = [each.strategy for each in found.summary]
        assert names == ["default", "random", "margin", *COMPARED]

    def test_without_the_other_library_its_strategies_are_left_out_in_one_line(self, monkeypatch):
        without_the_library(monkeypatch)

        found = run(None, names=None)

        assert [each.strategy for each in found.summary] == ["default", "random", "margin"]
        assert sum("is not installed" in line for line in found.left_out) == 1

    def test_one_that_is_asked_for_by_name_is_an_error_then(self, monkeypatch):
        without_the_library(monkeypatch)

        with pytest.raises(MlError, match="pip install"):
            run(None, names="random,skactiveml:badge")

    def test_a_strategy_that_fails_is_left_out_and_named(self, monkeypatch):
        def broken(*args, **kwargs):
            raise IndexError("no luck")

        monkeypatch.setattr("skactiveml.pool.CoreSet.query", broken)

        found = run(None, names="random,skactiveml:coreset", repeats=2)

        assert [each.strategy for each in found.summary] == ["random"]
        assert any("skactiveml:coreset" in line and "no luck" in line for line in found.left_out)

    def test_where_none_could_run_it_says_why(self, monkeypatch):
        def broken(*args, **kwargs):
            raise IndexError("no luck")

        monkeypatch.setattr("skactiveml.pool.CoreSet.query", broken)

        with pytest.raises(NotEnoughDataError, match="no luck"):
            run(None, names="skactiveml:coreset")

    def test_too_small_a_file_is_refused_in_words(self):
        products = make_products(12).take(np.arange(4))

        with pytest.raises(NotEnoughDataError, match="too small"):
            run(None, products=products)


class TestCleanUps:
    def test_every_noise_is_run_with_the_same_wrong_sources_for_all(self):
        noises = (parse_noise("uniform:0.2"), parse_noise("none"))

        found = run(None, names=None, noises=noises, batch=20)

        assert [(each.noise, each.strategy) for each in found.cleanup_summary] == [
            ("uniform:0.2", "default"),
            ("uniform:0.2", "random"),
            ("uniform:0.2", "random, sources kept"),
            ("none", "default"),
            ("none", "random"),
        ]
        assert found.cleanups[2].right_at_start == pytest.approx(0.8)
        assert found.cleanups[0].right_at_start == found.cleanups[1].right_at_start

    def test_named_strategies_take_the_place_of_the_usual_ones(self):
        found = run(None, names="margin", noises=(parse_noise("confusable:0.1"),))

        assert [each.strategy for each in found.cleanup_summary] == [
            "margin",
            "random, sources kept",
        ]

    def test_samplers_that_compare_text_and_image_clean_up_too(self):
        noises = (parse_noise("uniform:0.2"), parse_noise("none"))

        found = run(None, names="disagreement", noises=noises, batch=20)

        assert not [line for line in found.left_out if "disagreement" in line]
        assert [(each.noise, each.strategy) for each in found.cleanups] == [
            ("uniform:0.2", "disagreement"),
            ("uniform:0.2", "random, sources kept"),
            ("none", "disagreement"),
        ]


class TestKeeping:
    def test_finished_pieces_are_taken_over(self, tmp_path, replays):
        first = run(tmp_path, noises=(parse_noise("uniform:0.1"),))
        lines = []

        again = run(tmp_path, noises=(parse_noise("uniform:0.1"),), lines=lines)

        assert len(replays) == 2
        assert len(CountingPipeline.fits) == 1
        assert all(line.endswith("(taken over)") for line in lines)
        assert len(lines) == 1 + 2 + 3
        assert again == first

    def test_more_repeats_go_on_from_there(self, tmp_path, replays):
        run(tmp_path)

        run(tmp_path, repeats=2)

        assert len(replays) == 4

    def test_what_was_stopped_goes_on_with_the_piece_that_was_not_finished(
        self, tmp_path, replays, monkeypatch
    ):
        def stopped(*args):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("ml.simulation.strategies.resolve", lambda name: stopped)
            with pytest.raises(KeyboardInterrupt):
                run(tmp_path)

        run(tmp_path)

        assert len(CountingPipeline.fits) == 1  # the target was kept
        assert len(replays) == 1 + 2

    def test_another_seed_takes_nothing_over_and_says_so(self, tmp_path, replays):
        run(tmp_path)
        lines = []

        run(tmp_path, seed=1, lines=lines)

        assert len(replays) == 4
        assert "is not used here" in lines[0]

    def test_a_damaged_piece_is_made_again(self, tmp_path, replays):
        first = run(tmp_path)
        (piece,) = (tmp_path / "parts").glob("*/margin*.npz")
        piece.write_bytes(b"cut off")

        again = run(tmp_path)

        assert len(replays) == 3
        assert again == first

    def test_two_in_one_folder_are_refused(self, tmp_path):
        with alone_in(tmp_path), pytest.raises(MlError, match="Another simulation"):
            run(tmp_path)

        assert run(tmp_path).summary  # and once the first has ended, it goes on

    def test_without_a_folder_nothing_is_kept(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        run(None)

        assert list(tmp_path.iterdir()) == []


def test_pieces_are_counted_for_a_bar(tmp_path):
    told = []

    run_simulation(
        make_products(60),
        SimulationOptions(strategies=parse("random"), noises=(parse_noise("none"),)),
        PipelineSettings(),
        tmp_path,
        [].append,
        lambda done, total: told.append((done, total)),
    )

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_settings_tell_no_folder_of_this_machine(tmp_path):
    found = run(tmp_path)

    assert str(tmp_path) not in json.dumps(found.settings)
    assert found.settings["strategies"] == ["random", "margin"]
