import io
import shutil
import zipfile

import cv2
import numpy as np
import pytest

from tests import factories
from webapp.domain.accounts import Role
from webapp.jobs import import_file, runner
from webapp.services import uploads
from webapp.storage import imports, jobs


@pytest.fixture
def image() -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((20, 30, 3), 90, dtype=np.uint8))[1])


@pytest.fixture
def job_id(database, config, image) -> int:
    """The job of an upload of two products, of which one has its image in the archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pictures/a.jpg", image)
        archive.writestr("pictures/b.jpg", image)
    packed.seek(0)
    upload = uploads.keep(
        config,
        table=io.BytesIO(b"sku,title,photo\n1,Mug,a.jpg\n2,Pan,c.jpg\n,bad,\n"),
        file_name="shop.csv",
        catalogue_name="Shop",
        archive=packed,
    )
    with database.begin() as session:
        carol = factories.make_user(session, name="carol", role=Role.ADMIN)
        return uploads.request_import(
            session,
            config,
            upload=upload,
            said={},
            level=1,
            requested_by=carol.id,
            now=factories.NOW,
        ).id


@pytest.fixture
def run_job(database, config, sent_jobs):
    def run(job_id: int):
        job = runner.claim(database, job_id)
        assert job is not None
        runner.run_claimed(job, config=config, database=database, send=sent_jobs.send)
        with database.read() as session:
            return jobs.get(session, job_id=job_id)

    return run


def test_upload_is_imported_and_forgotten(run_job, job_id, config, database):
    job = run_job(job_id)

    assert (job.state, job.reason) == ("done", "")
    assert job.result == {
        "catalogue": "shop",
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "rejected": 1,
        "without_image": 1,
        "without_text": 0,
    }
    assert list(config.uploads_dir.iterdir()) == []
    with database.read() as session:
        assert imports.find_by_job(session, job_id=job_id).finished_at is not None


def test_job_that_died_after_its_import_is_done_when_it_runs_again(
    run_job, job_id, config, database, monkeypatch
):
    monkeypatch.setattr(import_file, "remove", lambda uploads_dir, token: 1 / 0)
    assert run_job(job_id).state == "failed"
    monkeypatch.undo()
    with database.begin() as session:
        again = jobs.get(session, job_id=job_id)
        context = import_file.JobContext(
            again, config, database, lambda stage, done, total: None, lambda job_id: None
        )

    result = import_file.run(context)

    assert result["new"] == 2
    assert list(config.uploads_dir.iterdir()) == []


def test_upload_that_is_gone_fails_in_plain_words(run_job, job_id, config):
    shutil.rmtree(config.uploads_dir)

    job = run_job(job_id)

    assert job.state == "failed"
    assert job.reason == "This upload is no longer here. Upload the file again."
