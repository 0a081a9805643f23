"""What people see of how they decide, and what an admin has worked out about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.accounts import Permission, User
from webapp.domain.acts import MOST_ACTS
from webapp.domain.agreement import TeamAgreement
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import Job, JobKind, JobState
from webapp.domain.team import Medians, PersonFigures, figures_of, medians_of
from webapp.domain.vigilance import error_factor
from webapp.storage import catalogues, consensus, gold, jobs, team, users
from webapp.storage.database import Session

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TeamView:
    """What the page shows to one person.

    Parameters
    ----------
    own
        Her own figures; None where she has decided nothing.
    people
        Everybody's, for an admin; nobody's for others.
    others
        The middle figures of the others.
    n_to_answer
        Gold products that wait for her answer.
    """

    own: PersonFigures | None
    people: tuple[PersonFigures, ...]
    others: Medians
    n_gold: int
    n_to_answer: int


@dataclass(frozen=True, slots=True)
class AgreementView:
    """How well people agree, as far as it was found, and whether the worker is at it.

    ``names`` are of the people whose agreement may be shown by pair, by id.
    """

    found: TeamAgreement | None
    names: Mapping[int, str]
    is_working: bool


@dataclass(frozen=True, slots=True)
class Everybody:
    """The figures of all people of a catalogue at a moment.

    ``factor`` is by what the errors that the model admits were multiplied for them.
    """

    people: tuple[PersonFigures, ...]
    factor: float
    read_at: datetime


def look(
    session: Session,
    *,
    catalogue: Catalogue,
    user: User,
    now: datetime,
    everybody: Everybody | None = None,
) -> TeamView:
    """Return the figures that a person may see: her own, and those of others as their middle.

    An admin sees everybody's.

    Parameters
    ----------
    everybody
        As it was read some minutes ago: then only what she did herself is read. By default it is
        read now.
    """
    if everybody is None:
        everybody = read_everybody(session, catalogue=catalogue, now=now)
    people = everybody.people
    own: Sequence[PersonFigures] = people
    if everybody.read_at != now:
        own, _ = _figures(session, catalogue, now, user_id=user.id, factor=everybody.factor)
    return TeamView(
        own=next((person for person in own if person.user_id == user.id), None),
        people=people if user.may(Permission.MANAGE) else (),
        others=medians_of([person for person in people if person.user_id != user.id]),
        n_gold=gold.count(session, catalogue_id=catalogue.id),
        n_to_answer=len(gold.list_unanswered(session, catalogue_id=catalogue.id, user_id=user.id)),
    )


def read_everybody(session: Session, *, catalogue: Catalogue, now: datetime) -> Everybody:
    """Return everybody's figures, from the newest ``MOST_ACTS`` acts of each."""
    people, factor = _figures(session, catalogue, now)
    return Everybody(tuple(people), factor, now)


def look_at_agreement(session: Session, *, catalogue: Catalogue, user: User) -> AgreementView:
    """Return how well people agree, without reading what each of them did."""
    job = jobs.find_latest(session, catalogue_id=catalogue.id, kind=JobKind.MEASURE_AGREEMENT)
    everybody = users.list_all(session) if user.may(Permission.MANAGE) else []
    return AgreementView(
        found=consensus.find_agreement(session, catalogue_id=catalogue.id),
        names={each.id: each.name for each in everybody},
        is_working=job is not None and not job.is_over,
    )


def _figures(
    session: Session,
    catalogue: Catalogue,
    now: datetime,
    *,
    user_id: int | None = None,
    factor: float | None = None,
) -> tuple[list[PersonFigures], float]:
    """Return figures, of one person or of all, and the factor: by default that of their acts."""
    counted = team.list_people(
        session, catalogue_id=catalogue.id, since=now - WEEK, user_id=user_id
    )
    acts = team.with_model(
        session,
        catalogue_id=catalogue.id,
        acts={
            person.user_id: team.list_acts(
                session, catalogue_id=catalogue.id, user_id=person.user_id, n=MOST_ACTS
            )
            for person in counted
        },
    )
    if factor is None:
        factor = error_factor(act for of_one in acts.values() for act in of_one)
    known = {each.product_id: each for each in gold.list_all(session, catalogue_id=catalogue.id)}
    answers = gold.list_answers(session, catalogue_id=catalogue.id)
    agreement = consensus.find_agreement(session, catalogue_id=catalogue.id)
    figures = [
        figures_of(
            user_id=person.user_id,
            name=person.name,
            n_week=person.n_since,
            n_all=person.n_all,
            acts=acts[person.user_id],
            factor=factor,
            gold=known,
            gold_answers=answers.get(person.user_id, {}),
            agreed=agreement.by_person.get(person.user_id) if agreement else None,
            quality=agreement.quality.get(person.user_id) if agreement else None,
        )
        for person in counted
    ]
    return figures, factor


def request_agreement(
    session: Session, *, catalogue_id: int, requested_by: int | None, now: datetime
) -> Job | None:
    """Have the worker find out how well people agree, and what their answers come to.

    Returns
    -------
    Job or None
        Send its id once the transaction is committed. None where one waits already, or one person
        decides each product and no answers were compared before.
    """
    latest = jobs.find_latest(session, catalogue_id=catalogue_id, kind=JobKind.MEASURE_AGREEMENT)
    if latest is not None and latest.state is JobState.QUEUED:
        return None
    settings = catalogues.get_by_id(session, catalogue_id=catalogue_id).settings
    if settings.people_per_product == 1 and not consensus.find_agreement(
        session, catalogue_id=catalogue_id
    ):
        return None
    return jobs.add(
        session,
        kind=JobKind.MEASURE_AGREEMENT,
        catalogue_id=catalogue_id,
        requested_by=requested_by,
        arguments={},
        now=now,
    )
