"""``shelfwise demo``: a drawn catalogue, round 1, and one person for each role."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from webapp.cli.catalogue import document_of as document_of_import
from webapp.cli.group import Shell, command, now, print_json
from webapp.cli.progress import Progress
from webapp.cli.retraining import document_of, line_of, run_here
from webapp.domain.accounts import Role
from webapp.domain.errors import AppError, ConflictError
from webapp.domain.jobs import JobState
from webapp.services import accounts, retraining
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
    with shell.database.read() as session:
        found = catalogues.list_progress(session)
    kept = shell.config.home / "demo" / "people.txt"
    if found and if_empty:
        click.echo(f"There is a catalogue already.{_where(kept)}", err=True)
        return
    if any(progress.catalogue.slug == SLUG for progress in found):
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
    with shell.database.begin() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        job = retraining.request_round(session, catalogue=catalogue, requested_by=None, now=now())
    job = run_here(shell, job)
    if job.state is not JobState.DONE:
        raise AppError("Round 1 was not trained: %(reason)s", reason=job.reason or job.state)
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        first = rounds.get(session, catalogue_id=catalogue.id, number=1)
    if first.fallback:
        click.echo(f"The small network took the image branch's place: {first.fallback}", err=True)
    live = catalogue.live_round_id
    return document_of(first, live_round_id=live), line_of(first, live_round_id=live)


def _add_people(shell: Shell, kept: Path) -> list[dict[str, str]]:
    """Add one person a role, with a password of her own; existing ones stay as they are."""
    people = []
    with shell.database.begin() as session:
        taken = {user.email for user in users.list_all(session)}
        for role in Role:
            email = f"{role}@demo.example"
            if email in taken:
                continue
            password = secrets.token_hex(_PASSWORD_BYTES)
            accounts.add_user(
                session, email=email, name=f"Demo {role}", role=role, password=password, now=now()
            )
            people.append({"role": role.value, "email": email, "password": password})
    kept.touch(mode=0o600)
    kept.write_text("".join(f"{p['role']} {p['email']} {p['password']}\n" for p in people))
    return people


def _where(kept: Path) -> str:
    return f" The people of the demo are in {kept}." if kept.exists() else ""
