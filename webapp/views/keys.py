"""A person's own keys of the desk."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission
from webapp.domain.errors import InvalidInputError
from webapp.domain.keys import keys_of
from webapp.services import preferences
from webapp.views import keys_wording
from webapp.views.context import current_user, database, requires

blueprint = Blueprint("keys", __name__, url_prefix="/account/keys")
blueprint.add_app_template_filter(keys_wording.key_name, "key_name")
blueprint.add_app_template_filter(keys_wording.shortcut, "shortcut")


@blueprint.get("")
@requires(Permission.REVIEW)
def page() -> ResponseReturnValue:
    """Show which key does what."""
    keys = keys_of(current_user().preferences)
    return _render({act.value: key for act, key in keys.items()})


@blueprint.post("")
@requires(Permission.REVIEW)
def save() -> ResponseReturnValue:
    """Let the entered keys hold, or say what is wrong with them and show them again."""
    try:
        with database().begin() as session:
            preferences.change_keys(session, user_id=current_user().id, entered=request.form)
    except InvalidInputError as error:
        flash(keys_wording.refusal(error), "error")
        return _render(request.form), 422
    flash(gettext("Your keys are saved."), "done")
    return redirect(url_for(".page"), code=303)


@blueprint.post("/reset")
@requires(Permission.REVIEW)
def reset() -> ResponseReturnValue:
    """Give the keys back that everybody begins with."""
    with database().begin() as session:
        preferences.reset_keys(session, user_id=current_user().id)
    flash(gettext("The keys are as they were at first."), "done")
    return redirect(url_for(".page"), code=303)


def _render(keys: Mapping[str, str]) -> str:
    return render_template("accounts/keys.html", keys=keys, acts=keys_wording.act_names())
