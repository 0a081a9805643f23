"""Signing in and out, the language of the pages, and the people of an installation."""

from __future__ import annotations

import re

import flask_login
from flask import (
    Blueprint,
    Request,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission, Role, User
from webapp.domain.errors import AppError
from webapp.services import accounts
from webapp.storage import users
from webapp.views.account_forms import (
    ChangePasswordForm,
    NewPasswordForm,
    SignInForm,
    UserForm,
)
from webapp.views.context import current_user, database, now, requires
from webapp.views.limits import limiter

blueprint = Blueprint("accounts", __name__)
LANGUAGES = {"en": "English", "fr": "Français"}


class Session(flask_login.UserMixin):
    """The signed-in person as Flask-Login keeps it; ``session_id`` is what the cookie says."""

    def __init__(self, user: User, session_id: str) -> None:
        self.user = user
        self.id = session_id


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def login() -> ResponseReturnValue:
    """Ask for address and password; tell no more than whether both were right."""
    form = SignInForm()
    with database().read() as reading:
        if not users.list_all(reading):
            return render_template("accounts/login.html", form=None)
        if not form.validate_on_submit():
            return render_template("accounts/login.html", form=form), _form_status()
        user = accounts.sign_in(
            reading, email=form.email.data or "", password=form.password.data or ""
        )
        session_id = accounts.session_id(reading, user_id=user.id) if user else ""
    if user is None:
        flash(gettext("The address or the password is wrong."), "error")
        return render_template("accounts/login.html", form=form), 422
    _start_session(user, session_id)
    return redirect(_safe_target(request.args.get("next", "")), code=303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    flask_login.logout_user()
    return redirect(url_for("accounts.login"), code=303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def change_password() -> ResponseReturnValue:
    """Let a person choose a new password; other browsers have to sign in again."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/change_password.html", form=form), _form_status()
    user = current_user()
    try:
        with database().begin() as writing:
            accounts.change_password(
                writing, user=user, old=form.old.data or "", new=form.new.data or ""
            )
            session_id = accounts.session_id(writing, user_id=user.id)
    except AppError as error:
        flash(gettext(error.message, **error.values), "error")
        return render_template("accounts/change_password.html", form=form), 422
    _start_session(user, session_id)
    flash(gettext("Your new password is set. Other browsers have to sign in again."), "done")
    return redirect(url_for("catalogue.index"), code=303)


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language that was chosen for this browser."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(_safe_target(request.form.get("next", "")), code=303)


@blueprint.route("/admin/accounts", methods=["GET", "POST"])
@requires(Permission.MANAGE)
def people() -> ResponseReturnValue:
    """List everybody; add a person."""
    form = UserForm()
    status = _form_status()
    if form.validate_on_submit():
        try:
            with database().begin() as writing:
                user = accounts.add_user(
                    writing,
                    email=form.email.data or "",
                    name=form.name.data or "",
                    role=Role(form.role.data),
                    password=form.password.data or "",
                    now=now(),
                )
        except AppError as error:
            flash(gettext(error.message, **error.values), "error")
        else:
            flash(gettext("%(email)s can sign in now.", email=user.email), "done")
            return redirect(url_for(".people"), code=303)
    with database().read() as reading:
        everybody = users.list_all(reading)
    return render_template("accounts/people.html", form=form, people=everybody), status


@blueprint.post("/admin/accounts/<int:user_id>/switch")
@requires(Permission.MANAGE)
def switch(user_id: int) -> ResponseReturnValue:
    """Switch an account on or off, as the button says."""
    with database().begin() as writing:
        user = users.get(writing, user_id=user_id)
        accounts.switch(writing, email=user.email, is_active=request.form.get("active") == "1")
    return redirect(url_for(".people"), code=303)


@blueprint.route("/admin/accounts/<int:user_id>/password", methods=["GET", "POST"])
@requires(Permission.MANAGE)
def set_password(user_id: int) -> ResponseReturnValue:
    """Give a person a new password."""
    form = NewPasswordForm()
    with database().read() as reading:
        user = users.get(reading, user_id=user_id)
    if form.validate_on_submit():
        try:
            with database().begin() as writing:
                accounts.set_password(writing, user_id=user.id, password=form.new.data or "")
        except AppError as error:
            flash(gettext(error.message, **error.values), "error")
        else:
            flash(gettext("%(email)s has a new password.", email=user.email), "done")
            return redirect(url_for(".people"), code=303)
    return render_template("accounts/set_password.html", form=form, user=user), _form_status()


def load_session(named: str) -> Session | None:
    """Return the person of a session cookie while account and password are those of the sign-in."""
    with database().read() as reading:
        user = accounts.find_user_by_session_id(reading, named=named)
    return Session(user, named) if user else None


def load_bearer(request: Request) -> Session | None:
    """Return the person of a bearer token: images may be fetched with it as well."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if request.endpoint != "images.show" or kind.lower() != "bearer":
        return None
    with database().read() as reading:
        user = accounts.find_user_by_token(reading, token=token.strip())
    return Session(user, "") if user else None


def require_sign_in() -> ResponseReturnValue | None:
    """Send people who are not signed in to the sign-in page; the API answers for itself."""
    is_open = request.endpoint in {"static", "accounts.login", "accounts.choose_language", "health"}
    if is_open or request.path.startswith("/api/") or flask_login.current_user.is_authenticated:
        return None
    target = request.full_path if request.method == "GET" else "/"
    response = redirect(url_for("accounts.login", next=target.rstrip("?")), code=303)
    if request.headers.get("HX-Request") == "true":  # swap the page, not a part of it
        response.headers["HX-Redirect"] = response.location
        response.status_code = 401
    return response


def person() -> User | None:
    """Return who is signed in, or None."""
    return current_user() if flask_login.current_user.is_authenticated else None


def _start_session(user: User, session_id: str) -> None:
    """Begin a session with nothing of the one before but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    flask_login.login_user(Session(user, session_id))


def _form_status() -> int:
    """Return the status of a page with a form: asked for, or sent and not good enough."""
    return 200 if request.method == "GET" else 422


def _safe_target(target: str) -> str:
    """Return a path of this site, never another host.

    Browsers drop control characters and read a backslash as a slash: ``/<tab>/host`` is a host.
    """
    is_ours = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", target)
    return target if is_ours else "/"
