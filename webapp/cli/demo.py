"""``shelfwise demo``: a drawn catalogue, round 1, and one person for each role."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from webapp.cli.catalogue import document_of as document_of_import
from webapp.cli.group import Shell, command, now, print_json
from webapp.cli.progress import Progress
from webapp.cli.retraining import document_of, line_of, train_here
from webapp.domain.accounts import Role
from webapp.domain.errors import ConflictError
from webapp.services import accounts
from webapp.storage import catalogues, rounds, users

SLUG = "demo"
_PASSWORD_BYTES = 6


@click.command()
@click.option("--products", default=700, show_default=True, type=click.IntRange(40, 20_000))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a catalogue already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@command
def demo(shell: Shell, products: int, seed: int, if_empty: bool, as_json: bool) -> None:
    """Generate a demo catalogue, train round 1, and make one person for each role."""
    kept = shell.config.home / "demo" / "people.txt"  # written last: what it misses is unfinished
    with shell.database.read() as session:
        slugs = {each.catalogue.slug for each in catalogues.list_progress(session)}
    is_made = SLUG in slugs and kept.exists()
    if if_empty and (is_made or slugs - {SLUG}):
        click.echo(f"There is a catalogue already.{_where(kept)}", err=True)
        return
    if is_made:
        raise ConflictError("There is a demo catalogue already; another needs another home folder.")
    imported = _import_drawn(shell, products, seed)
    trained, summary = _train(shell)
    people = _add_people(shell, kept)
    if as_json:
        print_json({"catalogue": SLUG, "import": imported, "round": trained, "users": people})
        return
    click.echo(summary)
    click.echo("Sign in as one of:")
    click.echo("".join(f"  {p['role']:<10} {p['email']:<24} {p['password']}\n" for p in people))
    click.echo(f"The same is kept in {kept}.")


def _import_drawn(shell: Shell, products: int, seed: int) -> dict[str, object]:
    from webapp.demo.catalogue import write_demo_catalogue  # loads OpenCV
    from webapp.services.catalogue import import_file

    with Progress("draw", "products") as on_progress:
        files = write_demo_catalogue(
            shell.config.home / "demo", n_products=products, seed=seed, on_progress=on_progress
        )
    with Progress("import", "rows") as on_progress:
        report = import_file(
            shell.database,
            shell.config,
            path=files.products_csv,
            file_name=files.products_csv.name,
            name="Demo",
            images_dir=files.images_dir,
            now=now(),
            on_progress=on_progress,
        )
    return document_of_import(report)


def _train(shell: Shell) -> tuple[dict[str, object], str]:
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        found = rounds.find_live(session, catalogue_id=catalogue.id)
    live = catalogue.live_round_id
    if found is None:
        found, live = train_here(shell, SLUG)
    return document_of(found, live_round_id=live), line_of(found, live_round_id=live)


def _add_people(shell: Shell, kept: Path) -> list[dict[str, str]]:
    """Make one person a role, each with a password of her own, and keep the passwords.

    A person of an interrupted try gets a new password: nobody was told the first.
    """
    people = []
    with shell.database.begin() as session:
        known = {user.email: user for user in users.list_all(session)}
        for role in Role:
            email = f"{role}@demo.example"
            password = secrets.token_hex(_PASSWORD_BYTES)
            if email in known:
                accounts.set_password(session, user_id=known[email].id, password=password)
            else:
                name = f"Demo {role}"
                accounts.add_user(
                    session, email=email, name=name, role=role, password=password, now=now()
                )
            people.append({"role": role.value, "email": email, "password": password})
    kept.touch(mode=0o600)
    kept.write_text("".join(f"{p['role']} {p['email']} {p['password']}\n" for p in people))
    return people


def _where(kept: Path) -> str:
    return f" The people of the demo are in {kept}." if kept.exists() else ""
