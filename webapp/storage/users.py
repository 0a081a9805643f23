"""People and their API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from webapp.domain.accounts import Role, User
from webapp.domain.errors import ConflictError, NotFoundError
from webapp.storage.tables import ApiTokenRow, UserRow

_MAX_ID = 2**31 - 1  # of an integer column in PostgreSQL; addresses can name a larger one
# Built once, and of tables: every request begins with one of these.
_USERS = cast(Table, UserRow.__table__)
_TOKENS = cast(Table, ApiTokenRow.__table__)
_OF_TOKEN = (
    select(_USERS)
    .join(_TOKENS, _TOKENS.c.user_id == _USERS.c.id)
    .where(
        _TOKENS.c.token_sha256 == bindparam("token_sha256"),
        _TOKENS.c.revoked_at.is_(None),
        _USERS.c.is_active,
    )
)
_BY_ID = select(_USERS).where(_USERS.c.id == bindparam("of_user"))


def find(session: Session, *, user_id: int) -> User | None:
    """Return the person with that id, or None."""
    found = find_by_id_with_hash(session, user_id=user_id)
    return found[0] if found else None


def find_by_id_with_hash(session: Session, *, user_id: int) -> tuple[User, str] | None:
    """Return the person with that id and the hash of the password, or None."""
    if user_id > _MAX_ID:
        return None
    row = session.connection().execute(_BY_ID, {"of_user": user_id}).one_or_none()
    return (_user(row), row.password_hash) if row else None


def get(session: Session, *, user_id: int) -> User:
    """Return the person with that id."""
    user = find(session, user_id=user_id)
    if user is None:
        raise NotFoundError("There is no such account.")
    return user


def get_by_email(session: Session, *, email: str) -> User:
    """Return the person with that address; capitals do not matter."""
    row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    if row is None:
        raise NotFoundError("There is no account for %(email)s.", email=email)
    return _user(row)


def find_with_hash(session: Session, *, email: str) -> tuple[User, str] | None:
    """Return the person with that address and the hash of the password, or None."""
    row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    return (_user(row), row.password_hash) if row else None


def find_hash(session: Session, *, user_id: int) -> str | None:
    """Return the hash of a person's password, or None where there is no such person."""
    return session.scalar(select(UserRow.password_hash).where(UserRow.id == user_id))


def list_all(session: Session) -> list[User]:
    """Return everybody, in the order of their addresses."""
    return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.email))]


def add(
    session: Session, *, email: str, name: str, role: Role, password_hash: str, now: datetime
) -> User:
    """Add a person; an address that is taken is a conflict."""
    email = email.strip().lower()
    if session.scalar(select(UserRow.id).where(UserRow.email == email)) is not None:
        raise ConflictError("There is already an account for %(email)s.", email=email)
    row = UserRow(
        email=email,
        name=name.strip(),
        role=role.value,
        password_hash=password_hash,
        is_active=True,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _user(row)


def set_active(session: Session, *, user_id: int, is_active: bool) -> None:
    """Switch an account on or off."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(is_active=is_active))


def set_password_hash(session: Session, *, user_id: int, password_hash: str) -> None:
    """Replace the hash of a password."""
    session.execute(
        update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash)
    )


def write_preferences(session: Session, *, user_id: int, preferences: Mapping[str, Any]) -> None:
    """Store what a person has set for herself."""
    session.execute(
        update(UserRow).where(UserRow.id == user_id).values(preferences=dict(preferences))
    )


def add_token(session: Session, *, user_id: int, token_sha256: str, now: datetime) -> None:
    """Keep the hash of a new API token."""
    session.add(ApiTokenRow(user_id=user_id, token_sha256=token_sha256, created_at=now))


def revoke_tokens(session: Session, *, user_id: int, now: datetime) -> int:
    """Make a person's API tokens worthless; return how many there were."""
    revoked = session.scalars(
        update(ApiTokenRow)
        .where(ApiTokenRow.user_id == user_id, ApiTokenRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiTokenRow.id)
    )
    return len(revoked.all())


def find_by_token(session: Session, *, token_sha256: str) -> User | None:
    """Return the active person whose unrevoked token has that hash, or None."""
    row = session.connection().execute(_OF_TOKEN, {"token_sha256": token_sha256}).one_or_none()
    return _user(row) if row else None


def _user(row: UserRow | Row[*tuple[Any, ...]]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        is_active=row.is_active,
        created_at=row.created_at,
        preferences=row.preferences,
    )
