"""``python -m ml`` and its exit status."""

import csv
import json

import pytest

from ml.__main__ import main
from ml.study.systems import PROTOCOLS, System
from tests.fakes import CountingPipeline
from tests.ml.study.studies import add_system, use_fake_systems


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fake_systems(monkeypatch)


@pytest.fixture
def shop(tmp_path):
    """A file of 24 products in two categories."""
    path = tmp_path / "shop.csv"
    lines = [
        f"{name}{at},{name} text {at} {name}{at} number{at}{name},{name}"
        for name in ("mug", "lamp")
        for at in range(12)
    ]
    path.write_text("\n".join(["id,description,category", *lines]) + "\n")
    return path


def test_the_results_are_files_and_one_document(shop, tmp_path, capsys):
    status = main([str(shop), "--out", str(tmp_path / "out"), "--only", "fake_text", "--json"])

    said = capsys.readouterr()
    document = json.loads(said.out)
    assert status == 0
    assert [row["protocol"] for row in document["rows"]] == list(PROTOCOLS)
    assert json.loads((tmp_path / "out" / "study.json").read_text()) == document
    with (tmp_path / "out" / "study.csv").open() as file:
        assert [row["system"] for row in csv.DictReader(file)] == ["fake_text"] * 2
    assert "<html" in (tmp_path / "out" / "study.html").read_text()
    assert [line.split(":")[0] for line in said.err.splitlines()] == [
        "[1/2] fake_text, study",
        "[2/2] fake_text, honest",
    ]


def test_without_images_the_image_system_is_left_out_and_the_rest_runs(shop, tmp_path, capsys):
    assert main([str(shop), "--out", str(tmp_path), "--protocol", "honest"]) == 0
    assert "fake_image, honest: left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--only", "bert"],
        ["--repeats", "0"],
        ["--seed", "-1"],
        ["--protocol", "other"],
        ["--images", "no/such/folder"],
        ["--weights", "no/such/file"],
    ],
)
def test_wrong_usage_is_status_2(shop, tmp_path, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([str(shop), "--out", str(tmp_path), *words])

    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_an_unknown_system_lists_the_known(shop, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(shop), "--out", str(tmp_path), "--only", "bert"])

    assert "there are: fake_text, fake_image" in capsys.readouterr().err


def test_a_file_that_cannot_be_studied_is_status_1_and_one_line(shop, tmp_path, capsys):
    shop.write_text("a,b\n1,2\n")

    assert main([str(shop), "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "has no column id or uniq_id" in line


def test_a_folder_that_cannot_be_written_is_status_1_before_anything_is_fitted(
    shop, tmp_path, capsys
):
    (tmp_path / "out").write_text("a file in its place")

    assert main([str(shop), "--out", str(tmp_path / "out")]) == 1
    assert CountingPipeline.fits == []
    assert "File exists" in capsys.readouterr().err


def test_stopped_by_a_person_is_status_130_and_says_how_to_go_on(
    shop, tmp_path, capsys, monkeypatch
):
    add_system(monkeypatch, System("fake_stop"), "text", "tests.ml.study.studies:build_stopped")

    assert main([str(shop), "--out", str(tmp_path), "--protocol", "honest"]) == 130
    assert "again goes on" in capsys.readouterr().err.splitlines()[-1]


def test_stopped_while_the_model_libraries_load_is_status_130(shop, tmp_path, monkeypatch):
    def stopped(**_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("ml.__main__.PipelineSettings", stopped)

    assert main([str(shop), "--out", str(tmp_path)]) == 130
