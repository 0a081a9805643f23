import json

import pytest
from click.testing import CliRunner

from tests.fakes import use_fakes
from webapp.cli import shelfwise
from webapp.domain.accounts import Role
from webapp.jobs import runner
from webapp.services import accounts
from webapp.storage import users

SMALL = ("demo", "--products", "60", "--json")


@pytest.fixture
def call(config, monkeypatch):
    """Run a command on the home folder of the test, with pipelines that train at once."""
    use_fakes(monkeypatch)
    monkeypatch.setenv("SHELFWISE_TEXT_PIPELINE", "fake_text")
    monkeypatch.setenv("SHELFWISE_IMAGE_PIPELINE", "fake_image")

    def run(*words):
        return CliRunner().invoke(shelfwise, ["--home", str(config.home), *words])

    return run


def interrupt(*_args, **_options):
    raise KeyboardInterrupt


def test_makes_a_catalogue_a_round_and_one_person_a_role(call, config, database):
    result = call(*SMALL)

    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["import"]["new"] == 60
    assert printed["round"]["round"] == 1
    assert {user["role"] for user in printed["users"]} == {role.value for role in Role}
    kept = config.home / "demo" / "people.txt"
    assert kept.stat().st_mode & 0o077 == 0
    assert all(user["password"] in kept.read_text() for user in printed["users"])


def test_one_that_was_interrupted_is_finished_the_next_time(call, database, monkeypatch):
    with monkeypatch.context() as interrupted:
        interrupted.setattr(runner, "run_claimed", interrupt)
        assert call(*SMALL).exit_code == 1

    result = call(*SMALL, "--if-empty")

    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["import"]["unchanged"] == 60
    assert printed["round"]["round"] == 1
    with database.read() as session:
        assert len(users.list_all(session)) == len(Role)


def test_people_whose_passwords_were_never_told_get_new_ones(call, config, database):
    first = json.loads(call(*SMALL).stdout)
    (config.home / "demo" / "people.txt").unlink()  # as if the first try had ended before it

    again = json.loads(call(*SMALL).stdout)

    assert again["round"]["round"] == 1
    for old, new in zip(first["users"], again["users"], strict=True):
        with database.read() as session:
            assert accounts.sign_in(session, email=new["email"], password=new["password"])
            assert not accounts.sign_in(session, email=new["email"], password=old["password"])


def test_where_there_is_one_already_nothing_is_changed(call):
    first = json.loads(call(*SMALL).stdout)

    again = call(*SMALL, "--if-empty")
    refused = call(*SMALL)

    assert (again.exit_code, again.stdout) == (0, "")
    assert "people.txt" in again.stderr
    assert refused.exit_code == 1
    assert "already" in refused.stderr
    assert first["round"]["round"] == 1


def test_beside_another_catalogue_nothing_is_made_unasked(call, shop):
    result = call(*SMALL, "--if-empty")

    assert (result.exit_code, result.stdout) == (0, "")
