import io
import re

import pytest

from webapp.jobs import runner

CSV = b"nummer,title,path\n1,Mug,Kitchen > Mugs\n2,Pan,Kitchen > Pans\n,=bad,\n"


@pytest.fixture
def upload(admin_client):
    def post(content: bytes = CSV, **values):
        values = {"catalogue": "My shop", "file": (io.BytesIO(content), "shop.csv")} | values
        return admin_client.post("/admin/import", data=values)

    return post


@pytest.fixture
def preview_address(upload) -> str:
    return upload(CSV.replace(b"nummer", b"sku")).location


@pytest.fixture
def finished(admin_client, preview_address, sent_jobs, config, database) -> str:
    """The address of an import that is over."""
    answer = admin_client.post(f"{preview_address}/start", data={"category": "path", "level": "2"})
    (job_id,) = sent_jobs
    job = runner.claim(database, job_id)
    runner.run_claimed(job, config=config, database=database, send=sent_jobs.send)
    return answer.location


class TestUpload:
    def test_page_asks_for_a_file(self, admin_client):
        page = admin_client.get("/admin/import")

        assert page.status_code == 200
        assert 'enctype="multipart/form-data"' in page.text

    def test_leads_to_the_preview_under_a_random_name(self, upload, config):
        answer = upload()

        assert answer.status_code == 303
        assert re.fullmatch(r"/admin/import/[0-9a-f]{32}", answer.location)
        assert not list(config.uploads_dir.rglob("*shop*"))

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"file": (io.BytesIO(b""), "")}, "Choose a CSV"),
            ({"file": (io.BytesIO(b""), "empty.csv")}, "The file is empty"),
            ({"catalogue": "  "}, "1 to 80 characters"),
            ({"images": (io.BytesIO(b"hello"), "a.zip")}, "Expected is a ZIP file"),
        ],
    )
    def test_refusal_says_why_and_keeps_nothing(self, upload, config, values, words):
        answer = upload(**{name: _fresh(value) for name, value in values.items()})

        assert answer.status_code == 422
        assert words in answer.text
        assert not config.uploads_dir.exists() or not list(config.uploads_dir.iterdir())

    def test_is_for_admins_only(self, client):
        assert client.get("/admin/import").status_code == 403


class TestPreview:
    def test_shows_rows_as_they_would_become_and_levels(self, admin_client, preview_address):
        page = admin_client.post(preview_address, data={"category": "path"}, follow_redirects=True)

        assert "Kitchen &gt; Mugs" in page.text
        assert "the id is missing" in page.text
        assert "Level 2" in page.text
        assert "2 categories" in page.text

    def test_asks_for_the_column_of_ids_where_none_is_recognised(self, upload, admin_client):
        page = admin_client.get(upload().location)

        assert "Choose the column that holds the ids" in page.text
        assert "import-rows" not in page.text

    def test_htmx_gets_the_form_alone_with_the_new_mapping(self, upload, admin_client):
        page = admin_client.post(
            upload().location, data={"external_id": "nummer"}, headers={"HX-Request": "true"}
        )

        assert page.text.lstrip().startswith('<form id="preview"')
        assert "import-rows" in page.text

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_mapping_is_in_the_address_so_that_loading_again_keeps_it(
        self, upload, admin_client, headers
    ):
        mapping = {"external_id": "nummer", "category": "", "csrf_token": "secret"}

        answer = admin_client.post(upload().location, data=mapping, headers=headers)

        address = answer.headers.get("HX-Replace-Url") or answer.location
        assert address.endswith("?external_id=nummer&category=")
        again = admin_client.get(address).text
        assert "<option selected>nummer</option>" in again
        assert "import-rows" in again

    @pytest.mark.parametrize("token", ["0" * 32, "..", "about.json", "%2e%2e%2fsecret"])
    def test_unknown_upload_is_not_found(self, admin_client, token):
        assert admin_client.get(f"/admin/import/{token}").status_code == 404


class TestStart:
    def test_adds_a_job_and_wakes_a_worker(self, admin_client, preview_address, sent_jobs):
        answer = admin_client.post(f"{preview_address}/start", data={"level": "1"})

        assert answer.status_code == 303
        assert answer.location == f"/admin/import/jobs/{sent_jobs[0]}"

    def test_mapping_without_ids_is_refused(self, upload, admin_client, sent_jobs):
        answer = admin_client.post(f"{upload().location}/start", data={"level": "1"})

        assert answer.status_code == 422
        assert "No column holds the ids" in answer.text
        assert not sent_jobs

    def test_level_that_does_not_exist_is_refused(self, preview_address, admin_client, sent_jobs):
        answer = admin_client.post(f"{preview_address}/start", data={"level": "11"})

        assert answer.status_code == 422
        assert not sent_jobs


class TestProgress:
    def test_says_when_there_are_more_problems_than_it_shows(
        self, admin_client, finished, monkeypatch
    ):
        words = "Here are the first 1; the download has all of them."
        assert words not in admin_client.get(finished).text

        monkeypatch.setattr("webapp.views.imports._SHOWN_PROBLEMS", 1)

        assert words in admin_client.get(finished).text

    def test_asks_again_while_the_import_is_under_way(self, admin_client, preview_address):
        address = admin_client.post(f"{preview_address}/start", data={}).location

        assert 'hx-trigger="load delay:1s"' in admin_client.get(address).text

    def test_stops_asking_and_reports_once_it_is_over(self, admin_client, finished):
        page = admin_client.get(finished, headers={"HX-Request": "true"})

        assert "hx-trigger" not in page.text
        assert "Imported into My shop" in page.text
        assert "the id is missing" in page.text

    def test_reason_of_a_failure_is_shown(
        self, admin_client, preview_address, sent_jobs, config, database
    ):
        address = admin_client.post(f"{preview_address}/start", data={"name": "path"}).location
        table = next(config.uploads_dir.rglob("table"))
        table.write_bytes(b"sku,title,path\n,,\n")
        job = runner.claim(database, sent_jobs[0])
        runner.run_claimed(job, config=config, database=database, send=sent_jobs.send)

        page = admin_client.get(address)

        assert "None of the 1 rows can be imported" in page.text

    def test_job_of_another_kind_is_not_found(self, admin_client):
        assert admin_client.get("/admin/import/jobs/99").status_code == 404


class TestProblems:
    def test_file_lists_every_problem_and_is_safe_in_a_spreadsheet(
        self, admin_client, upload, sent_jobs, config, database
    ):
        address = upload(b"sku,title\n1,Mug\n=cmd,\n").location
        page = admin_client.post(f"{address}/start", data={}).location
        job = runner.claim(database, sent_jobs[0])
        runner.run_claimed(job, config=config, database=database, send=sent_jobs.send)

        answer = admin_client.get(f"{page}/problems.csv")

        assert answer.mimetype == "text/csv"
        assert answer.text.splitlines() == [
            "kind,line,column,value,reason",
            'rejected row,3,title,,"name, description and image are all missing"',
        ]

    def test_value_that_is_a_formula_is_disarmed(
        self, admin_client, upload, sent_jobs, config, database
    ):
        address = upload(b'sku,title\n1,Mug\n"=cmd()",Pan\n"=cmd()",Pot\n').location
        page = admin_client.post(f"{address}/start", data={}).location
        job = runner.claim(database, sent_jobs[0])
        runner.run_claimed(job, config=config, database=database, send=sent_jobs.send)

        assert (
            "4,sku,'=cmd(),line 3 has the same id" in admin_client.get(f"{page}/problems.csv").text
        )


def _fresh(value):
    """Give each test a stream of its own: a form closes what it has sent."""
    return (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
