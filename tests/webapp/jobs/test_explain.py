import hashlib
import json

import cv2
import numpy as np
import pytest
from sqlalchemy import delete, select

from tests import factories
from tests.webapp.jobs.conftest import WORDS
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.jobs import explain
from webapp.storage import explanations, images, jobs, rounds
from webapp.storage.tables import (
    ExplanationRow,
    LabelRow,
    ProductImageRow,
    ProductRow,
    QueueEntryRow,
)


@pytest.fixture
def add_photos(database, shop, training_config):
    """Give every product a photo of its own."""

    def add():
        with database.begin() as session:
            for product_id in session.scalars(select(ProductRow.id)):
                pixels = np.full((40, 60, 3), product_id % 255, dtype=np.uint8)
                content = cv2.imencode(".png", pixels)[1].tobytes() + str(product_id).encode()
                sha256 = hashlib.sha256(content).hexdigest()
                path = images.original_path(
                    training_config.images_dir, sha256=sha256, image_format="PNG"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                session.add(
                    ProductImageRow(
                        product_id=product_id,
                        position=0,
                        file_name="a.png",
                        sha256=sha256,
                        width_px=60,
                        height_px=40,
                    )
                )

    return add


@pytest.fixture
def explained(database, shop):
    def read():
        with database.read() as session:
            rows = session.scalars(select(ExplanationRow)).all()
            live = rounds.find_live(session, catalogue_id=shop.id)
            keys = [(live.id, row.product_id) for row in rows]
            found = explanations.find_many(session, keys=keys)
            return {product_id: each for (_, product_id), each in found.items()}

    return read


@pytest.fixture
def explain_all(add_job, run):
    return lambda: run(add_job(JobKind.EXPLAIN))


def visible_front(database):
    with database.read() as session:
        statement = (
            select(QueueEntryRow.product_id)
            .where(QueueEntryRow.is_waiting, ~QueueEntryRow.is_suggestion_hidden)
            .order_by(QueueEntryRow.priority.desc())
        )
        return list(session.scalars(statement))


class TestExplain:
    def test_names_the_words_of_the_category(self, database, add_job, run, explain_all, explained):
        run(add_job())

        ended = explain_all()

        found = explained()
        assert ended.result == {"explained": len(found), "left": 0}
        with database.read() as session:
            names = {row.id: row.name for row in session.scalars(select(ProductRow))}
        for product_id, each in found.items():
            words = {word for word, _ in each.words}
            assert words
            own = next(kind for kind in WORDS.values() if kind[:4] in names[product_id])
            assert words <= set(own.split())

    def test_leaves_out_products_whose_suggestion_is_hidden(
        self, database, add_job, run, explain_all, explained
    ):
        run(add_job())

        explain_all()

        assert sorted(explained()) == sorted(visible_front(database))
        assert len(explained()) < 60

    def test_the_first_of_the_queue_come_first(
        self, database, add_job, run, explain_all, explained, monkeypatch
    ):
        monkeypatch.setattr(explain, "N_FRONT", 7)
        run(add_job())

        ended = explain_all()

        assert ended.result == {"explained": 7, "left": 0}
        assert sorted(explained()) == sorted(visible_front(database)[:7])

    def test_neighbours_are_alike_and_the_nearest_come_first(
        self, database, add_job, run, explain_all, explained
    ):
        run(add_job())

        explain_all()

        with database.read() as session:
            names = {row.id: row.name[:4] for row in session.scalars(select(ProductRow))}
        for product_id, each in explained().items():
            cosines = [cosine for _, cosine in each.neighbours]
            assert product_id not in dict(each.neighbours)
            assert len(cosines) >= 5
            assert cosines == sorted(cosines, reverse=True)
            assert names[each.neighbours[0][0]] == names[product_id]

    def test_labelled_products_are_found_behind_many_that_are_not(
        self, database, shop, alice, add_job, run, explain_all, explained, monkeypatch
    ):
        monkeypatch.setattr(explain, "N_NEAREST", 1)
        run(add_job())
        labelled = visible_front(database)[-3:]
        with database.begin() as session:
            for product_id in labelled:
                factories.make_annotation(
                    session, shop, product_id, alice, Verdict.CONFIRMED, category="Watches"
                )
            session.execute(delete(QueueEntryRow).where(QueueEntryRow.product_id.in_(labelled)))
        monkeypatch.setattr(explain, "LEAST_COSINE", -1.0)

        explain_all()

        for each in explained().values():
            assert set(labelled) <= set(dict(each.neighbours))

    def test_what_is_explained_is_not_explained_again(
        self, database, add_job, run, explain_all, monkeypatch
    ):
        run(add_job())
        explain_all()
        monkeypatch.setattr(explain, "load_model", None)  # not even loaded

        assert explain_all().result == {"explained": 0, "left": 0}

    def test_goes_aside_while_other_work_waits(self, add_job, run, explain_all, explained):
        run(add_job())
        add_job(JobKind.ORDER_QUEUE)

        ended = explain_all()

        assert ended.state is JobState.DONE
        assert ended.result["explained"] == 0
        assert ended.result["left"] > 0

    def test_before_the_first_round_there_is_nothing_to_explain(self, explain_all, explained):
        assert explain_all().result == {"explained": 0, "left": 0}

    def test_without_features_there_are_words_alone(
        self, training_config, add_job, run, explain_all, explained
    ):
        run(add_job())
        for path in training_config.models_dir.glob("choosing-*"):
            path.unlink()

        explain_all()

        assert all(each.words and each.neighbours == () for each in explained().values())


class TestExplainProduct:
    def ask(self, database, shop, product_id):
        with database.begin() as session:
            return factories.make_job(
                session, shop, JobKind.EXPLAIN_PRODUCT, product_id=product_id, region=True
            )

    def test_finds_the_region_beside_all_else(
        self, database, shop, add_photos, add_job, run, explain_all, explained
    ):
        add_photos()
        run(add_job())
        explain_all()
        first = visible_front(database)[0]
        before = explained()[first]

        ended = run(self.ask(database, shop, first))

        assert ended.result == {"region": True}
        found = explained()[first]
        assert found.words == before.words != ()
        assert [cosine for _, cosine in found.neighbours] == pytest.approx(
            [cosine for _, cosine in before.neighbours], abs=1e-3
        )
        assert len(found.region.rows) == 7
        assert {len(row) for row in found.region.rows} == {7}
        with database.read() as session:
            (photo,) = session.scalars(
                select(ProductImageRow).where(ProductImageRow.product_id == first)
            )
        assert found.region.image_sha256 == photo.sha256

    def test_a_product_without_photo_has_none(self, database, shop, add_job, run, explained):
        run(add_job())
        first = visible_front(database)[0]

        ended = run(self.ask(database, shop, first))

        assert ended.result == {"region": False}
        assert explained()[first].words


class TestWhoAsks:
    def of_kind(self, database, shop, kind):
        with database.read() as session:
            return jobs.find_latest(session, catalogue_id=shop.id, kind=kind)

    def test_a_round_that_goes_live_has_its_front_explained(
        self, database, shop, add_job, run, sent_jobs
    ):
        run(add_job())

        job = self.of_kind(database, shop, JobKind.EXPLAIN)
        assert job.state is JobState.QUEUED
        assert job.id in sent_jobs

    def test_a_new_order_asks_only_for_what_is_missing(
        self, database, shop, add_job, run, sent_jobs
    ):
        run(add_job())
        job = self.of_kind(database, shop, JobKind.EXPLAIN)
        run(job)
        sent_jobs.clear()

        run(add_job(JobKind.ORDER_QUEUE))

        assert job.id not in sent_jobs
        with database.begin() as session:
            session.execute(delete(ExplanationRow))
        run(add_job(JobKind.REFRESH_PREDICTIONS))
        assert job.id in sent_jobs


def test_a_stored_explanation_is_plain_json(database, add_job, run, explain_all):
    run(add_job())

    explain_all()

    with database.read() as session:
        row = session.scalars(select(ExplanationRow).limit(1)).one()
        assert json.loads(json.dumps(row.words)) == row.words
        assert session.scalar(select(LabelRow.product_id).limit(1)) is None
