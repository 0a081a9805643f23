import json
import re

import pytest
from sqlalchemy import update

from tests import factories
from webapp.domain.evidence import Explanation, PhotoRegion
from webapp.domain.jobs import JobKind, JobState
from webapp.domain.review import Verdict
from webapp.storage import explanations, job_claims, jobs
from webapp.storage.tables import PredictionRow, ProductImageRow, QueueEntryRow
from webapp.views.evidence import marked

REGION = PhotoRegion(1, "a" * 64, ((0.0, 0.25), (1.0, 0.5)))


@pytest.fixture
def suggested(database, shop):
    """A product that a live round suggests a category for, with a photo that has its say."""
    with database.begin() as session:
        product_id = factories.make_product(
            session, shop, name="Steel Dial", description="Dials <b>of steel</b>.", source=None
        )
        session.add(
            ProductImageRow(
                product_id=product_id,
                position=0,
                file_name="a.jpg",
                sha256="a" * 64,
                width_px=10,
                height_px=10,
            )
        )
        round_id = factories.make_round(
            session, shop, {product_id: {"Watches": 0.9, "Kitchen": 0.1}}, number=4
        )
        row = session.get_one(PredictionRow, (round_id, product_id))
        row.image = row.text
    return round_id, product_id


@pytest.fixture
def explain(database, suggested):
    def write(*, words=(("dial", 0.5), ("dials", 0.5)), neighbours=(), region=None):
        explanation = Explanation(*suggested, tuple(words), tuple(neighbours), region)
        with database.begin() as session:
            explanations.put(session, explanation=explanation, now=factories.NOW)

    return write


def hide(database, **values):
    with database.begin() as session:
        session.execute(update(QueueEntryRow).values(**values))


class TestMarked:
    def test_marks_whole_words_however_they_are_written(self):
        found = marked("Dial, DIAL and dialling", ["dial"])

        assert found == "<mark>Dial</mark>, <mark>DIAL</mark> and dialling"

    def test_what_a_seller_wrote_never_becomes_a_tag(self):
        found = marked("<script>dial</script> & more", ["dial", "script"])

        assert found == (
            "&lt;<mark>script</mark>&gt;<mark>dial</mark>&lt;/<mark>script</mark>&gt; &amp; more"
        )

    def test_without_words_the_text_is_only_escaped(self):
        assert marked("a < b", []) == "a &lt; b"


class TestCard:
    def test_marks_the_words_that_speak_for_the_suggestion(self, client, explain):
        explain()

        page = client.get("/c/shop/review").text

        assert "Steel <mark>Dial</mark>" in page
        assert "<mark>Dials</mark> &lt;b&gt;of steel&lt;/b&gt;." in page
        assert "Suggested by round 4; underlined words speak for it." in page

    def test_names_the_round_where_nothing_is_explained(self, client, suggested):
        page = client.get("/c/shop/review").text

        assert "Suggested by round 4." in page
        assert "<mark>" not in page

    def test_shows_the_nearest_products_that_a_person_has_decided(
        self, client, database, shop, bob, explain
    ):
        with database.begin() as session:
            others = [
                factories.make_product(session, shop, name=f"Other {at}", priority=None)
                for at in range(6)
            ]
            for other, category in zip(
                others[1:], ["Watches", "Kitchen", "Watches", "Watches", "Watches"], strict=True
            ):
                factories.make_annotation(
                    session, shop, other, bob, Verdict.CORRECTED, category=category
                )
        explain(neighbours=[(other, 0.9) for other in others])

        page = client.get("/c/shop/review").text

        assert [f"Other {at}" in page for at in range(6)] == [False, True, True, True, False, False]
        assert page.count("Watches, as suggested") == 2
        assert page.count("Kitchen, not as suggested") == 1

    def test_a_decision_that_was_taken_back_is_no_evidence(
        self, client, database, shop, bob, explain
    ):
        with database.begin() as session:
            other = factories.make_product(session, shop, name="Other", priority=None)
            act = factories.make_annotation(
                session, shop, other, bob, Verdict.CORRECTED, category="Watches"
            )
            factories.make_annotation(session, shop, other, bob, Verdict.UNDONE, undoes=act)
        explain(neighbours=[(other, 0.9)])

        assert "already decided" not in client.get("/c/shop/review").text

    def test_where_the_suggestion_is_hidden_nothing_gives_it_away(self, client, database, explain):
        explain(region=REGION)
        hide(database, is_suggestion_hidden=True)

        page = client.get("/c/shop/review").text

        assert "Steel Dial" in page
        assert "<mark>" not in page
        assert "Suggested by round" not in page
        assert "data-rows" not in page
        assert 'data-act="region"' not in page

    def test_a_region_that_is_known_comes_with_the_card(self, client, explain):
        explain(region=REGION)

        page = client.get("/c/shop/review").text

        (rows,) = re.findall('data-rows="([^"]+)"', page)
        assert json.loads(rows) == [[0.0, 0.25], [1.0, 0.5]]
        assert f'data-photo="{"a" * 64}"' in page


class TestRegion:
    def address(self, suggested):
        return f"/c/shop/review/{suggested[1]}/region"

    def jobs(self, database, shop):
        with database.read() as session:
            return jobs.list_open(session, catalogue_id=shop.id, kind=JobKind.EXPLAIN_PRODUCT)

    def test_asking_sends_a_job_once(self, client, database, shop, suggested, sent_jobs):
        first = client.post(self.address(suggested))
        again = client.post(self.address(suggested))

        assert (first.status_code, first.json) == (202, {"is_coming": True})
        assert again.json == {"is_coming": True}
        (job,) = self.jobs(database, shop)
        assert job.arguments == {"product_id": suggested[1], "region": True}
        assert sent_jobs == [job.id]

    def test_looking_asks_nobody(self, client, suggested, sent_jobs):
        answer = client.get(self.address(suggested))

        assert (answer.status_code, answer.json) == (200, {"is_coming": False})
        assert sent_jobs == []

    def test_what_is_known_is_answered_at_once(self, client, suggested, explain, sent_jobs):
        explain(region=REGION)

        for answer in (client.get(self.address(suggested)), client.post(self.address(suggested))):
            assert answer.status_code == 200
            assert json.loads(answer.text) == {
                "is_coming": False,
                "photo": "a" * 64,
                "rows": [[0.0, 0.25], [1.0, 0.5]],
            }
        assert sent_jobs == []

    def test_a_job_that_failed_may_be_asked_for_again(
        self, client, database, shop, suggested, now, sent_jobs
    ):
        client.post(self.address(suggested))
        (job,) = self.jobs(database, shop)
        with database.begin() as session:
            claimed = job_claims.claim(session, job_id=job.id, now=now)
            job_claims.fail(session, job_id=job.id, fence=claimed.fence, reason="no", now=now)

        assert client.get(self.address(suggested)).json == {"is_coming": False}
        client.post(self.address(suggested))

        assert len(sent_jobs) == 2
        with database.read() as session:
            assert jobs.get(session, job_id=job.id).state is JobState.FAILED

    @pytest.mark.parametrize("hidden", [{"is_suggestion_hidden": True}, {"probe": "hidden"}])
    def test_where_the_suggestion_is_hidden_nothing_is_told(
        self, client, database, suggested, explain, hidden, sent_jobs
    ):
        explain(region=REGION)
        hide(database, **hidden)

        assert client.get(self.address(suggested)).status_code == 404
        assert client.post(self.address(suggested)).status_code == 404
        assert sent_jobs == []

    def test_without_a_round_there_is_nothing_to_explain(self, client, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(session, shop)

        assert client.post(f"/c/shop/review/{product_id}/region").status_code == 404

    def test_a_product_of_another_catalogue_is_not_found(self, client, database, suggested):
        with database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            product_id = factories.make_product(session, other)

        assert client.get(f"/c/shop/review/{product_id}/region").status_code == 404
