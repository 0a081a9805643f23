"""What the desk is answered: cards that fill it up, and what became of a decision."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.catalogue import Catalogue
from webapp.domain.keys import keys_of
from webapp.domain.look_alikes import JointDecision
from webapp.domain.review_cards import Card
from webapp.services import explanations, review
from webapp.storage.database import Session
from webapp.views import review_wording
from webapp.views.context import current_user, database, fragment, now, wants_fragment


def with_evidence(cards: list[Card]) -> list[Card]:
    """Return the cards with their evidence, read after the transaction that others wait for."""
    if not cards:
        return cards
    with database().read() as session:
        return explanations.add_evidence(session, cards=cards)


def count_today(session: Session, catalogue: Catalogue) -> int:
    """Return how many decisions of this person stand since midnight."""
    return review.count_today(session, catalogue=catalogue, user_id=current_user().id, now=now())


def answer(
    catalogue: Catalogue,
    cards: list[Card],
    today: int,
    first_id: int | None = None,
    decision: JointDecision | None = None,
) -> ResponseReturnValue:
    """Answer with what the desk takes in; a plain browser goes back to its page, and is told."""
    left_out = review_wording.left_out_sentences(decision.left_out) if decision else []
    if not wants_fragment():
        if decision and decision.taken_along:
            flash(review_wording.taken_along_sentence(len(decision.taken_along)))
        for sentence in left_out:
            flash(sentence, "warn")
        return redirect(url_for("review.page", slug=catalogue.slug, product=first_id), code=303)
    return fragment(
        "review/page.html",
        "answer",
        catalogue=catalogue,
        cards=with_evidence(cards),
        keys=keys_of(current_user().preferences),
        is_first=False,
        today=today,
        left_out=left_out,
    )
