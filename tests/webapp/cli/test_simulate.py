"""``shelfwise simulate``: no database, no home folder."""

import json

import pytest
from click.testing import CliRunner

from ml.simulation.keeping import alone_in
from tests.fakes import CountingPipeline
from tests.ml.simulation.catalogues import use_fake_target
from webapp.cli import shelfwise

HERE = "tests.ml.study.studies"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working folder, with a file of a shop in it."""
    use_fake_target(monkeypatch)
    monkeypatch.chdir(tmp_path)
    rows = [
        {
            "sku": f"{name}{at}",
            "title": f"{name} {at}",
            "body": f"{name} {words} number{at}{name}",
            "category": f"Home > {name}",
        }
        for name, words in (("mug", "hot tea cup"), ("lamp", "bright light bulb"))
        for at in range(20)
    ]
    (tmp_path / "shop.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return tmp_path


def simulate(*words):
    arguments = ["simulate", "shop.jsonl", "--level", "2", "--repeats", "1", *words]
    return CliRunner().invoke(shelfwise, arguments)


def test_json_has_curves_and_summary_and_nothing_is_left_behind(folder):
    answer = simulate("--strategies", "default,random:5", "--json")

    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert {row["strategy"] for row in document["curves"]} == {"default", "random:5"}
    assert document["categories"] == ["Home > lamp", "Home > mug"]
    assert {"labels_to_90", "labels_to_95", "labels_to_98"} <= document["summary"][0].keys()
    assert [path.name for path in folder.iterdir()] == ["shop.jsonl"]


def test_words_say_the_figures_and_where_the_report_is(folder):
    answer = simulate("--strategies", "random", "--noise", "uniform:0.1", "--out", "out")

    assert answer.exit_code == 0
    assert "random (plain, batch 20): " in answer.stdout
    assert "random, noise uniform:0.1: " in answer.stdout
    assert "The report is out/simulation.html" in answer.stdout
    assert "[2/4] random, repeat 1: " in answer.stderr
    assert (folder / "out" / "simulation.html").exists()


def test_a_second_run_takes_over_what_is_finished():
    simulate("--strategies", "random", "--out", "out")

    answer = simulate("--strategies", "random", "--out", "out")

    assert answer.stderr.count("(taken over)") == 2
    assert len(CountingPipeline.fits) == 1


def test_a_batch_is_that_of_all_strategies_without_their_own():
    answer = simulate("--strategies", "random,margin:4", "--batch", "7", "--json")

    assert [each["batch"] for each in json.loads(answer.stdout)["summary"]] == [7, 4]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--strategies", "bert"), "there are: "),
        (("--strategies", ""), "there are: "),
        (("--noise", "loud"), "uniform:SHARE"),
        (("--repeats", "0"), "--repeats"),
        (("--batch", "0"), "--batch"),
        (("--images", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_status_2(words, said):
    answer = simulate(*words)

    assert answer.exit_code == 2
    assert said in answer.stderr
    assert CountingPipeline.fits == []


def test_two_in_one_folder_are_refused_in_one_line(folder):
    (folder / "out").mkdir()
    with alone_in(folder / "out"):
        answer = simulate("--strategies", "random", "--out", "out")

    assert answer.exit_code == 1
    assert answer.stderr.count("\n") == 1
    assert "Another simulation is writing into out" in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"), [((), "nothing was kept"), (("--out", "out"), "again goes on")]
)
def test_stopped_by_a_person_says_how_to_go_on(folder, monkeypatch, words, said):
    use_fake_target(monkeypatch, f"{HERE}:build_stopped")

    answer = simulate("--strategies", "random", *words)

    assert answer.exit_code == 130
    assert said in answer.stderr.splitlines()[-1]
    assert not (folder / "out" / "simulation.json").exists()


def test_why_it_cannot_start_is_one_line(monkeypatch):
    use_fake_target(monkeypatch, f"{HERE}:build_refusing")

    answer = simulate("--strategies", "random")

    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[-1] == "shelfwise: the weights are on the moon"
