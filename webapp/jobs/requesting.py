"""What jobs ask the worker for when they are done."""

from __future__ import annotations

from datetime import timedelta

from webapp.domain.catalogue import Catalogue
from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.services import explanations


def request_evidence(
    context: JobContext, catalogue: Catalogue, *, pause: timedelta = timedelta(0)
) -> None:
    """Have the suggestions explained that are shown next, in the round that is live."""
    with context.database.begin() as session:
        following = explanations.request_front(
            session,
            catalogue_id=catalogue.id,
            round_id=catalogue.live_round_id,
            now=utc_now(),
            pause=pause,
        )
    if following is not None:
        context.send(following)
