"""What a person sets for herself alone: the keys of the desk."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.domain.keys import read_keys
from webapp.storage import users
from webapp.storage.database import Session


def change_keys(session: Session, *, user_id: int, entered: Mapping[str, str]) -> None:
    """Let the keys that a person entered hold from now on.

    Raises
    ------
    UnusableKeyError, KeyClashError
        If a key cannot be used; then nothing changes.
    """
    keys = {act.value: key for act, key in read_keys(entered).items()}
    before = users.get(session, user_id=user_id).preferences
    users.write_preferences(session, user_id=user_id, preferences={**before, "keys": keys})


def reset_keys(session: Session, *, user_id: int) -> None:
    """Give a person the keys back that everybody begins with."""
    before = users.get(session, user_id=user_id).preferences
    others = {name: value for name, value in before.items() if name != "keys"}
    users.write_preferences(session, user_id=user_id, preferences=others)
