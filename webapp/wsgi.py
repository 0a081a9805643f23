"""The door of the web server: ``gunicorn "webapp.wsgi:create()"``."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from webapp.app import create_app
from webapp.config import read_config
from webapp.jobs.queues import JobQueue


def create(home: str | None = None) -> Flask:
    """Build the application from the ``SHELFWISE_*`` settings."""
    config = read_config(Path(home) if home else None)
    return create_app(config, queue=JobQueue(config))
