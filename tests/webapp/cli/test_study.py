"""``shelfwise study``: no database, no home folder."""

import json

import pytest
from click.testing import CliRunner

from ml.study.systems import System
from tests.fakes import CountingPipeline
from tests.ml.images.pictures import encoded, picture
from tests.ml.study.studies import add_system, use_fake_systems
from webapp.cli import shelfwise

HERE = "tests.ml.study.studies"


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fake_systems(monkeypatch)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with an images folder in it."""
    (tmp_path / "images").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_shop(folder, *, n=12, images=0, extra=()):
    rows = [
        {
            "sku": f"{name}{at}",
            "title": f"{name} {at}",
            "body": f"{name} text {at} {name}{at} number{at}{name}",
            "category": f"Home > {name}",
            "image": f"{name}-{at}.jpg" if at < images else "",
        }
        for name in ("mug", "lamp")
        for at in range(n)
    ]
    for row in rows:
        if row["image"]:
            shade = 20 + 5 * int(row["image"].split("-")[1].removesuffix(".jpg"))
            (folder / "images" / row["image"]).write_bytes(encoded(picture(20, shade)))
    lines = [json.dumps(row) for row in [*rows, *extra]]
    (folder / "shop.jsonl").write_text("\n".join(lines) + "\n")


def study(*words):
    arguments = ["study", "shop.jsonl", "--out", "out", "--level", "2", *words]
    return CliRunner().invoke(shelfwise, arguments)


def test_json_has_rows_and_summary_and_nothing_but_out_is_made(folder):
    write_shop(folder, images=12)

    answer = study("--images", "images", "--json")

    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert {"rows", "summary"} <= document.keys()
    assert document["categories"] == ["Home > lamp", "Home > mug"]
    assert {row["system"] for row in document["rows"]} == {"fake_text", "fake_image"}
    assert sorted(path.name for path in folder.iterdir()) == ["images", "out", "shop.jsonl"]
    assert {path.name for path in (folder / "out").iterdir()} >= {
        "parts",
        "study.json",
        "study.csv",
        "study.html",
    }


def test_words_say_what_was_left_out_and_where_the_report_is(folder):
    bad = {"sku": "", "title": "no id", "category": "Home > mug"}
    unfiled = {"sku": "x", "title": "no category"}
    shallow = {"sku": "y", "title": "first level alone", "category": "Home"}
    write_shop(folder, extra=[bad, unfiled, shallow])

    answer = study("--only", "fake_text")

    assert answer.exit_code == 0
    assert "1 row cannot be read: line 25: the id is missing." in answer.stdout
    assert "2 rows have no category: line 26, line 27." in answer.stdout
    assert "The report is out/study.html" in answer.stdout


def test_a_second_run_takes_over_what_is_finished(folder):
    write_shop(folder)
    study("--only", "fake_text")
    n_fits = len(CountingPipeline.fits)

    answer = study("--only", "fake_text")

    assert len(CountingPipeline.fits) == n_fits == 2
    assert answer.stderr.count("(taken over)") == 2


def test_another_level_is_another_study(folder):
    write_shop(folder)
    study("--only", "fake_text")
    text = (folder / "shop.jsonl").read_text().replace("Home > lamp", "Garden > lamp")
    (folder / "shop.jsonl").write_text(text)

    answer = study("--only", "fake_text", "--level", "1")

    assert "of other products or settings" in answer.stderr
    assert json.loads((folder / "out" / "study.json").read_text())["categories"] == [
        "Garden",
        "Home",
    ]


def test_a_mapping_names_the_columns(folder):
    write_shop(folder)
    (folder / "mapping.json").write_text('{"category": "title"}')

    answer = study("--mapping", "mapping.json", "--only", "fake_text")

    assert answer.exit_code == 1  # every title is another category
    assert "at least two categories" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--only", "bert"),
        ("--only", ""),
        ("--protocol", "other"),
        ("--repeats", "0"),
        ("--images", "nowhere"),
    ],
)
def test_wrong_usage_is_status_2(folder, words):
    write_shop(folder)

    assert study(*words).exit_code == 2
    assert CountingPipeline.fits == []


def test_an_unknown_system_lists_the_known(folder):
    write_shop(folder)

    assert "there are: fake_text, fake_image" in study("--only", "fake_text,bert").stderr


def test_a_file_without_categories_is_refused_in_one_line(folder):
    (folder / "shop.jsonl").write_text('{"sku": "1", "title": "Mug"}\n')

    answer = study()

    assert answer.exit_code == 1
    assert "No column of shop.jsonl holds the categories" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line_and_status_1(folder):
    write_shop(folder)
    (folder / "out").mkdir()
    (folder / "out" / "parts").write_text("a file in its place")

    answer = study("--only", "fake_text")

    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[-1].startswith("shelfwise: ")


def test_stopped_by_a_person_says_how_to_go_on(folder, monkeypatch):
    add_system(monkeypatch, System("fake_stop"), "text", f"{HERE}:build_stopped")
    write_shop(folder)

    answer = study("--protocol", "honest")

    assert answer.exit_code == 130
    assert "again goes on" in answer.stderr.splitlines()[-1]
    assert not (folder / "out" / "study.json").exists()


def test_stopped_while_the_model_libraries_load_is_the_same(folder, monkeypatch):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr("webapp.cli.study.quieten_tensorflow", stopped)
    write_shop(folder)

    answer = study()

    assert answer.exit_code == 130
    assert "again goes on" in answer.stderr


def test_folders_whose_names_are_no_text_are_written(folder):
    write_shop(folder)
    (folder / "shop.jsonl").rename(folder / "shop\udcff.jsonl")
    words = ["study", "shop\udcff.jsonl", "--out", "out\udcff", "--level", "2"]

    answer = CliRunner().invoke(shelfwise, [*words, "--only", "fake_text"])

    assert answer.exit_code == 0
    assert "The report is out\N{REPLACEMENT CHARACTER}/study.html" in answer.stdout


def test_the_image_network_comes_from_the_settings(folder, monkeypatch):
    write_shop(folder)
    monkeypatch.setenv("SHELFWISE_IMAGE_BACKBONE", "MobileNetV2")
    monkeypatch.setenv("SHELFWISE_IMAGE_WEIGHTS", str(folder / "nowhere.h5"))

    document = json.loads(study("--only", "fake_text", "--json").stdout)

    assert document["settings"]["backbone"] == "MobileNetV2"
    assert document["settings"]["weights"] == "nowhere.h5"
