"""The files of a simulation hold every point, every summary, and nothing that JSON cannot hold."""

import csv
import json
from dataclasses import replace

import pytest

from ml.simulation.documents import document_of, lines_of, write_documents
from ml.simulation.noise import parse_noise
from ml.simulation.records import CurvePoint
from ml.simulation.strategies import parse
from ml.simulation.summary import summarise
from tests.ml.simulation.catalogues import run, use_fake_target


@pytest.fixture
def simulation(monkeypatch):
    use_fake_target(monkeypatch)
    return run(None, repeats=2, noises=(parse_noise("uniform:0.1"),))


def test_json_has_the_keys_that_scripts_rely_on(simulation):
    document = json.loads(json.dumps(document_of(simulation), allow_nan=False))

    assert set(document["curves"][0]) == {"strategy", "repeat", "n_labels", "ari", "accuracy"}
    assert {"strategy", "labels_to_90", "labels_to_95", "labels_to_98"} <= set(
        document["summary"][0]
    )
    assert len(document["runs"]) == 4
    assert len(document["targets"]) == 2
    assert {"noise", "decisions", "n_under"} <= set(document["cleanup_summary"][0])


def test_runs_are_what_the_summary_is_the_mean_of(simulation):
    document = document_of(simulation)
    labels = [run["labels_to_90"] for run in document["runs"] if run["strategy"] == "margin"]
    (margin,) = (each for each in document["summary"] if each["strategy"] == "margin")

    assert None not in labels
    assert margin["labels_to_90"] == pytest.approx(sum(labels) / 2)


def test_three_files_are_written_and_the_table_has_every_point(simulation, tmp_path):
    write_documents(simulation, tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "simulation.json",
        "simulation.csv",
        "simulation.html",
    }
    with (tmp_path / "simulation.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(curve.points) for curve in simulation.curves)
    assert json.loads((tmp_path / "simulation.json").read_text()) == document_of(simulation)


def test_lines_say_the_mean_of_each_strategy_and_when_it_never_got_there(simulation):
    flat = tuple(
        replace(curve, points=(CurvePoint(42, 0.0, 0.3),)) if curve.strategy == "margin" else curve
        for curve in simulation.curves
    )
    summary = summarise(parse("random,margin"), flat, simulation.targets)

    lines = list(lines_of(replace(simulation, curves=flat, summary=summary)))

    assert any("margin (plain, batch 20): never / never / never" in line for line in lines)
    assert any("random, sources kept, noise uniform:0.1: " in line for line in lines)
