"""A catalogue that can be trained in a blink, and jobs that run in the test's own process."""

from __future__ import annotations

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
