"""The application, its clients and its people, on a database of its own for every test."""

from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from werkzeug.test import TestResponse

from tests import databases, factories
from webapp.app import create_app
from webapp.config import Config
from webapp.domain.accounts import Role, User
from webapp.services import accounts
from webapp.storage.database import Database

# A busy machine is no failure. Each run tries the same examples: what fails is what was changed.
# To look for new ones: pytest --hypothesis-profile=explore
settings.register_profile("explore", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same")

SECRET_KEY = "for tests only, and long enough to sign with"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[databases.OnSQLite | databases.OnPostgreSQL]:
    empty = databases.empty(tmp_path_factory.mktemp("database"))
    yield empty
    empty.drop()


@pytest.fixture
def config(
    tmp_path: Path, empty_database: databases.OnSQLite | databases.OnPostgreSQL
) -> Iterator[Config]:
    with empty_database.copy(tmp_path) as address:
        yield Config(
            home=tmp_path,
            database_url=address,
            queue_url="sqlite",
            secret_key=SECRET_KEY,
        )


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    database = Database(config.database_url)
    yield database
    database.dispose()


@pytest.fixture
def on_sqlite(config: Config) -> None:
    """Skip what looks at SQLite's files, settings or plans while the tests run on PostgreSQL."""
    if not config.database_url.startswith("sqlite"):
        pytest.skip("looks at a file, a setting or a plan of SQLite's")


class SentJobs(list[int]):
    """Stands in for the queue library: keeps the ids of the jobs that were sent."""

    def send(self, job_id: int) -> None:
        self.append(job_id)


@pytest.fixture
def sent_jobs() -> SentJobs:
    return SentJobs()


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a test's own parts: routes and templates are compiled once."""
    config = Config(
        home=tmp_path_factory.mktemp("app"),
        database_url="sqlite://",
        queue_url="sqlite",
        secret_key=SECRET_KEY,
    )
    app = create_app(config, queue=SentJobs())
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    return app


@pytest.fixture
def app(
    shared_app: Flask,
    config: Config,
    database: Database,
    sent_jobs: SentJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> Flask:
    """The application on the test's database; what it keeps and its settings last for one test."""
    parts = {
        "shelfwise_config": config,
        "shelfwise_database": database,
        "shelfwise_queue": sent_jobs,
    }
    monkeypatch.setattr(shared_app, "extensions", shared_app.extensions | parts)
    monkeypatch.setattr(shared_app, "config", copy(shared_app.config))
    return shared_app


@pytest.fixture
def alice(database: Database) -> User:
    return _person(database, "alice", Role.MODERATOR)


@pytest.fixture
def bob(database: Database) -> User:
    return _person(database, "bob", Role.MODERATOR)


@pytest.fixture
def dana(database: Database) -> User:
    return _person(database, "dana", Role.ANALYST)


@pytest.fixture
def carol(database: Database) -> User:
    return _person(database, "carol", Role.ADMIN)


def _person(database: Database, name: str, role: Role) -> User:
    with database.begin() as session:
        return factories.make_user(session, name=name, role=role)


@pytest.fixture
def sign_in(app: Flask, database: Database):
    """Return a function that makes a client in which that person is signed in."""

    def make(user: User) -> FlaskClient:
        client = app.test_client()
        with database.read() as reading:
            session_id = accounts.session_id(reading, user_id=user.id)
        with client.session_transaction() as session:
            session["_user_id"] = session_id
            session["_fresh"] = True
        return client

    return make


@pytest.fixture
def client(sign_in, alice: User) -> FlaskClient:
    """A client in which alice, a moderator, is signed in."""
    return sign_in(alice)


@pytest.fixture
def admin_client(sign_in, carol: User) -> FlaskClient:
    """A client in which carol, an admin, is signed in."""
    return sign_in(carol)


@pytest.fixture
def htmx(client: FlaskClient):
    """Post a form as htmx does, as alice."""

    def post(address: str, **form: object) -> TestResponse:
        return client.post(address, data=form, headers={"HX-Request": "true"})

    return post


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real products beside the project."""
    if not (SHARED / "flipkart" / "products.csv").exists():
        pytest.skip("the real products are not beside this checkout (../shared/data)")
    return SHARED
