"""What an admin does with the settings of a catalogue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import Job
from webapp.domain.settings_entry import SettingsEntry, read_entry
from webapp.services import retraining
from webapp.storage import catalogues
from webapp.storage.database import Session


def change(
    session: Session,
    *,
    catalogue: Catalogue,
    entry: SettingsEntry,
    known_baselines: Collection[str],
    requested_by: int,
    now: datetime,
) -> Job | None:
    """Let what was entered hold from now on.

    Returns
    -------
    Job or None
        A job that deals the queue by the new shares; send it after the transaction.

    Raises
    ------
    SettingsRefusedError
        If a field cannot be used; then nothing changes.
    """
    before = catalogue.settings
    after = read_entry(entry, before=before, known_baselines=known_baselines, now=now)
    catalogues.write_settings(session, catalogue_id=catalogue.id, settings=after)
    if dict(after.shares) == dict(before.shares):
        return None
    return retraining.request_refresh(
        session, catalogue_id=catalogue.id, requested_by=requested_by, now=now
    )
