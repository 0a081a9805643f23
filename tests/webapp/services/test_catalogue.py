import errno
import json
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

from tests import factories
from tests.conftest import SHARED
from webapp.domain.errors import ConflictError, JobCancelledError
from webapp.domain.imports import ImportRejectedError
from webapp.domain.jobs import JobKind, JobState
from webapp.services import catalogue
from webapp.storage import catalogues, images, imports, jobs, products
from webapp.storage.tables import (
    AnnotationRow,
    CatalogueRow,
    CategoryRow,
    ImportProblemRow,
    LabelRow,
    ProductRow,
    ProductVersionRow,
    QueueEntryRow,
)

HEADER = "id,title,category,image\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def run(database, config, tmp_path, now):
    """Return a function that imports a text as a file into the catalogue ``shop``."""

    def import_text(text: str, **options):
        path = tmp_path / "products.csv"
        path.write_text(text)
        values = {"name": "Shop", "file_name": "products.csv", "now": now} | options
        return catalogue.import_file(database, config, path=path, **values)

    return import_text


def save_image(path: Path, shade: int = 100, size: tuple[int, int] = (30, 40)) -> None:
    cv2.imwrite(str(path), np.full((*size, 3), shade, dtype=np.uint8))


def only_product(database):
    with database.read() as session:
        return products.get(session, product_id=session.scalars(select(ProductRow.id)).one())


class TestImportFile:
    def test_products_categories_and_queue_are_there(self, run, database):
        report = run(HEADER + "1,Mug,Kitchen > Mugs,\n2,Watch,Watches,\n")

        assert (report.catalogue, report.counts.new, report.counts.rejected) == ("shop", 2, 0)
        with database.read() as session:
            shop = catalogues.get(session, slug="shop")
            level = catalogues.list_categories(session, catalogue_id=shop.id, level=1)
            paths = session.scalars(select(CategoryRow.path).order_by(CategoryRow.path)).all()
            queued = session.scalars(select(QueueEntryRow.reason)).all()
        assert [category.path for category in level] == ["Kitchen", "Watches"]
        assert paths == ["Kitchen", "Kitchen > Mugs", "Watches"]
        assert queued == ["random", "random"]

    def test_source_category_is_the_node_at_the_chosen_level(self, run, database):
        run(HEADER + "1,Mug,Kitchen > Mugs > Blue,\n2,Pan,Kitchen,\n", level=2)

        with database.read() as session:
            rows = session.execute(
                select(ProductRow.external_id, ProductRow.source_path, CategoryRow.path).outerjoin(
                    CategoryRow, CategoryRow.id == ProductRow.source_category_id
                )
            ).all()
        assert [tuple(row) for row in rows] == [
            ("1", "Kitchen > Mugs > Blue", "Kitchen > Mugs"),
            ("2", "Kitchen", None),
        ]

    def test_same_file_again_changes_nothing(self, run, database):
        text = HEADER + "1,Mug,Kitchen,\n2,Watch,Watches,\n"
        run(text)

        report = run(text)

        assert (report.counts.new, report.counts.changed, report.counts.unchanged) == (0, 0, 2)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(ProductVersionRow)) == 2

    def test_changed_product_keeps_its_label_and_its_history(self, run, database):
        run(HEADER + "1,Mug,Kitchen,\n2,Watch,Watches,\n")
        with database.begin() as session:
            alice = factories.make_user(session)
            row = session.scalars(select(ProductRow).where(ProductRow.external_id == "1")).one()
            row.state = "labelled"
            annotation = AnnotationRow(
                catalogue_id=row.catalogue_id,
                product_id=row.id,
                user_id=alice.id,
                verdict="confirmed",
                category_id=row.source_category_id,
                idempotency_key="k",
                asked_because="random",
                created_at=factories.NOW,
            )
            session.add(annotation)
            session.flush()
            session.add(
                LabelRow(
                    product_id=row.id,
                    catalogue_id=row.catalogue_id,
                    category_id=row.source_category_id,
                    annotation_id=annotation.id,
                )
            )

        report = run(HEADER + "1,Blue mug,Decor,\n2,Watch,Watches,\n")

        assert (report.counts.changed, report.counts.unchanged) == (1, 1)
        with database.read() as session:
            row = session.scalars(select(ProductRow).where(ProductRow.external_id == "1")).one()
            names = session.scalars(
                select(ProductVersionRow.content["name"].as_string())
                .where(ProductVersionRow.product_id == row.id)
                .order_by(ProductVersionRow.number)
            ).all()
            label = session.scalars(select(CategoryRow.path).join(LabelRow)).one()
            source = session.get_one(CategoryRow, row.source_category_id).path
        assert names == ["Mug", "Blue mug"]
        assert (row.state, label, source) == ("labelled", "Kitchen", "Decor")

    def test_good_rows_go_in_and_each_bad_one_is_named(self, run, database):
        report = run(
            HEADER
            + "1,Mug,Kitchen,\n,No id,Kitchen,\n1,Again,Kitchen,\n3,short\n4,,,\n5,Pan,Kitchen,"
        )

        assert report.counts.new == 2
        assert [(p.line, p.column, p.reason) for p in report.errors] == [
            (3, "id", "the id is missing"),
            (4, "id", "line 2 has the same id"),
            (5, "category", "the row has 2 values and the header 4"),
            (6, "title", "name, description and image are all missing"),
        ]
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(ImportProblemRow)) == 4

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "empty"),
            ("a,b\n1,2\n", "No column holds the ids"),
            (HEADER, "holds no product"),
            (HEADER + ",Mug,,\n,Pan,,\n", "None of the 2 rows .* line 2: the id is missing"),
        ],
    )
    def test_file_of_which_nothing_can_be_imported_leaves_nothing_behind(
        self, run, database, text, words
    ):
        with pytest.raises(ImportRejectedError, match=words):
            run(text)

        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(CatalogueRow)) == 0

    def test_existing_catalogue_keeps_its_level(self, run):
        run(HEADER + "1,Mug,Kitchen,\n")

        with pytest.raises(ConflictError, match="decided at level 1"):
            run(HEADER + "1,Mug,Kitchen,\n", level=2)

    def test_folder_of_images_has_to_exist(self, run, tmp_path):
        with pytest.raises(ImportRejectedError, match="does not exist"):
            run(HEADER + "1,Mug,Kitchen,\n", images_dir=tmp_path / "nowhere")

    def test_rows_carry_the_time_at_which_they_were_stored(self, run, database, now, monkeypatch):
        monkeypatch.setattr(catalogue, "_BATCH_ROWS", 1)

        run(HEADER + "1,Mug,Kitchen,\n2,Cup,Kitchen,\n", on_progress=lambda *_: time.sleep(0.02))

        with database.read() as session:
            first, second = session.scalars(
                select(ProductRow.created_at).order_by(ProductRow.external_id)
            )
        assert now < first < second

    def test_progress_ends_with_all_rows(self, run):
        seen = []

        run(
            HEADER + "".join(f"{n},Mug {n},Kitchen,\n" for n in range(1200)),
            on_progress=lambda done, total: seen.append((done, total)),
        )

        assert seen[0] == (0, 1200)
        assert seen[-1] == (1200, 1200)
        assert seen == sorted(seen)


class TestImages:
    def test_image_is_stored_under_its_hash_with_its_renditions(
        self, run, database, config, folder
    ):
        save_image(folder / "a.jpg", size=(1500, 1200))

        run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        (image,) = only_product(database).images
        assert (image.width_px, image.height_px, image.problem) == (1200, 1500, None)
        original = images.find_original(config.images_dir, sha256=image.sha256)
        assert original.read_bytes() == (folder / "a.jpg").read_bytes()
        sizes = [
            cv2.imread(
                str(images.rendition_path(config.images_dir, sha256=image.sha256, rendition=r))
            ).shape[:2]
            for r in images.Rendition
        ]
        assert sizes == [(1000, 800), (240, 192)]

    def test_images_that_cannot_be_used_are_listed_and_lived_with(self, run, folder):
        save_image(folder / "good.jpg")
        whole = (folder / "good.jpg").read_bytes()
        (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
        (folder / "empty.jpg").write_bytes(b"")
        (folder / "text.jpg").write_text("hello")
        names = ["good.jpg", "half.jpg", "empty.jpg", "text.jpg", "gone.jpg", "http://a/x.jpg"]
        (folder.parent / "secret.jpg").write_bytes(whole)
        (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
        names += ["../secret.jpg", "link.jpg"]

        report = run(
            HEADER + "".join(f"{n},Mug,Kitchen,{name}\n" for n, name in enumerate(names)),
            images_dir=folder,
        )

        assert (report.counts.new, report.counts.rejected, report.counts.without_image) == (8, 0, 7)
        assert [(problem.line, problem.value) for problem in report.image_problems] == [
            (n + 2, name) for n, name in enumerate(names) if name != "good.jpg"
        ]
        assert [problem.reason for problem in report.image_problems] == [
            "the image is cut off: the end of the file is missing",
            "the image file is empty",
            "the file is no JPEG, PNG, WebP or GIF image",
            "there is no such file in the folder of images",
            "an address, not a file: addresses are not fetched",
            "the name leads out of the folder of images",
            "the name leads out of the folder of images",
        ]

    def test_links_in_a_circle_are_a_problem_of_one_image(self, run, folder):
        save_image(folder / "good.jpg")
        (folder / "a.jpg").symlink_to(folder / "b.jpg")
        (folder / "b.jpg").symlink_to(folder / "a.jpg")

        report = run(
            HEADER + "1,Mug,Kitchen,a.jpg\n2,Mug,Kitchen,good.jpg\n3,Mug,Kitchen,b.jpg/c.jpg\n",
            images_dir=folder,
        )

        assert (report.counts.new, report.counts.without_image) == (3, 2)
        assert {problem.line for problem in report.image_problems} == {2, 4}

    def test_full_disk_ends_the_import_and_is_no_problem_of_an_image(
        self, run, folder, monkeypatch
    ):
        save_image(folder / "a.jpg")
        rows = HEADER + "1,Mug,Kitchen,a.jpg\n"

        def fail(*_args, **_options):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(images, "add", fail)
            with pytest.raises(OSError, match="No space left"):
                run(rows, images_dir=folder)

        report = run(rows, images_dir=folder)
        assert (report.counts.new, report.counts.without_image) == (1, 0)

    def test_rendition_that_a_crash_left_empty_is_made_again(self, run, database, config, folder):
        save_image(folder / "a.jpg")
        rows = HEADER + "1,Mug,Kitchen,a.jpg\n"
        run(rows, images_dir=folder)
        (image,) = only_product(database).images
        thumb = images.rendition_path(
            config.images_dir, sha256=image.sha256, rendition=images.Rendition.THUMB
        )
        thumb.write_bytes(b"")

        report = run(rows, images_dir=folder)

        assert (report.counts.unchanged, report.counts.without_image) == (1, 0)
        assert thumb.stat().st_size > 0

    def test_wrong_ending_is_told_and_the_image_used(self, run, database, folder):
        cv2.imwrite(str(folder / "a.png"), np.zeros((5, 5, 3), dtype=np.uint8))
        (folder / "a.png").rename(folder / "a.jpg")

        report = run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        assert report.counts.without_image == 0
        assert "is a PNG image" in report.image_problems[0].reason
        assert only_product(database).images[0].sha256

    @pytest.mark.parametrize(
        ("limit", "words"),
        [("max_image_mb", "at most 1 MB"), ("max_image_megapixels", "at most 1 are")],
    )
    def test_image_over_a_limit_is_not_decoded(
        self, database, config, now, tmp_path, folder, limit, words
    ):
        noise = np.random.default_rng(0).integers(0, 255, (1100, 1000, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "a.png"), noise)
        (tmp_path / "p.csv").write_text(HEADER + "1,Mug,Kitchen,a.png\n")

        report = catalogue.import_file(
            database,
            replace(config, **{limit: 1}),
            path=tmp_path / "p.csv",
            file_name="p.csv",
            name="Shop",
            images_dir=folder,
            now=now,
        )

        assert words in report.image_problems[0].reason
        assert not config.images_dir.exists()

    def test_unchanged_image_is_not_decoded_again(self, run, folder, monkeypatch):
        save_image(folder / "a.jpg")
        run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)
        monkeypatch.setattr(cv2, "imdecode", None)

        report = run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        assert (report.counts.unchanged, report.counts.without_image) == (1, 0)

    def test_other_image_under_the_same_name_changes_the_product(self, run, folder):
        save_image(folder / "a.jpg", shade=100)
        run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)
        save_image(folder / "a.jpg", shade=200)

        report = run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        assert report.counts.changed == 1

    def test_import_without_a_folder_keeps_the_images_that_are_stored(self, run, database, folder):
        save_image(folder / "a.jpg")
        run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        report = run(HEADER + "1,Mug,Kitchen,a.jpg\n")

        assert (report.counts.unchanged, report.counts.without_image) == (1, 0)
        assert only_product(database).images[0].sha256

    def test_photo_that_exif_turns_has_its_upright_size(self, run, database, folder):
        image = np.full((40, 80, 3), 90, dtype=np.uint8)
        content = bytes(cv2.imencode(".jpg", image)[1])
        tag = b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"  # orientation 6: turn by 90 degrees
        exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + tag + b"\0\0\0\0"
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        (folder / "a.jpg").write_bytes(content[:2] + segment + content[2:])

        run(HEADER + "1,Mug,Kitchen,a.jpg\n", images_dir=folder)

        (found,) = only_product(database).images
        assert (found.width_px, found.height_px) == (40, 80)

    @pytest.mark.slow
    def test_photo_of_93_megapixels_neither_crashes_nor_stalls(self, run, database, folder):
        huge = np.full((8640, 10800, 3), 200, dtype=np.uint8)
        huge[::50] = 20
        cv2.imwrite(str(folder / "huge.jpg"), huge, [cv2.IMWRITE_JPEG_QUALITY, 20])

        report = run(HEADER + "1,Mug,Kitchen,huge.jpg\n", images_dir=folder)

        assert report.counts.without_image == 0
        assert only_product(database).images[0].width_px == 10800


class TestResume:
    TEXT = HEADER + "".join(f"{n},Mug {n},Kitchen,\n" for n in range(1200)) + "bad\n"

    @pytest.fixture
    def job_id(self, database) -> int:
        with database.begin() as session:
            return jobs.add(
                session,
                kind=JobKind.IMPORT,
                catalogue_id=None,
                requested_by=None,
                arguments={},
                now=factories.NOW,
            ).id

    def test_import_that_was_cut_short_ends_with_the_counts_of_a_whole_one(
        self, run, database, job_id
    ):
        def stop(done: int, total: int) -> None:
            if done >= 500:
                raise JobCancelledError("stopped")

        with pytest.raises(JobCancelledError):
            run(self.TEXT, job_id=job_id, on_progress=stop)
        assert catalogue.find_finished(database, job_id=job_id) is None

        report = run(self.TEXT, job_id=job_id)

        assert (report.counts.new, report.counts.unchanged, report.counts.rejected) == (1200, 0, 1)
        assert len(report.errors) == 1
        found = catalogue.find_finished(database, job_id=job_id)
        assert found == replace(report, refresh_job_id=None)

    def test_import_that_was_killed_and_is_run_anew_has_the_rest_predicted(
        self, run, database, now, monkeypatch
    ):
        run(HEADER + "1,Mug,Kitchen,\n")
        with database.begin() as session:
            shop = catalogues.get(session, slug="shop")
            product = session.scalars(select(ProductRow.id)).one()
            factories.make_round(session, shop, {product: {"Kitchen": 1.0}})
        rows = HEADER + "1,Mug,Kitchen,\n2,Cup,Kitchen,\n"
        with monkeypatch.context() as patch:
            patch.setattr(imports, "finish", _die)
            with pytest.raises(JobCancelledError):
                run(rows)

        report = run(rows)

        assert report.counts.new == 0
        with database.read() as session:
            refresh = jobs.find_latest(
                session, catalogue_id=shop.id, kind=JobKind.REFRESH_PREDICTIONS
            )
        assert refresh.state is JobState.QUEUED

    def test_import_before_the_first_round_has_its_products_looked_at(self, run):
        assert run(HEADER + "1,Mug,Kitchen,\n").refresh_job_id is not None

    def test_import_that_brings_nothing_new_has_nothing_predicted(self, run, database):
        run(HEADER + "1,Mug,Kitchen,\n")
        with database.begin() as session:
            shop = catalogues.get(session, slug="shop")
            product = session.scalars(select(ProductRow.id)).one()
            factories.make_round(session, shop, {product: {"Kitchen": 1.0}})

        assert run(HEADER + "1,Mug,Kitchen,\n").refresh_job_id is None


def _die(*_args, **_options):
    raise JobCancelledError("The job was asked to stop, or somebody else runs it now.")


@pytest.mark.skipif(not (SHARED / "flipkart").is_dir(), reason="the shared sample is not at hand")
class TestFlipkartSample:
    @pytest.mark.slow
    def test_sample_goes_in_once_and_changes_nothing_twice(self, database, config, now):
        def run():
            return catalogue.import_file(
                database,
                config,
                path=SHARED / "flipkart" / "products.csv",
                file_name="products.csv",
                name="flipkart",
                images_dir=SHARED / "flipkart" / "images",
                now=now,
            )

        first, second = run().counts, run().counts

        assert (first.new, first.rejected, first.without_image) == (840, 0, 3)
        assert (second.new, second.unchanged, second.without_image) == (0, 840, 3)
        with database.read() as session:
            shop = catalogues.get(session, slug="flipkart")
            level = catalogues.list_categories(session, catalogue_id=shop.id, level=1)
            keys = session.scalars(select(ProductRow.specifications)).all()
        assert len(level) == 7
        assert not any("product_specification" in json.dumps(pairs) for pairs in keys)
