"""``shelfwise serve``, ``worker`` and ``weights``."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import time

import click

from webapp.cli.group import Shell, command, print_json
from webapp.domain.errors import AppError
from webapp.processes import end_with_parent, quieten_tensorflow
from webapp.storage import users

_LOOK_S = 0.2
_RESTART_S = 2.0  # before a worker that ended by itself is started again
_PATIENCE_S = 25


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the parent process does.")
@command
def worker(shell: Shell, with_parent: bool) -> None:
    """Run background jobs: imports, rounds, predictions of new products."""
    from webapp.jobs.worker import Worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for name in ("alembic", "huey"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if with_parent:
        end_with_parent()
    Worker(shell.config, shell.database).run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@command
def serve(shell: Shell, host: str, port: int, workers: int) -> None:
    """Serve the pages, with the worker beside; Ctrl-C ends both."""
    _check_free(host, port)
    with shell.database.read() as session:
        is_empty = not users.list_all(session)
    shell.database.dispose()
    if is_empty:
        click.echo(
            "Nobody can sign in yet. Make an admin, in another terminal:\n"
            f"  shelfwise --home {shell.config.home} user add you@example.com --role admin",
            err=True,
        )
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    web = _start_web(shell, host, port, workers)
    background = _start_worker(shell)
    click.echo(f"Shelfwise is at http://{host}:{port}", err=True)
    try:
        while not signals and web.poll() is None:
            if background.poll() is not None:
                click.echo("The worker ended by itself; it is started again.", err=True)
                time.sleep(_RESTART_S)
                background = _start_worker(shell)
            time.sleep(_LOOK_S)
    finally:
        _end(web, background)
    if not signals:
        raise AppError("The web server ended by itself; its last lines above say why.")


@click.group()
def weights() -> None:
    """Fetch the image backbone's ImageNet weights, or say whether they are here."""


@weights.command("fetch")
@command
def fetch(shell: Shell) -> None:
    """Let Keras download the weights once."""
    from ml.pipelines import fetch_weights

    quieten_tensorflow()
    click.echo(f"The weights are in {fetch_weights(shell.config.image_backbone)}")


@weights.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@command
def status(shell: Shell, as_json: bool) -> None:
    """Say whether the backbone can run, and if not, why."""
    from ml.pipelines import backbone_problem
    from webapp.jobs.batches import pipeline_settings

    quieten_tensorflow()
    backbone = shell.config.image_backbone
    problem = backbone_problem(pipeline_settings(shell.config))
    if as_json:
        print_json({"backbone": backbone, "ok": problem is None, "problem": problem})
    elif problem is None:
        click.echo(f"{backbone} is ready.")
    else:
        click.echo(f"{backbone} cannot run, and the small network takes its place: {problem}")


def _check_free(host: str, port: int) -> None:
    """Refuse a port that somebody else listens on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AppError(
                "Port %(port)s of %(host)s cannot be used (%(why)s). Choose another with --port.",
                port=port,
                host=host,
                why=error.strerror,
            ) from error


def _start_web(shell: Shell, host: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    settings = ["--config", "python:webapp.gunicorn_settings", "--workers", str(workers)]
    application = f"webapp.wsgi:create({str(shell.config.home)!r})"
    return _start(["gunicorn", *settings, "--bind", address, application])


def _start_worker(shell: Shell) -> subprocess.Popen[bytes]:
    return _start(["webapp.cli", "--home", str(shell.config.home), "worker", "--with-parent"])


def _start(module: list[str]) -> subprocess.Popen[bytes]:
    """Start a module of Python in a session of its own, so that Ctrl-C reaches ``serve`` alone."""
    command_line = [sys.executable, "-m", *module]
    return subprocess.Popen(command_line, start_new_session=True)  # noqa: S603 - our own programs


def _end(*children: subprocess.Popen[bytes]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
