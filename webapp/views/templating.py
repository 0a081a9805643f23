"""What every template may use: addresses of static files, tabs, numbers, names, keys of forms."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import format_datetime, format_decimal, format_percent, gettext

from webapp.domain.accounts import Permission, Role
from webapp.domain.catalogue import Catalogue
from webapp.storage import disputes
from webapp.views.context import current_user, database
from webapp.views.retraining_wording import stage_name
from webapp.views.stored_sentences import translated


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a catalogue in the bar on top."""

    title: str
    address: str
    current: str  # as ``aria-current`` says it: "page", "true" below the page, or ""
    n_waiting: int | None = None  # how much somebody has to look at there, where that is counted


@dataclass(frozen=True, slots=True)
class Navigation:
    """The pages of a catalogue that a person may open; those for managing it in a menu."""

    tabs: tuple[Tab, ...]
    managing: tuple[Tab, ...]

    @property
    def current(self) -> Tab | None:
        """The page that is open, or that holds the open one; None beside all of them."""
        return next((tab for tab in (*self.tabs, *self.managing) if tab.current), None)


def register_template_helpers(app: Flask) -> None:
    """Give the templates their functions and filters."""
    static = Path(app.static_folder or "")
    app.jinja_env.globals.update(
        static_file=lambda name: _static_file(static, name),
        navigation=_navigation,
        role_name=_role_name,
        stage_name=stage_name,
        new_key=_new_key,
    )
    app.jinja_env.filters.update(
        number=format_decimal, percent=format_percent, time=_time, translated=translated
    )


def _static_file(folder: Path, name: str) -> str:
    """Return an address that changes with the content, so that it may be cached for a year."""
    return str(url_for("static", filename=name, v=_version(folder / name)))


def _new_key() -> str:
    """Return an idempotency key for a form."""
    return uuid.uuid4().hex


def _time(moment: datetime) -> str:
    """Write an aware time to the minute, and say that it is UTC."""
    return str(format_datetime(moment.astimezone(UTC), "d MMM y, HH:mm 'UTC'", rebase=False))


@lru_cache(maxsize=256)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _navigation(catalogue: Catalogue) -> Navigation:
    everybody = (
        ("review.page", gettext("Review"), Permission.REVIEW),
        ("products.page", gettext("Products"), None),
        ("suspects.page", gettext("Suspects"), Permission.REVIEW),
        ("adjudication.page", gettext("Disputes"), Permission.REVIEW),
        ("team.page", gettext("Team"), Permission.REVIEW),
        ("guidance.page", gettext("Guidance"), None),
        ("dashboard.page", gettext("Dashboard"), None),
        ("export.page", gettext("Export"), Permission.EXPORT),
    )
    managing = (
        ("retraining.page", gettext("Retraining"), Permission.MANAGE),
        ("acceptance.page", gettext("Auto-accept"), Permission.MANAGE),
        ("settings.page", gettext("Settings"), Permission.MANAGE),
    )
    n_disputes = _count_disputes(catalogue)
    tabs = tuple(
        replace(tab, n_waiting=n_disputes) if endpoint == "adjudication.page" else tab
        for endpoint, tab in _tabs(catalogue, everybody)
        if endpoint != "adjudication.page" or n_disputes or tab.current
    )
    return Navigation(tabs, tuple(tab for _, tab in _tabs(catalogue, managing)))


def _tabs(
    catalogue: Catalogue, rows: tuple[tuple[str, str, Permission | None], ...]
) -> Iterator[tuple[str, Tab]]:
    user = current_user()
    for endpoint, title, permission in rows:
        if permission is None or user.may(permission):
            address = url_for(endpoint, slug=catalogue.slug)
            yield endpoint, Tab(title, address, _current(endpoint))


def _count_disputes(catalogue: Catalogue) -> int:
    """Return how many products wait for this person to judge: their page is named only then."""
    user = current_user()
    if not user.may(Permission.REVIEW):
        return 0
    differing = None if user.may(Permission.MANAGE) else user.id  # who differs may not judge
    with database().read() as session:
        return disputes.count(session, catalogue_id=catalogue.id, undecided_by=differing)


def _current(endpoint: str) -> str:
    if request.endpoint == endpoint:
        return "page"
    blueprint = {"product": "products", "groups": "products", "recent_acts": "review"}.get(
        request.blueprint or "", request.blueprint
    )
    return "true" if blueprint == endpoint.partition(".")[0] else ""


def _role_name(role: Role) -> str:
    names = {
        Role.MODERATOR: gettext("moderator"),
        Role.ANALYST: gettext("analyst"),
        Role.ADMIN: gettext("admin"),
    }
    return str(names[role])
