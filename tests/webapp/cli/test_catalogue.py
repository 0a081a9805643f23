import json

import pytest
from click.testing import CliRunner

from webapp.cli import shelfwise


@pytest.fixture
def run(config, tmp_path, monkeypatch):
    """Return a function that runs ``shelfwise import`` on a text as a file."""
    monkeypatch.delenv("SHELFWISE_DATABASE_URL", raising=False)

    def run(text: str, *options: str):
        path = tmp_path / "shop.csv"
        path.write_text(text)
        arguments = ["--home", str(config.home), "import", str(path), "--catalogue", "Shop"]
        return CliRunner().invoke(shelfwise, [*arguments, *options])

    return run


def test_json_has_counts_and_each_bad_row(run):
    answer = run("sku,title\n1,Mug\n,Pan\n", "--json")

    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {
        "catalogue": "shop",
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "rejected": 1,
        "without_image": 1,
        "without_text": 0,
        "errors": [{"line": 3, "column": "sku", "value": "", "reason": "the id is missing"}],
        "image_problems": [],
    }
    assert answer.stderr == "Rejected rows: 1; the others are in.\n"


def test_words_say_the_same_without_json(run):
    answer = run("sku,title\n1,Mug\n,Pan\n")

    assert "shop: 1 new, 0 changed, 0 unchanged, 1 rejected" in answer.stdout
    assert "Rejected: line 3, sku: the id is missing" in answer.stdout


def test_mapping_file_names_the_columns(run, tmp_path):
    (tmp_path / "mapping.json").write_text('{"external_id": "nummer", "name": "label"}')

    answer = run("nummer,label\n1,Mug\n", "--mapping", str(tmp_path / "mapping.json"), "--json")

    assert json.loads(answer.stdout)["new"] == 1


@pytest.mark.parametrize("mapping", ["{", "[]", '{"name": 1}'])
def test_mapping_that_cannot_be_read_is_one_line_and_status_1(run, tmp_path, mapping):
    (tmp_path / "mapping.json").write_text(mapping)

    answer = run("sku,title\n1,Mug\n", "--mapping", str(tmp_path / "mapping.json"))

    assert answer.exit_code == 1
    assert answer.stderr.startswith("shelfwise: The mapping mapping.json is no JSON")
    assert answer.stderr.count("\n") == 1


def test_nothing_to_import_is_status_1(run):
    answer = run("a,b\n1,2\n", "--json")

    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert "No column holds the ids" in answer.stderr


def test_missing_file_is_wrong_usage(config):
    answer = CliRunner().invoke(
        shelfwise, ["--home", str(config.home), "import", "nowhere.csv", "--catalogue", "Shop"]
    )

    assert answer.exit_code == 2
