"""The worker: takes jobs from the queue and runs each in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time

from webapp.config import Config
from webapp.domain.jobs import Job
from webapp.jobs import runner
from webapp.jobs.queues import JobQueue
from webapp.jobs.sweeper import keep_sweeping
from webapp.storage import job_claims
from webapp.storage.database import Database

_LOG = logging.getLogger(__name__)
_N_AT_ONCE = 2  # an import does not wait for a round
_NICENESS = 10  # the desk comes first
_LOOK_S = 0.1
_PATIENCE_S = 5.0


class Worker:
    """Runs jobs until it is stopped; what runs then is put back into the queue."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._queue = JobQueue(config)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; call it in the main thread."""
        os.nice(_NICENESS)
        consumer = self._queue.consumer(self.run_job, _N_AT_ONCE)
        sweeper = threading.Thread(
            target=keep_sweeping,
            args=(self._database, self._queue),
            kwargs={"stale_s": self._config.job_stale_s, "stopping": self._stopping},
            name="sweeper",
        )
        consumer.start()
        signals: list[int] = []  # a handler that set the event could lock itself out
        for number in (signal.SIGTERM, signal.SIGINT):  # in place of the consumer's own
            signal.signal(number, lambda received, _frame: signals.append(received))
        sweeper.start()
        _LOG.info("ready for jobs")
        while not signals:
            time.sleep(_LOOK_S)
            consumer.check_worker_health()
        self._stopping.set()
        consumer.stop(graceful=True)
        sweeper.join()
        _LOG.info("stopped")

    def run_job(self, job_id: int) -> None:
        """Claim a job and run it in a child; ids of jobs that somebody else took are ignored."""
        if self._stopping.is_set():  # the sweeper of the next worker sends it again
            return
        job = runner.claim(self._database, job_id)
        if job is None:
            return
        _LOG.info("job %d (%s) begins, attempt %d", job.id, job.kind, job.n_attempts)
        with runner.Heartbeat(self._database, job) as heartbeat:
            child = self._start(job)
            while child.poll() is None:
                if self._stopping.wait(_LOOK_S) or heartbeat.is_lost:
                    _end(child)
                    break
        with self._database.begin() as session:  # neither changes a job that has ended
            if self._stopping.is_set():
                job_claims.release(session, job_id=job.id, fence=job.fence)
            else:
                died = job_claims.put_back(
                    session, job_id=job.id, fence=job.fence, now=runner.utc_now()
                )
                if died:
                    _LOG.error("the process of job %d died (%d)", job.id, child.returncode)
        _LOG.info("job %d is left", job.id)

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        """Start the job's process, in a session of its own: Ctrl-C reaches the worker alone."""
        home = str(self._config.home)
        command = [sys.executable, "-m", "webapp.jobs.child", home, str(job.id), str(job.fence)]
        return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
