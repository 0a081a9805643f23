"""What is done with accounts: signing in, adding people, switching them off, API tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.domain.accounts import Role, User
from webapp.domain.errors import ConflictError, InvalidInputError
from webapp.storage import users
from webapp.storage.database import Session

MIN_PASSWORD_LENGTH = 10  # NIST SP 800-63B asks for at least 8; length beats composition rules
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe())  # so that unknown addresses take as long


def sign_in(session: Session, *, email: str, password: str) -> User | None:
    """Return the active person whose password this is, or None."""
    found = users.find_with_hash(session, email=email)
    user, password_hash = found if found else (None, _NOBODY)
    try:
        _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user is not None and user.is_active else None


def session_id(session: Session, *, user_id: int) -> str:
    """Return what a session cookie names a person by.

    It changes with the password: whoever sets a new one ends the sessions of the old one.
    """
    return _session_id(user_id, users.find_hash(session, user_id=user_id) or "")


def find_user_by_session_id(session: Session, *, named: str) -> User | None:
    """Return the active person that a session cookie names, or None."""
    number = named.partition(".")[0]
    if not number.isdecimal():
        return None
    found = users.find_by_id_with_hash(session, user_id=int(number))
    if found is None or not found[0].is_active:
        return None
    user, password_hash = found
    return user if hmac.compare_digest(_session_id(user.id, password_hash), named) else None


def _session_id(user_id: int, password_hash: str) -> str:
    return f"{user_id}.{hashlib.sha256(password_hash.encode()).hexdigest()[:16]}"


def add_user(
    session: Session, *, email: str, name: str, role: Role, password: str, now: datetime
) -> User:
    """Add a person with a role and a first password."""
    if not _EMAIL.fullmatch(email.strip()):
        raise InvalidInputError("%(email)s is not an e-mail address.", email=email.strip() or '""')
    check_password(password)
    name = name.strip() or email.split("@")[0]
    return users.add(
        session, email=email, name=name, role=role, password_hash=hash_password(password), now=now
    )


def check_password(password: str) -> None:
    """Refuse a password that is too short."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidInputError(
            "A password needs at least %(length)s characters.", length=MIN_PASSWORD_LENGTH
        )


def set_password(session: Session, *, user_id: int, password: str) -> None:
    """Give a person a new password, which ends that person's sessions."""
    check_password(password)
    users.set_password_hash(session, user_id=user_id, password_hash=hash_password(password))


def change_password(session: Session, *, user: User, old: str, new: str) -> None:
    """Let a person who knows the old password choose a new one."""
    if sign_in(session, email=user.email, password=old) is None:
        raise InvalidInputError("The old password is wrong.")
    set_password(session, user_id=user.id, password=new)


def switch(session: Session, *, email: str, is_active: bool) -> User:
    """Switch an account on or off; the last active admin stays."""
    user = users.get_by_email(session, email=email)
    admins = [u for u in users.list_all(session) if u.role is Role.ADMIN and u.is_active]
    if not is_active and [admin.id for admin in admins] == [user.id]:
        raise ConflictError("The last active admin cannot be switched off.")
    users.set_active(session, user_id=user.id, is_active=is_active)
    return users.get_by_email(session, email=email)


def issue_token(session: Session, *, email: str, now: datetime) -> str:
    """Return a new bearer token for a person; only its hash is kept, so it is shown once."""
    user = users.get_by_email(session, email=email)
    if not user.is_active:
        raise ConflictError("The account of %(email)s is switched off.", email=user.email)
    token = f"sw_{secrets.token_urlsafe(32)}"
    users.add_token(session, user_id=user.id, token_sha256=hash_token(token), now=now)
    return token


def revoke_tokens(session: Session, *, email: str, now: datetime) -> int:
    """Make every API token of a person worthless; return how many there were."""
    user = users.get_by_email(session, email=email)
    return users.revoke_tokens(session, user_id=user.id, now=now)


def find_user_by_token(session: Session, *, token: str) -> User | None:
    """Return the person that a bearer token stands for, or None."""
    return users.find_by_token(session, token_sha256=hash_token(token))


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token: enough for 256 random bits, and found by index."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and its cost."""
    return _HASHER.hash(password)
