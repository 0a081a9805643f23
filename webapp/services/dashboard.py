"""What is asked of the dashboard: one look at how a catalogue is doing."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.domain.catalogue import Catalogue
from webapp.domain.dashboard import Dashboard, Pace, median_s, read_confusion
from webapp.storage import statistics
from webapp.storage.database import Session

N_NEWEST_DECISIONS = 1000  # behind the median: about what one person decides in a day


def look(session: Session, *, catalogue: Catalogue, now: datetime) -> Dashboard:
    """Return all that the page shows of a catalogue at this moment."""
    live_round_id = catalogue.live_round_id
    rounds = statistics.list_rounds(session, catalogue_id=catalogue.id, live_round_id=live_round_id)
    coverage = statistics.list_coverage(
        session,
        catalogue_id=catalogue.id,
        level=catalogue.decision_level,
        live_round_id=live_round_id,
    )
    confusion = (
        statistics.get_confusion(session, round_id=live_round_id)
        if live_round_id is not None
        else {"categories": [], "counts": []}
    )
    return Dashboard(
        live=next((each for each in rounds if each.is_live), None),
        rounds=tuple(rounds),
        labelling=statistics.count_states(session, catalogue_id=catalogue.id),
        agreement=statistics.count_agreement(session, catalogue_id=catalogue.id),
        pace=Pace(
            people=tuple(
                statistics.list_pace(
                    session,
                    catalogue_id=catalogue.id,
                    today_from=now.replace(hour=0, minute=0, second=0, microsecond=0),
                    week_from=now - timedelta(days=7),
                )
            ),
            median_s=median_s(
                statistics.list_durations_ms(
                    session, catalogue_id=catalogue.id, n=N_NEWEST_DECISIONS
                )
            ),
        ),
        coverage=tuple(coverage),
        confusion=read_confusion(confusion["categories"], confusion["counts"]),
        category_names={row.category_id: row.name for row in coverage},
    )
