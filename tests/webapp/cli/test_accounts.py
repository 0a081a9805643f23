import json

import pytest
from click.testing import CliRunner

from webapp.cli import shelfwise
from webapp.services import accounts
from webapp.storage.database import Database

PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path):
    """Run a command in a home of its own; return exit status, output and errors."""

    def run(*words, typed=None):
        result = CliRunner().invoke(shelfwise, ["--home", str(tmp_path), *words], input=typed)
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def open_database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'shelfwise.db'}")
    yield database
    database.dispose()


def test_a_person_who_was_added_can_sign_in(run, open_database):
    status, output, _ = run(
        "user", "add", "Ann@example.com", "--role", "admin", typed=f"{PASSWORD}\n" * 2
    )

    assert status == 0
    assert "ann@example.com can sign in as admin." in output
    assert PASSWORD not in output
    with open_database.read() as session:
        assert accounts.sign_in(session, email="ann@example.com", password=PASSWORD)


def test_a_new_password_replaces_the_old_one(run, open_database):
    run("user", "add", "ann@example.com", "--password", PASSWORD)

    status, _, _ = run("user", "password", "ann@example.com", typed="another long one\n" * 2)

    assert status == 0
    with open_database.read() as session:
        assert accounts.sign_in(session, email="ann@example.com", password=PASSWORD) is None
        assert accounts.sign_in(session, email="ann@example.com", password="another long one")


def test_a_token_works_until_it_is_revoked(run, open_database):
    run("user", "add", "ann@example.com", "--password", PASSWORD)

    _, printed, _ = run("user", "token", "ann@example.com")

    token = printed.strip()
    with open_database.read() as session:
        assert accounts.find_user_by_token(session, token=token)
    assert run("user", "token", "ann@example.com", "--revoke")[0] == 0
    with open_database.read() as session:
        assert accounts.find_user_by_token(session, token=token) is None


def test_lists_people_as_json(run):
    run("user", "add", "ann@example.com", "--password", PASSWORD, "--role", "admin")
    run("user", "add", "bea@example.com", "--password", PASSWORD)
    run("user", "disable", "bea@example.com")

    _, output, _ = run("user", "list", "--json")

    assert json.loads(output) == [
        {"email": "ann@example.com", "name": "ann", "role": "admin", "is_active": True},
        {"email": "bea@example.com", "name": "bea", "role": "moderator", "is_active": False},
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("user", "password", "no@example.com", "--password", PASSWORD), "no account"),
        (("user", "token", "no@example.com"), "no account"),
        (("user", "add", "no", "--password", PASSWORD), "not an e-mail address"),
        (("user", "add", "ann@example.com", "--password", "short"), "at least 10 characters"),
    ],
)
def test_a_refusal_is_one_line_on_standard_error_and_status_1(run, words, reason):
    status, output, errors = run(*words)

    assert (status, output) == (1, "")
    assert reason in errors
    assert errors.strip().count("\n") == 0


def test_an_unknown_role_is_wrong_usage(run):
    status, _, errors = run("user", "add", "ann@example.com", "--role", "emperor")

    assert status == 2
    assert "moderator" in errors
