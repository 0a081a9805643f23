"""A catalogue that can be trained in a blink, and jobs that run in the test's own process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tests import factories
from tests.fakes import use_fakes
from webapp.domain.jobs import JobKind
from webapp.jobs import runner
from webapp.storage import jobs

WORDS = {
    "Watches": "dial strap quartz hour",
    "Computers": "screen keyboard memory laptop",
    "Kitchen": "mug plate spoon oven",
}
LONGEST_S = 120


@pytest.fixture
def training_config(config):
    return replace(config, text_pipeline="fake_text", image_pipeline="fake_image")


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fakes(monkeypatch)


def add_products(session, shop, n, *, start=0):
    """Add ``n`` products that differ, in turn of each category."""
    return [
        factories.make_product(
            session,
            shop,
            external_id=f"x{number}",
            name=f"{WORDS[source]} number{number}",
            description=f"{WORDS[source]} with feature{number * 7} and trait{number * 13}",
            source=source,
        )
        for number in range(start, start + n)
        for source in [list(WORDS)[number % len(WORDS)]]
    ]


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        add_products(session, catalogue, 60)
    return catalogue


@pytest.fixture
def add_job(database, shop):
    def add(kind=JobKind.RETRAIN):
        with database.begin() as session:
            return jobs.add(
                session,
                kind=kind,
                catalogue_id=shop.id,
                requested_by=None,
                arguments={},
                now=factories.NOW,
            )

    return add


@pytest.fixture
def run(database, training_config, sent_jobs):
    """Claim a job and run it here; return how it ended."""

    def run_job(job, on_report=None):
        claimed = runner.claim(database, job.id)
        runner.run_claimed(
            claimed,
            config=training_config,
            database=database,
            send=sent_jobs.send,
            on_report=on_report,
        )
        with database.read() as session:
            return jobs.get(session, job_id=job.id)

    return run_job


def until(condition):
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {LONGEST_S} s")


@pytest.fixture
def start_worker(config):
    started = []

    def start():
        log = (config.home / f"worker-{len(started)}.log").open("wb")
        worker = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "--home", str(config.home), "worker"],
            env=os.environ
            | {"SHELFWISE_DATABASE_URL": config.database_url, "SHELFWISE_JOB_STALE_S": "3"},
            stdout=log,
            stderr=log,
        )
        log.close()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(60)
