"""The pages of an installation without its worker, up in a moment: gunicorn is only forked."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gunicorn.app import wsgiapp

from tests.journeys.server import Site, free_port, wait_until_up

# Programs start slowly, most of all on a busy machine. This one has read all modules and waits.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "gunicorn.workers.gthread", "webapp.wsgi"])


@contextmanager
def pages(home: Path) -> Iterator[Site]:
    """Serve a home folder as ``shelfwise serve`` does, without a worker beside."""
    site = Site(home, free_port())
    process = _FORKS.Process(target=_serve, args=(home, site.port), daemon=True)
    process.start()
    try:
        wait_until_up(site, process.is_alive)
        yield site
    finally:
        if process.is_alive():  # nothing of it is needed any more
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        process.close()


def _serve(home: Path, port: int) -> None:
    os.setsid()
    with (home / "serve.log").open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    settings = ["--config", "python:webapp.gunicorn_settings", "--workers", "2"]
    application = f"webapp.wsgi:create({str(home)!r})"
    sys.argv = ["gunicorn", *settings, "--bind", f"127.0.0.1:{port}", application]
    wsgiapp.run()
