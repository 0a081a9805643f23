"""People, their roles, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person comes for; an admin may do everything."""

    MODERATOR = "moderator"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing that not everybody may do; dashboards are open to all roles."""

    REVIEW = "review"
    EXPORT = "export"
    MANAGE = "manage"


_PERMISSIONS = {
    Role.MODERATOR: frozenset({Permission.REVIEW}),
    Role.ANALYST: frozenset({Permission.EXPORT}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class User:
    """One person with an account; ``preferences`` are hers alone, such as the keys of the desk."""

    id: int
    email: str
    name: str
    role: Role
    is_active: bool
    created_at: datetime
    preferences: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def may(self, permission: Permission) -> bool:
        """Tell whether this person may do that now."""
        return self.is_active and permission in _PERMISSIONS[self.role]
