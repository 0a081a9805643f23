import hashlib
import json

import pytest
from click.testing import CliRunner

from tests import factories
from webapp.cli import shelfwise
from webapp.domain.review import Verdict

MOMENT = "2026-03-01T12:00:00Z"


@pytest.fixture
def run(config, tmp_path):
    """Run ``shelfwise export`` on the test's database; return exit status, output and errors."""

    def run(*words):
        result = CliRunner().invoke(shelfwise, ["--home", str(config.home), "export", *words])
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def shop(database, alice):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        product = factories.make_product(session, catalogue, external_id="A")
        factories.make_product(session, catalogue, external_id="B")
        factories.make_annotation(
            session, catalogue, product, alice, Verdict.CONFIRMED, category="Kitchen"
        )
    return catalogue


def test_the_file_and_its_manifest_agree(run, shop, tmp_path):
    out = tmp_path / "shop.csv"

    status, output, _ = run("--catalogue", "Shop", "--out", str(out), "--as-of", MOMENT, "--json")

    said = json.loads(output)
    manifest = json.loads((tmp_path / "shop.csv.manifest.json").read_text())
    assert status == 0
    assert said["sha256"] == manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert said["bytes"] == manifest["bytes"] == out.stat().st_size
    assert said["rows"] == 2
    assert said["as_of"] == "2026-03-01T12:00:00.000000Z"
    assert said["manifest"] == str(tmp_path / "shop.csv.manifest.json")
    assert manifest["file"] == "shop.csv"
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("format", ["csv", "csv-excel", "jsonl"])
def test_command_and_page_give_the_same_bytes(run, shop, tmp_path, sign_in, dana, format):
    out = tmp_path / "data"

    run("--catalogue", "shop", "--format", format, "--out", str(out), "--as-of", MOMENT)

    answer = sign_in(dana).get(f"/c/shop/export/data?format={format}&as_of={MOMENT}")
    assert answer.data == out.read_bytes()


def test_only_labelled_rows_are_written_on_request(run, shop, tmp_path):
    out = tmp_path / "shop.jsonl"

    status, output, _ = run(
        "--catalogue", "shop", "--format", "jsonl", "--out", str(out), "--labelled-only"
    )

    [row] = [json.loads(line) for line in out.read_text().splitlines()]
    assert status == 0
    assert "1 rows" in output
    assert (row["external_id"], row["category"]) == ("A", "Kitchen")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--catalogue", "shop", "--as-of", "soon"], "no point in time"),
        (["--catalogue", "shop", "--as-of", "9999-01-01"], "in the future"),
        (["--catalogue", "nowhere"], "There is no catalogue called nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_no_file(run, shop, tmp_path, words, reason):
    out = tmp_path / "shop.csv"

    status, _, errors = run(*words, "--out", str(out))

    assert status == 1
    assert reason in errors
    assert errors.count("\n") == 1
    assert not out.exists()


def test_a_folder_that_is_missing_is_named(run, shop, tmp_path):
    out = tmp_path / "missing" / "shop.csv"

    status, _, errors = run("--catalogue", "shop", "--out", str(out))

    assert status == 1
    assert "shop.csv cannot be written: No such file or directory" in errors


def test_an_unknown_format_is_wrong_usage(run, shop, tmp_path):
    status, _, _ = run("--catalogue", "shop", "--format", "xml", "--out", str(tmp_path / "x"))

    assert status == 2
