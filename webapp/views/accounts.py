"""Signing in and out, the language of the pages, and the people of an installation."""

from __future__ import annotations

import flask_login
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from webapp.domain.accounts import Permission, Role, User
from webapp.domain.errors import AppError
from webapp.services import accounts
from webapp.storage import users
from webapp.views.context import current_user, database, now, requires
from webapp.views.limits import limiter

blueprint = Blueprint("accounts", __name__)
LANGUAGES = {"en": "English", "fr": "Français"}


class Session(flask_login.UserMixin):
    """The signed-in person as Flask-Login keeps it."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.id = user.id


class SignInForm(FlaskForm):
    """Address and password of somebody who wants in."""

    email = EmailField(lazy_gettext("E-mail"), [InputRequired(), Length(max=200)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(), Length(max=200)])


class UserForm(FlaskForm):
    """A new person."""

    email = EmailField(lazy_gettext("E-mail"), [InputRequired(), Length(max=200)])
    name = StringField(lazy_gettext("Name"), [Length(max=100)])
    role = SelectField(
        lazy_gettext("Role"),
        choices=[
            (Role.MODERATOR.value, lazy_gettext("moderator")),
            (Role.ANALYST.value, lazy_gettext("analyst")),
            (Role.ADMIN.value, lazy_gettext("admin")),
        ],
    )
    password = PasswordField(lazy_gettext("First password"), [InputRequired(), Length(max=200)])


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def login() -> ResponseReturnValue:
    """Ask for address and password; tell no more than whether both were right."""
    form = SignInForm()
    with database().read() as reading:
        if not users.list_all(reading):
            return render_template("accounts/login.html", form=None)
        if not form.validate_on_submit():
            return render_template("accounts/login.html", form=form)
        user = accounts.sign_in(
            reading, email=form.email.data or "", password=form.password.data or ""
        )
    if user is None:
        flash(gettext("The address or the password is wrong."), "error")
        return render_template("accounts/login.html", form=form), 422
    language = session.get("language")
    session.clear()  # a new session for a new person
    if language:
        session["language"] = language
    flask_login.login_user(Session(user))
    return redirect(_safe_target(request.args.get("next", "")), code=303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    flask_login.logout_user()
    return redirect(url_for("accounts.login"), code=303)


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
    status = 200
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
            status = 422
        else:
            flash(gettext("%(email)s can sign in now.", email=user.email), "done")
            return redirect(url_for(".people"), code=303)
    with database().read() as reading:
        everybody = users.list_all(reading)
    return render_template("accounts/people.html", form=form, people=everybody), status


@blueprint.post("/admin/accounts/<int:user_id>/switch")
@requires(Permission.MANAGE)
def switch(user_id: int) -> ResponseReturnValue:
    """Switch an account on or off."""
    with database().begin() as writing:
        user = users.get(writing, user_id=user_id)
        accounts.switch(writing, email=user.email, is_active=not user.is_active)
    return redirect(url_for(".people"), code=303)


def load_session(user_id: str) -> Session | None:
    """Return the person of a session cookie while the account is active."""
    with database().read() as reading:
        user = users.find(reading, user_id=int(user_id))
    return Session(user) if user and user.is_active else None


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


def _safe_target(target: str) -> str:
    """Return a path of this site, never another host."""
    is_ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_ours else "/"
