"""The process of one job: ``python -m webapp.jobs.child HOME JOB_ID FENCE``.

The worker claims a job, shows its signs of life and waits; the work itself is done here, so that
its memory is given back and a crash takes nobody along.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from webapp.config import read_config
from webapp.domain.jobs import JobState
from webapp.jobs.queues import JobQueue
from webapp.jobs.runner import run_claimed
from webapp.processes import end_with_parent
from webapp.storage import jobs
from webapp.storage.database import Database


def main(home: str, job_id: str, fence: str) -> None:
    """Run a job that the parent has claimed."""
    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    config = read_config(Path(home))
    database = Database(config.database_url)
    with database.read() as session:
        job = jobs.get(session, job_id=int(job_id))
    if job.state is JobState.RUNNING and job.fence == int(fence):
        run_claimed(job, config=config, database=database, send=JobQueue(config).send)
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
