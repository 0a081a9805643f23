"""Starts the rounds that are due; the worker's sweeper asks every few seconds."""

from __future__ import annotations

import logging
from datetime import datetime

from webapp.domain.errors import ConflictError
from webapp.services import triggers
from webapp.storage import triggers as stored
from webapp.storage.database import Database

_LOG = logging.getLogger(__name__)


def fire_due(database: Database, *, now: datetime) -> list[int]:
    """Start what is due in every catalogue and return the jobs to send.

    Looking is a reading transaction, so that nobody waits where nothing is due. What fails in one
    catalogue keeps no other from its round.
    """
    with database.read() as session:
        watched = stored.list_with_triggers(session)
    started = []
    for catalogue in watched:
        try:
            with database.read() as session:
                due = triggers.find_due(session, catalogue=catalogue, now=now)
            if due is None:
                continue
            with database.begin() as session:
                job = triggers.fire(session, catalogue_id=catalogue.id, now=now)
        except ConflictError:  # somebody starts a round at this moment: look again the next time
            continue
        except Exception:
            _LOG.warning("the triggers of %s failed, and try again", catalogue.slug, exc_info=True)
            continue
        if job is not None:
            _LOG.info("round of %s starts by itself as job %d", catalogue.slug, job.id)
            started.append(job.id)
    return started
