"""What gunicorn is told by ``shelfwise serve``: ``--config python:webapp.gunicorn_settings``."""

from __future__ import annotations

from webapp.processes import end_with_parent

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
control_socket_disable = True  # nobody asked for a way in


def on_starting(_server: object) -> None:
    """End gunicorn, and with it its workers, when ``shelfwise serve`` is gone."""
    end_with_parent()
