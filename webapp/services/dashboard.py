"""What is asked of the dashboard: one look at how a catalogue is doing."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.domain.catalogue import Catalogue
from webapp.domain.dashboard import Dashboard, Labelling, TeamPace, median_s, read_confusion
from webapp.domain.jobs import JobKind
from webapp.domain.labelling_worth import LabellingWorth, read_worth
from webapp.domain.next_step import Situation, next_step
from webapp.domain.retraining import Round
from webapp.services import acceptance, retraining
from webapp.storage import jobs, statistics
from webapp.storage import rounds as round_log
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
    labelling = statistics.count_states(session, catalogue_id=catalogue.id)
    live = round_log.find_live(session, catalogue_id=catalogue.id)
    worth = read_worth(live.estimates) if live else None
    situation = _situation(session, catalogue, labelling, live, worth)
    return Dashboard(
        live=next((each for each in rounds if each.is_live), None),
        worth=worth,
        situation=situation,
        step=next_step(situation),
        rounds=tuple(rounds),
        labelling=labelling,
        agreement=statistics.count_agreement(session, catalogue_id=catalogue.id),
        pace=TeamPace(
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


def _situation(
    session: Session,
    catalogue: Catalogue,
    labelling: Labelling,
    live: Round | None,
    worth: LabellingWorth | None,
) -> Situation:
    """Gather what the rule of the next step looks at."""
    outlook = retraining.outlook(session, catalogue=catalogue)
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.RETRAIN)
    newest = round_log.find_newest(session, catalogue_id=catalogue.id)
    return Situation(
        n_products=labelling.n_products,
        n_open=labelling.n_open,
        has_live_round=live is not None,
        is_round_running=job is not None and not job.is_over,
        n_held=newest.number if newest and newest.is_held and newest != live else None,
        is_rule_suspended=acceptance.is_suspended(session, catalogue=catalogue),
        n_evaluation=outlook.n_evaluation,
        n_evaluation_labels=outlook.n_evaluation_labels,
        n_labels=live.n_labels + live.n_evaluation_labels if live else 0,
        n_new_labels=outlook.n_new_labels if live else 0,
        n_left=worth.n_left if worth else None,
        is_advised_to_stop=bool(worth and worth.advice and worth.advice.stop),
    )
