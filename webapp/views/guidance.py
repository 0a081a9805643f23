"""Guidance: what belongs in a category and what does not, one page for each, all versions kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import ConflictError, InvalidInputError
from webapp.domain.guidance import MAX_EXAMPLES, MAX_TEXT_LENGTH, read_blocks
from webapp.services import guidance
from webapp.services.guidance import GuidanceDraft
from webapp.storage import catalogues
from webapp.views.context import (
    current_user,
    database,
    fragment,
    now,
    requires,
    stored_number,
    wants_fragment,
)
from webapp.views.errors import status_of

blueprint = Blueprint("guidance", __name__, url_prefix="/c/<slug>/guidance")
SHOW = "guidance/show.html"


@blueprint.get("")
def page(slug: str) -> ResponseReturnValue:
    """List the categories that match the words, or only the results when htmx asks."""
    words = request.args.get("q", "").strip()[:200]
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        found, are_more = guidance.search(session, catalogue=catalogue, words=words)
    values = {"catalogue": catalogue, "words": words, "found": found, "are_more": are_more}
    if wants_fragment():
        return fragment("guidance/page.html", "found", **values)
    return render_template("guidance/page.html", **values)


@blueprint.get("/<int:category_id>")
def show(slug: str, category_id: int) -> ResponseReturnValue:
    """Show what people are told of a category; the desk asks for the part without the page."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        guide = guidance.read(session, catalogue=catalogue, category_id=category_id)
        level = catalogue.decision_level
        categories = catalogues.list_categories(session, catalogue_id=catalogue.id, level=level)
    values = {
        "catalogue": catalogue,
        "guide": guide,
        "names": {category.id: category.path for category in categories},
        "read_blocks": read_blocks,
    }
    if wants_fragment():
        return fragment(SHOW, "guide", **values)
    return render_template(SHOW, **values)


@blueprint.get("/<int:category_id>/edit")
@requires(Permission.MANAGE)
def edit(slug: str, category_id: int) -> ResponseReturnValue:
    """Show the form with what counts now."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        newest = guidance.read(session, catalogue=catalogue, category_id=category_id).newest
    draft = GuidanceDraft(
        belongs=newest.belongs if newest else "",
        excludes=newest.excludes if newest else "",
        example_ids=newest.example_ids if newest else (),
        more_examples="",
        based_on=newest.id if newest else None,
    )
    return _form(slug, category_id, draft)


@blueprint.post("/<int:category_id>/edit")
@requires(Permission.MANAGE)
def save(slug: str, category_id: int) -> ResponseReturnValue:
    """Keep what was entered as the newest version; what cannot be kept stays in the form."""
    fields = request.form
    draft = GuidanceDraft(
        belongs=fields.get("belongs", ""),
        excludes=fields.get("excludes", ""),
        example_ids=tuple(fields.getlist("example", type=stored_number)),
        more_examples=fields.get("more_examples", ""),
        based_on=fields.get("based_on", type=stored_number),
    )
    try:
        with database().begin() as session:
            guidance.write(
                session,
                catalogue=catalogues.get(session, slug=slug),
                category_id=category_id,
                draft=draft,
                user_id=current_user().id,
                now=now(),
            )
    except (ConflictError, InvalidInputError) as refused:
        problem = gettext(refused.message, **refused.values)
        return _form(slug, category_id, draft, problem), status_of(refused)
    flash(gettext("The guidance is saved."), "done")
    return redirect(url_for(".show", slug=slug, category_id=category_id), code=303)


@blueprint.post("/<int:category_id>/restore/<int:version_id>")
@requires(Permission.MANAGE)
def restore(slug: str, category_id: int, version_id: int) -> ResponseReturnValue:
    """Let an earlier version count again."""
    with database().begin() as session:
        guidance.restore(
            session,
            catalogue=catalogues.get(session, slug=slug),
            category_id=category_id,
            version_id=version_id,
            user_id=current_user().id,
            now=now(),
        )
    flash(gettext("The earlier version counts again."), "done")
    return redirect(url_for(".show", slug=slug, category_id=category_id), code=303)


def _form(slug: str, category_id: int, draft: GuidanceDraft, problem: str = "") -> str:
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        guide = guidance.read(session, catalogue=catalogue, category_id=category_id)
        offered = guidance.offer_examples(
            session,
            catalogue=catalogue,
            category=guide.category,
            chosen_ids=draft.example_ids,
        )
    return render_template(
        "guidance/edit.html",
        catalogue=catalogue,
        guide=guide,
        draft=draft,
        newest_id=guide.newest.id if guide.newest else "",
        offered=offered,
        problem=problem,
        max_length=MAX_TEXT_LENGTH,
        max_examples=MAX_EXAMPLES,
    )
