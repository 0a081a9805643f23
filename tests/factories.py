"""Rows for tests: a test names only what matters to it."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.accounts import Role, User
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import Job, JobKind
from webapp.domain.review import Annotation, AskedBecause, Verdict, settle
from webapp.services import accounts
from webapp.storage import annotations, catalogues, jobs, outcomes, users
from webapp.storage.tables import (
    AcceptanceRuleRow,
    CategoryRow,
    JobRow,
    LiveRoundRow,
    PredictionRow,
    ProductRow,
    PublicationRow,
    QueueEntryRow,
    RoundRow,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)
_hashes: dict[str, str] = {}


def make_user(session: Session, *, name: str = "alice", role: Role = Role.MODERATOR) -> User:
    """Add a person whose password is ``PASSWORD`` (hashed once a test run: argon2 is slow)."""
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = accounts.hash_password(PASSWORD)
    return users.add(
        session,
        email=f"{name}@example.com",
        name=name.title(),
        role=role,
        password_hash=_hashes[PASSWORD],
        now=NOW,
    )


def make_catalogue(
    session: Session,
    *,
    slug: str = "shop",
    categories: tuple[str, ...] = ("Watches", "Computers", "Kitchen"),
    **settings: Any,
) -> Catalogue:
    """Add a catalogue with categories of level 1, and no cards that hide something by chance."""
    catalogue = catalogues.add(session, slug=slug, name=slug.title(), decision_level=1, now=NOW)
    catalogues.write_settings(
        session,
        catalogue_id=catalogue.id,
        settings=replace(catalogue.settings, **({"hidden_share": 0} | settings)),
    )
    catalogue = catalogues.get(session, slug=slug)
    session.add_all(
        CategoryRow(catalogue_id=catalogue.id, parent_id=None, name=name, path=name, level=1)
        for name in categories
    )
    session.flush()
    return catalogue


def category_id(session: Session, catalogue: Catalogue, name: str) -> int:
    """Return the id of a category by its path."""
    return session.scalars(
        select(CategoryRow.id).where(
            CategoryRow.catalogue_id == catalogue.id, CategoryRow.path == name
        )
    ).one()


def make_product(
    session: Session,
    catalogue: Catalogue,
    *,
    external_id: str | None = None,
    name: str = "Blue mug",
    description: str = "A mug for tea and coffee.",
    source: str | None = "Kitchen",
    priority: float | None = 0.5,
    reason: str = "random",
    is_evaluation: bool | None = None,
    group_number: int | None = None,
) -> int:
    """Add a product, in the queue unless ``priority`` is None; return its id."""
    external_id = external_id or f"p{next(_numbers)}"
    row = ProductRow(
        catalogue_id=catalogue.id,
        external_id=external_id,
        name=name,
        description=description,
        specifications=[["Colour", "blue"]],
        brand="Shelfware",
        price="4.50",
        source_path=source or "",
        source_category_id=category_id(session, catalogue, source) if source else None,
        content_sha256=hashlib.sha256(external_id.encode()).hexdigest(),
        created_at=NOW,
        updated_at=NOW,
        is_evaluation=is_evaluation,
        group_number=group_number,
        state="open",
    )
    session.add(row)
    session.flush()
    if priority is not None:
        session.add(
            QueueEntryRow(
                product_id=row.id,
                catalogue_id=catalogue.id,
                priority=priority,
                reason=reason,
                is_suggestion_hidden=bool(is_evaluation),
                is_waiting=True,
            )
        )
        session.flush()
    return row.id


def make_round(
    session: Session,
    catalogue: Catalogue,
    predicted: dict[int, dict[str, float]],
    *,
    number: int = 1,
    is_live: bool = True,
) -> int:
    """Add a round that says that of those products (probabilities by category); return its id."""
    job = JobRow(
        kind="retrain",
        catalogue_id=catalogue.id,
        requested_by=None,
        arguments={},
        state="done",
        result=None,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        heartbeat_at=NOW,
    )
    session.add(job)
    session.flush()
    row = RoundRow(
        catalogue_id=catalogue.id,
        job_id=job.id,
        number=number,
        started_at=NOW,
        finished_at=NOW,
        is_published=is_live,
        reason="the first round",
        last_annotation_id=None,
        n_labels=0,
        n_source_categories=len(predicted),
        n_evaluation=0,
        n_evaluation_labels=0,
        is_provisional=True,
        text_pipeline="embedding_net",
        image_pipeline="backbone",
        fusion={"name": "mean", "text_weight": 0.5, "image_weight": 0.5, "reason": "mean: few"},
        fallback=None,
        metrics={},
        confusion={"categories": [], "counts": []},
        manifest={},
        seconds={},
    )
    session.add(row)
    session.flush()
    for product_id, probabilities in predicted.items():
        add_prediction(session, catalogue, row.id, product_id, probabilities)
    if is_live:
        make_live(session, catalogue, row.id)
    return row.id


def make_live(session: Session, catalogue: Catalogue, round_id: int) -> None:
    """Let a round feed the queue and the cards."""
    session.add(PublicationRow(catalogue_id=catalogue.id, round_id=round_id, published_at=NOW))
    live = session.get(LiveRoundRow, catalogue.id)
    if live is None:
        session.add(LiveRoundRow(catalogue_id=catalogue.id, round_id=round_id, published_at=NOW))
    else:
        live.round_id = round_id
    session.flush()


def add_prediction(
    session: Session,
    catalogue: Catalogue,
    round_id: int,
    product_id: int,
    probabilities: dict[str, float],
) -> None:
    """Let a round say that of one more product."""
    ranked = [
        [category_id(session, catalogue, name), probability]
        for name, probability in sorted(probabilities.items(), key=lambda pair: -pair[1])
    ]
    session.add(
        PredictionRow(
            round_id=round_id,
            product_id=product_id,
            category_id=ranked[0][0],
            probability=ranked[0][1],
            margin=ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0),
            fused=ranked,
            text=ranked[:3],
            image=None,
            created_at=NOW,
        )
    )
    session.flush()


def make_job(session: Session, catalogue: Catalogue, kind: JobKind, **arguments: Any) -> Job:
    """Add a queued job."""
    return jobs.add(
        session,
        kind=kind,
        catalogue_id=catalogue.id,
        requested_by=None,
        arguments=arguments,
        now=NOW,
    )


def make_rule(session: Session, catalogue: Catalogue, *, round_id: int | None) -> int:
    """Add a rule in force that accepts what the round is sure of; return its id."""
    row = AcceptanceRuleRow(
        catalogue_id=catalogue.id,
        round_id=round_id,
        target=0.9,
        confidence=0.95,
        threshold=0.9,
        evidence={
            "finding": "enough",
            "n": 100,
            "n_labels": 100,
            "n_accepted": 90,
            "n_errors": 0,
            "lower_bound": 0.95,
            "coverage": 0.9,
            "n_candidates": 10,
            "n_more": 0,
            "least": 50,
        },
        state="in_force",
        reason="",
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row.id


def make_annotation(
    session: Session,
    catalogue: Catalogue,
    product_id: int,
    user: User,
    verdict: Verdict,
    *,
    category: str | None = None,
    at: datetime = NOW,
    shown: tuple[int, str] | None = None,
    is_suggestion_hidden: bool = False,
    undoes: Annotation | None = None,
    took_ms: int | None = 2000,
    asked_because: AskedBecause = AskedBecause.RANDOM,
    n_needed: int = 1,
) -> Annotation:
    """Add an act, and what follows from it for the product; ``shown`` is a round and a category."""
    added = annotations.add(
        session,
        catalogue_id=catalogue.id,
        new=annotations.NewAnnotation(
            product_id=product_id,
            user_id=user.id,
            verdict=verdict,
            idempotency_key=f"key {next(_numbers)}",
            asked_because=asked_because,
            is_suggestion_hidden=is_suggestion_hidden,
            created_at=at,
            category_id=category_id(session, catalogue, category) if category else None,
            undoes_id=undoes.id if undoes else None,
            shown_round_id=shown[0] if shown else None,
            shown_category_id=category_id(session, catalogue, shown[1]) if shown else None,
            shown_probability=0.9 if shown else None,
            took_ms=took_ms,
            n_needed=n_needed,
        ),
    )
    outcomes.write(
        session,
        catalogue_id=catalogue.id,
        product_id=product_id,
        outcome=settle(annotations.list_of_product(session, product_id=product_id)),
    )
    return added
