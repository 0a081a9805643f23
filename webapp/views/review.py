"""The moderator's desk: one product, one decision."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import InvalidInputError
from webapp.domain.keys import keys_of
from webapp.domain.review import Verdict
from webapp.domain.review_cards import Card
from webapp.services import ordering, review
from webapp.storage import catalogues, choosable_categories, rounds, statistics
from webapp.storage import queue as queue_entries
from webapp.storage.database import Session
from webapp.views import keys_wording, review_wording
from webapp.views.context import (
    config,
    current_user,
    database,
    now,
    queue,
    requires,
    stored_number,
    wants_fragment,
)
from webapp.views.review_answers import answer, count_today, with_evidence

blueprint = Blueprint("review", __name__)
N_CARDS = 3  # the one in sight and two that are ready behind it
_MOST_LISTED = 500  # categories in a menu: beyond it the page gets too heavy
_MOST_FOUND = 50
_MOST_CHARACTERS = 200  # of a search
_MANY_DIGITS = 10  # more than any product's number has
_FILTERS: dict[str, Callable[..., object]] = {
    "probability": review_wording.probability_text,
    "likelihood": review_wording.likelihood_name,
    "is_unsure": review_wording.is_unsure,
    "split_path": review_wording.split_path,
    "asked_sentence": review_wording.asked_sentence,
    "text_sentence": review_wording.text_sentence,
    "image_sentence": review_wording.image_sentence,
    "act_sentence": review_wording.act_sentence,
    "ago": review_wording.ago,
}
for _name, _filter in _FILTERS.items():
    blueprint.add_app_template_filter(_filter, _name)


@blueprint.get("/c/<slug>/review")
@requires(Permission.REVIEW)
def page(slug: str) -> ResponseReturnValue:
    """Show the desk; ``?product=`` puts a product first if nobody else has it.

    ``?prefetch=0`` keeps no cards ready, so that the wait for each one can be measured.
    """
    first_id = request.args.get("product", type=stored_number)
    n_ahead = 1 if request.args.get("prefetch") == "0" else N_CARDS
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        cards = review.open_desk(
            session,
            catalogue=catalogue,
            user_id=current_user().id,
            now=now(),
            lease_s=config().lease_s,
            n=n_ahead,
            first_id=first_id,
        )
        extent = choosable_categories.measure(session, catalogue=catalogue)
        listed = _list_without_script(session, catalogue, extent.n)
        counts = elsewhere = None
        if not cards:
            counts = statistics.count_states(session, catalogue_id=catalogue.id)
            elsewhere = queue_entries.count(session, catalogue=catalogue)
        live_round = rounds.find_live(session, catalogue_id=catalogue.id)
        today = count_today(session, catalogue)
    if first_id is not None and (not cards or cards[0].product.id != first_id):
        flash(gettext("That product is decided, or somebody else has it now."), "warn")
    return render_template(
        "review/page.html",
        catalogue=catalogue,
        cards=with_evidence(cards),
        keys=keys_of(current_user().preferences),
        is_first=True,
        n_ahead=n_ahead - 1,
        extent=extent,
        listed=listed,
        are_many=extent.n > _MOST_LISTED,
        searched=request.args.get("words", ""),
        counts=counts,
        elsewhere=elsewhere,
        live_round=live_round,
        today=today,
        acts=keys_wording.act_names(),
        lease_s=config().lease_s,
        left_out=[],
    )


@blueprint.post("/c/<slug>/review/claims")
@requires(Permission.REVIEW)
def claims(slug: str) -> ResponseReturnValue:
    """Lend more products, to be ready behind the one in sight."""
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        cards = _claim(session, catalogue)
        today = count_today(session, catalogue)
    return answer(catalogue, cards, today)


@blueprint.post("/c/<slug>/review/<int:product_id>/decide")
@requires(Permission.REVIEW)
def decide(slug: str, product_id: int) -> ResponseReturnValue:
    """Record a decision and answer with the cards that fill the desk up again."""
    verdict = _verdict()
    with database().begin() as session:
        moment = now()
        catalogue = catalogues.get(session, slug=slug)
        decision = review.decide_together(
            session,
            catalogue=catalogue,
            product_id=product_id,
            user_id=current_user().id,
            lease=request.form.get("lease") or None,
            verdict=verdict,
            category_id=request.form.get("category_id", type=stored_number),
            note=request.form.get("note", ""),
            idempotency_key=request.form.get("idempotency_key", ""),
            took_ms=request.form.get("took_ms", type=int),
            now=moment,
            look_alike_ids=_look_alike_ids(verdict),
        )
        cards = _claim(session, catalogue) if wants_fragment() else []
        today = count_today(session, catalogue)
        following = ordering.request_order(
            session, catalogue_id=catalogue.id, act_ids=decision.act_ids, now=moment
        )
    if following is not None:
        queue().send(following)
    return answer(catalogue, cards, today, decision=decision)


@blueprint.post("/c/<slug>/review/renew")
@requires(Permission.REVIEW)
def renew(slug: str) -> ResponseReturnValue:
    """Prolong the leases of a desk where somebody sits; tell which products are lost."""
    with database().begin() as session:
        catalogues.get(session, slug=slug)
        lost = review.renew(
            session,
            user_id=current_user().id,
            product_ids=request.form.getlist("product_id", type=stored_number),
            now=now(),
            lease_s=config().lease_s,
        )
    return {"lost": lost}


def _list_without_script(session: Session, catalogue: Catalogue, n: int) -> list[tuple[int, str]]:
    """Return what a browser without script offers to choose; of very many, what it asked for."""
    if n <= _MOST_LISTED:
        return choosable_categories.list_paths(session, catalogue=catalogue)
    words = request.args.get("words", "")[:_MOST_CHARACTERS].split()
    if not words:
        return []
    found = choosable_categories.find_by_words(
        session, catalogue=catalogue, words=words, n=_MOST_FOUND
    )
    return [(category.id, category.path) for category in found]


def _verdict() -> Verdict:
    """Return what the pressed button stands for; a category is told apart by the service."""
    word = request.form.get("verdict", "")
    if word in {Verdict.SKIPPED.value, Verdict.FLAGGED.value}:
        return Verdict(word)
    if request.form.get("category_id", type=stored_number) is None:
        raise InvalidInputError("Choose a category, or skip the product.")
    return Verdict.CONFIRMED


def _look_alike_ids(verdict: Verdict) -> list[int]:
    """Return the look-alikes that were ticked; skipping and flagging take none along."""
    if verdict is not Verdict.CONFIRMED:
        return []
    named = " ".join(request.form.getlist("look_alike")).split()
    if not all(number.isdecimal() and len(number) < _MANY_DIGITS for number in named):
        raise InvalidInputError("A look-alike is named by the number of a product.")
    return [int(number) for number in named]


def _claim(session: Session, catalogue: Catalogue) -> list[Card]:
    wanted = request.form.get("want", 1, type=int)
    return review.claim(
        session,
        catalogue=catalogue,
        user_id=current_user().id,
        now=now(),
        lease_s=config().lease_s,
        n=max(0, min(wanted, review.MOST_ON_A_DESK)),
    )
