import csv
import io

import pytest

from tests import factories
from webapp.domain.review import Verdict
from webapp.storage.tables import AnnotationRow


@pytest.fixture
def shop(database, alice):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        product = factories.make_product(session, catalogue, external_id="A", name="=HYPERLINK(1)")
        factories.make_product(session, catalogue, external_id="B")
        factories.make_annotation(
            session, catalogue, product, alice, Verdict.CONFIRMED, category="Kitchen"
        )
    return catalogue


@pytest.fixture
def analyst(sign_in, dana):
    return sign_in(dana)


class TestPage:
    def test_explains_every_column(self, analyst, shop):
        answer = analyst.get("/c/shop/export")

        assert answer.status_code == 200
        assert "predicted_probability" in answer.text
        assert "The final category, by a person&#39;s decision" in answer.text

    def test_tells_who_is_behind_a_number(self, analyst, shop, alice):
        answer = analyst.get("/c/shop/export")

        assert f"moderator:{alice.id}</code></dt><dd>Alice" in answer.text

    @pytest.mark.parametrize("page", ["export", "export/data", "export/manifest"])
    def test_is_closed_to_moderators(self, client, shop, page):
        assert client.get(f"/c/shop/{page}").status_code == 403

    def test_is_open_to_admins(self, admin_client, shop):
        assert admin_client.get("/c/shop/export").status_code == 200

    def test_of_an_unknown_catalogue_is_not_found(self, analyst):
        assert analyst.get("/c/nowhere/export").status_code == 404


class TestData:
    def test_is_a_file_with_safe_cells(self, analyst, shop):
        answer = analyst.get("/c/shop/export/data?format=csv&as_of=2026-03-01T12:00:00")

        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.mimetype == "text/csv"
        assert 'filename="shop-20260301T120000Z.csv"' in answer.headers["Content-Disposition"]
        assert [row["external_id"] for row in rows] == ["A", "B"]
        assert rows[0]["name"] == "'=HYPERLINK(1)"

    def test_can_leave_out_what_nobody_decided(self, analyst, shop):
        answer = analyst.get(
            "/c/shop/export/data?format=jsonl&labelled_only=1&as_of=2026-03-01T12:00:00"
        )

        assert answer.mimetype == "application/x-ndjson"
        assert len(answer.text.splitlines()) == 1

    def test_without_a_moment_goes_to_an_address_that_tells_it(self, analyst, shop):
        answer = analyst.get("/c/shop/export/data?format=csv&labelled_only=1")

        assert answer.status_code == 303
        assert "as_of=20" in answer.location
        assert "labelled_only=1" in answer.location
        assert analyst.get(answer.location).text.count("\r\n") == 2

    @pytest.mark.parametrize("query", ["format=xlsx", "as_of=tomorrow", "as_of=9999-01-01"])
    def test_refuses_before_the_first_byte(self, analyst, shop, query):
        answer = analyst.get(f"/c/shop/export/data?{query}")

        assert answer.status_code == 422
        assert "Content-Disposition" not in answer.headers

    def test_does_not_keep_moderators_from_writing(self, analyst, shop, database, alice):
        answer = analyst.get("/c/shop/export/data?as_of=2026-03-01T12:00:00", buffered=False)
        chunks = answer.iter_encoded()
        next(chunks)
        next(chunks)

        with database.begin() as session:
            product = factories.make_product(session, shop)
            factories.make_annotation(session, shop, product, alice, Verdict.SKIPPED)

        with database.read() as session:
            assert session.query(AnnotationRow).count() == 2
        answer.close()


class TestManifest:
    def test_proves_the_data_of_the_same_moment(self, analyst, shop):
        query = "format=csv-excel&as_of=2026-03-01T12:00:00Z"

        data = analyst.get(f"/c/shop/export/data?{query}").data
        manifest = analyst.get(f"/c/shop/export/manifest?{query}")

        assert manifest.json["bytes"] == len(data)
        assert manifest.json["rows"] == 2
        assert manifest.json["file"] == "shop-20260301T120000Z.csv"
        assert "manifest.json" in manifest.headers["Content-Disposition"]

    def test_without_a_moment_goes_to_an_address_that_tells_it(self, analyst, shop):
        answer = analyst.get("/c/shop/export/manifest")

        assert answer.status_code == 303
        assert analyst.get(answer.location).json["rows"] == 2
