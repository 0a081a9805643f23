"""What a view needs of its surroundings: database, queue, settings, the person, a fragment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar, cast

import flask_login
from flask import current_app, request
from werkzeug.routing import IntegerConverter, Map

from webapp.config import Config
from webapp.domain.accounts import Permission, User
from webapp.domain.errors import ForbiddenError
from webapp.storage.database import Database

P = ParamSpec("P")
R = TypeVar("R")
MAX_NUMBER = 2**31 - 1  # of an integer column in PostgreSQL


class JobSender(Protocol):
    """Carries the id of a stored job to a worker."""

    def send(self, job_id: int) -> None:
        """Wake a worker up; call it after the transaction that added the job."""
        ...


def database() -> Database:
    """Return the database of this application."""
    return cast(Database, current_app.extensions["shelfwise_database"])


def queue() -> JobSender:
    """Return what carries job ids to the worker."""
    return cast(JobSender, current_app.extensions["shelfwise_queue"])


def config() -> Config:
    """Return the settings of this installation."""
    return cast(Config, current_app.extensions["shelfwise_config"])


def current_user() -> User:
    """Return the person who is signed in; only for views that need one."""
    return cast(User, flask_login.current_user.user)


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


class StoredNumber(IntegerConverter):
    """A number in an address; one that no column can hold names nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=MAX_NUMBER)


def stored_number(entered: str) -> int:
    """Read a number of a request as ``type=``; one that no column can hold counts as none.

    Raises
    ------
    ValueError
        If it is no number, or too large.
    """
    number = int(entered)
    if abs(number) > MAX_NUMBER:
        raise ValueError(f"{number} is too large")
    return number


def wants_fragment() -> bool:
    """Tell whether htmx or our own script asks for a part of the page.

    Going back in the browser asks for the whole page again, also where htmx does it.
    """
    is_restoring = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not is_restoring


def fragment(template: str, block: str, **values: object) -> str:
    """Render one block of a page; inside it nothing above the block is visible."""
    page = current_app.jinja_env.get_template(template)
    current_app.update_template_context(values)
    return "".join(page.blocks[block](page.new_context(values)))


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only people with that permission into a view; others get a plain refusal."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user().may(permission):
                raise ForbiddenError("Your role does not allow this. An admin can change it.")
            return view(*args, **kwargs)

        return guarded

    return decorate
