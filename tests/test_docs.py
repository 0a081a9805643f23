"""What the documents promise to list is listed, and the examples in docstrings are true."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from ml.pipelines import PIPELINES
from ml.sampling.table import SAMPLERS
from webapp.cli import shelfwise

PROJECT = Path(__file__).resolve().parents[1]
PAGES = (
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
)


def modules_with_examples():
    return [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for folder in ("ml", "webapp")
        for path in sorted((PROJECT / folder).rglob("*.py"))
        if ">>>" in path.read_text()
    ]


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_every_pipeline_has_its_paragraph(name):
    headings = re.findall(r"^## (\w+)", (PROJECT / "docs" / "pipelines.md").read_text(), re.M)

    assert name in headings


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_every_sampler_has_its_row(name):
    rows = re.findall(r"^\| `(\w+)` \|", (PROJECT / "docs" / "samplers.md").read_text(), re.M)

    assert name in rows


def test_the_documented_settings_are_those_that_are_read():
    read = set(re.findall(r'"(SHELFWISE_\w+)"', (PROJECT / "webapp" / "config.py").read_text()))
    documented = re.findall(
        r"^\| `(SHELFWISE_\w+)` \|", (PROJECT / "docs" / "operations.md").read_text(), re.M
    )

    assert sorted(documented) == sorted(read)


def test_nothing_but_the_settings_reads_the_environment():
    readers = {
        str(path.relative_to(PROJECT))
        for folder in ("ml", "webapp")
        for path in (PROJECT / folder).rglob("*.py")
        if re.search(r"os\.environ\[|os\.environ\.get|os\.getenv", path.read_text())
    }

    assert readers == set()


def test_every_make_target_is_documented():
    targets = re.findall(r"^([a-z-]+):.*##", (PROJECT / "Makefile").read_text(), re.M)
    words = "\n".join(page.read_text() for page in PAGES)

    assert "test" in targets
    assert [target for target in targets if not re.search(rf"make {target}\b(?!-)", words)] == []


def test_every_command_is_documented():
    words = "\n".join(page.read_text() for page in PAGES)

    assert [name for name in shelfwise.commands if f"shelfwise {name}" not in words] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_between_documents_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", path.read_text())

    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_in_docstrings_are_true(name):
    results = doctest.testmod(importlib.import_module(name))

    assert results.attempted > 0
    assert results.failed == 0
