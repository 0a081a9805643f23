"""``shelfwise user``: people, roles, API tokens."""

from __future__ import annotations

import click

from webapp.cli.group import Shell, command, now, print_json
from webapp.domain.accounts import Role
from webapp.services import accounts
from webapp.storage import users


@click.group()
def user() -> None:
    """People, their roles and their API tokens."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="moderator")
@click.option("--name", default="", help="Shown on the pages; by default the address.")
@click.option("--password", help="Asked for when it is not given.")
@command
def add(shell: Shell, email: str, role: str, name: str, password: str | None) -> None:
    """Add a person."""
    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with shell.database.begin() as session:
        added = accounts.add_user(
            session, email=email, name=name, role=Role(role), password=password, now=now()
        )
    click.echo(f"{added.email} can sign in as {added.role}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@command
def list_users(shell: Shell, as_json: bool) -> None:
    """List everybody."""
    with shell.database.read() as session:
        people = users.list_all(session)
    if as_json:
        print_json(
            [
                {"email": p.email, "name": p.name, "role": p.role.value, "is_active": p.is_active}
                for p in people
            ]
        )
        return
    for person in people:
        state = "" if person.is_active else "  (switched off)"
        click.echo(f"{person.email}  {person.role}  {person.name}{state}")


@user.command("disable")
@click.argument("email")
@command
def disable(shell: Shell, email: str) -> None:
    """Switch an account off; its tokens stop working too."""
    with shell.database.begin() as session:
        person = accounts.switch(session, email=email, is_active=False)
    click.echo(f"{person.email} is switched off.")


@user.command("password")
@click.argument("email")
@click.option("--password", help="Asked for when it is not given.")
@command
def password(shell: Shell, email: str, password: str | None) -> None:
    """Set a new password, which ends the person's sessions."""
    with shell.database.read() as session:
        person = users.get_by_email(session, email=email)
    if password is None:
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    with shell.database.begin() as session:
        accounts.set_password(session, user_id=person.id, password=password)
    click.echo(f"{person.email} has a new password.")


@user.command("token")
@click.argument("email")
@click.option("--revoke", is_flag=True, help="Make all tokens of this person worthless instead.")
@command
def token(shell: Shell, email: str, revoke: bool) -> None:
    """Print a new API token, once: only its hash is kept."""
    with shell.database.begin() as session:
        if revoke:
            n_revoked = accounts.revoke_tokens(session, email=email, now=now())
            click.echo(f"{n_revoked} tokens of {email} no longer work.")
        else:
            click.echo(accounts.issue_token(session, email=email, now=now()))
