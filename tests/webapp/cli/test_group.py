"""Whatever goes wrong, a person gets one line on standard error and exit status 1."""

import errno

import pytest
from click.testing import CliRunner

from webapp.cli import shelfwise


@pytest.fixture
def refused(tmp_path):
    """Run a command that has to fail; return its one line."""

    def run(*words, **environ):
        result = CliRunner().invoke(shelfwise, ["--home", str(tmp_path), *words], env=environ)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)
        (line,) = result.stderr.splitlines()
        return line

    return run


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "SHELFWISE_DATABASE_URL cannot be used"),
        ("oracle9://x/y", "SHELFWISE_DATABASE_URL cannot be used"),
        ("mysql://user:hidden@x/y", "SHELFWISE_DATABASE_URL cannot be used"),
        ("sqlite:////no/such/folder/x.db", "the database cannot be used: unable to open"),
    ],
)
def test_a_database_address_that_cannot_be_used(refused, url, said):
    line = refused("user", "list", SHELFWISE_DATABASE_URL=url)

    assert said in line
    assert "hidden" not in line


def test_a_file_that_is_no_database(refused, tmp_path):
    (tmp_path / "shelfwise.db").write_text("no database" * 100)

    assert "the database cannot be used: file is not a database" in refused("user", "list")


def test_a_full_disk(refused, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device", "shelfwise.db")

    monkeypatch.setattr("webapp.cli.group.Database", fail)

    assert refused("user", "list") == "shelfwise: No space left on device: shelfwise.db"
