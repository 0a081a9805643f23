"""How often an address may try to sign in; counted in the memory of each web process."""

from __future__ import annotations

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")


@limiter.request_filter
def _is_off() -> bool:
    """Tell whether this application counts nothing; the limiter itself asks once a process."""
    return not current_app.config.get("RATELIMIT_ENABLED", True)
