"""The queue library, which carries the ids of jobs and nothing else.

What is lost on the way is no harm: the job's row is the truth, and the sweeper sends again what
nobody took.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message

from webapp.config import Config, ConfigError

_LOG = logging.getLogger(__name__)
_LONGEST_WAIT_S = 0.5  # between two looks into an empty queue


class _JsonMessages:
    """Writes messages as JSON, so that whoever reaches the queue cannot make a worker run code."""

    def serialize(self, message: tuple[Any, ...]) -> bytes:
        return json.dumps(list(message)).encode()

    def deserialize(self, content: bytes) -> Any:
        return Message(*json.loads(content))


class JobQueue:
    """A queue of job ids, in a file of the home folder or in Redis."""

    def __init__(self, config: Config) -> None:
        self._huey = _open(config.queue_url, config.home)
        self._run: Callable[[int], None] | None = None

        def run_job(job_id: int) -> None:
            if self._run is not None:
                self._run(int(job_id))

        self._task = self._huey.task(name="run_job")(run_job)

    def send(self, job_id: int) -> None:
        """Wake a worker up; call it after the transaction that added the job."""
        try:
            self._task(job_id)
        except Exception:  # each kind of queue has its own errors, and the row is safe
            _LOG.warning("job %d waits: the queue did not take its id", job_id, exc_info=True)

    def is_empty(self) -> bool:
        """Tell whether no id waits for a worker."""
        return bool(self._huey.pending_count() == 0)

    def consumer(self, run: Callable[[int], None], n_workers: int) -> Any:
        """Return Huey's consumer, not yet started, which calls ``run`` with each id."""
        self._run = run
        return Consumer(
            self._huey,
            workers=n_workers,
            periodic=False,
            max_delay=_LONGEST_WAIT_S,
            shutdown_timeout=20,
        )


def _open(url: str, home: Path) -> Any:
    options = {"results": False, "serializer": _JsonMessages()}
    if url == "sqlite":
        return SqliteHuey("shelfwise", filename=str(home / "queue.db"), **options)
    if url.startswith(("redis://", "rediss://")):
        try:
            return RedisHuey("shelfwise", url=url, **options)
        except Exception as error:
            raise ConfigError(
                f"SHELFWISE_QUEUE_URL is {url!r}, and Redis cannot be used: {error}. "
                "Install the extra 'redis', or leave the setting out."
            ) from error
    raise ConfigError(
        f"SHELFWISE_QUEUE_URL is {url!r}; 'sqlite' or an address redis://... was expected"
    )
