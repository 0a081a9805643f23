"""The forms of signing in, of passwords, and of adding a person."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.domain.accounts import Role


class _Form(FlaskForm):
    """A form that a browser sends; Flask-WTF would read JSON too, and break on a list."""

    class Meta(FlaskForm.Meta):
        """Takes the fields of a form and nothing else."""

        def wrap_formdata(self, _form: FlaskForm, _formdata: object) -> object:
            """Return the fields that were posted, or None where this is no post."""
            return request.form if request.method == "POST" else None


class SignInForm(_Form):
    """Address and password of somebody who wants in."""

    email = EmailField(
        lazy_gettext("E-mail"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class UserForm(_Form):
    """A new person."""

    email = EmailField(
        lazy_gettext("E-mail"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )
    name = StringField(lazy_gettext("Name"), [Length(max=100)])
    role = SelectField(
        lazy_gettext("Role"),
        choices=[
            SelectChoice(Role.MODERATOR.value, lazy_gettext("moderator")),
            SelectChoice(Role.ANALYST.value, lazy_gettext("analyst")),
            SelectChoice(Role.ADMIN.value, lazy_gettext("admin")),
        ],
    )
    password = PasswordField(
        lazy_gettext("First password"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )


class NewPasswordForm(_Form):
    """A new password for somebody."""

    new = PasswordField(
        lazy_gettext("New password"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password for oneself, which needs the old one."""

    old = PasswordField(
        lazy_gettext("Old password"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
