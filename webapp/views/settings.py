"""Settings of a catalogue: what is asked first, when to retrain, which baselines."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.domain.catalogue_settings import Strategy
from webapp.domain.errors import InvalidInputError
from webapp.domain.schedule import next_starts, read_schedule
from webapp.domain.settings_entry import (
    MOST_CHARACTERS,
    MOST_HIDDEN,
    MOST_PEOPLE,
    MOST_PLANTED,
    SettingsEntry,
    SettingsRefusedError,
    check_stored,
)
from webapp.services import catalogue_settings, triggers
from webapp.storage import catalogues
from webapp.storage.database import Session
from webapp.views import settings_wording as wording
from webapp.views.context import current_user, database, fragment, now, queue, requires

blueprint = Blueprint("settings", __name__, url_prefix="/c/<slug>/settings")
TEMPLATE = "settings/page.html"
_N_STARTS = 3


@blueprint.get("")
@requires(Permission.MANAGE)
def page(slug: str) -> ResponseReturnValue:
    """Show what is set."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        entry = SettingsEntry.of(catalogue.settings)
        values = _values(session, catalogue, entry, check_stored(catalogue.settings))
    return render_template(TEMPLATE, **values)


@blueprint.post("")
@requires(Permission.MANAGE)
def save(slug: str) -> ResponseReturnValue:
    """Save what was entered; what cannot be used is said beside its field, and nothing is lost."""
    entry = _entry()
    try:
        with database().begin() as session:
            job = catalogue_settings.change(
                session,
                catalogue=catalogues.get(session, slug=slug),
                entry=entry,
                known_baselines=wording.BASELINES,
                requested_by=current_user().id,
                now=now(),
            )
    except SettingsRefusedError as refused:
        with database().read() as session:
            values = _values(session, catalogues.get(session, slug=slug), entry, refused.problems)
        return render_template(TEMPLATE, **values), 422
    if job is not None:
        queue().send(job.id)
    flash(gettext("The settings are saved."), "done")
    return redirect(url_for(".page", slug=slug), code=303)


@blueprint.get("/starts")
@requires(Permission.MANAGE)
def starts(slug: str) -> ResponseReturnValue:
    """Say when a schedule that is being entered would start its next rounds."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
    return fragment(TEMPLATE, "starts", catalogue=catalogue, **_starts_values(_entry()))


def _entry() -> SettingsEntry:
    fields = request.values
    return SettingsEntry(
        shares={each.value: fields.get(f"share-{each.value}", "") for each in Strategy},
        every=fields.get("every", ""),
        cron=fields.get("cron", ""),
        timezone=fields.get("timezone", ""),
        baselines=tuple(fields.getlist("baselines")),
        people=fields.get("people", ""),
        is_only_unsure="only-unsure" in fields,
        shared_below=fields.get("shared-below", ""),
        hidden=fields.get("hidden", ""),
        planted=fields.get("planted", ""),
        is_inner_allowed="inner" in fields,
    )


def _values(
    session: Session,
    catalogue: Catalogue,
    entry: SettingsEntry,
    problems: dict[str, InvalidInputError],
) -> dict[str, Any]:
    return {
        "catalogue": catalogue,
        "entry": entry,
        "problems": {field: _words(problem) for field, problem in problems.items()},
        "is_refused": request.method == "POST",
        "most": {"people": MOST_PEOPLE, "hidden": MOST_HIDDEN, "planted": MOST_PLANTED},
        "strategies": list(Strategy),
        "ahead": triggers.look_ahead(session, catalogue=catalogue, now=now()),
        "zones": sorted(available_timezones()),
        **_starts_values(entry),
    }


def _starts_values(entry: SettingsEntry) -> dict[str, Any]:
    """Return the next starts of a schedule that can be read; none where it is empty."""
    cron, zone = entry.cron[: MOST_CHARACTERS + 1], entry.timezone.strip()
    times: list[str] = []
    problem = ""
    if cron.strip():
        try:
            schedule = read_schedule(cron, zone)
            found = next_starts(schedule, after=now(), n=_N_STARTS)
            times = [wording.start_time(moment, zone) for moment in found]
        except InvalidInputError as error:
            problem = _words(error)
    return {
        "starts": times,
        "starts_problem": problem,
        "starts_zone": zone,
        "wording": wording,
    }


def _words(problem: InvalidInputError) -> str:
    return str(gettext(problem.message, **problem.values))
