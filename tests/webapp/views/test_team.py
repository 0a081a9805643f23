from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from webapp.domain.agreement import Consensus
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.services import gold
from webapp.storage import consensus, jobs
from webapp.storage import gold as stored
from webapp.views import category_paths

PAGE = "/c/shop/team"
INTERVAL = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 40}


@pytest.fixture
def shop(database):
    with database.begin() as session:
        return factories.make_catalogue(session, people_per_product=2, hidden_share=5)


@pytest.fixture
def confirmed(database, shop, alice, bob, now):
    """Alice has confirmed 200 suggestions of 0.9 without a change; bob has changed 20 of his."""
    with database.begin() as session:
        ids = [factories.make_product(session, shop) for _ in range(200)]
        factories.make_round(session, shop, {each: {"Kitchen": 0.9} for each in ids})
        for number, product_id in enumerate(ids):
            at = now + timedelta(seconds=6 * number)
            for user in (alice, bob):
                changes = user is bob and number < 20
                factories.make_annotation(
                    session,
                    shop,
                    product_id,
                    user,
                    Verdict.CORRECTED if changes else Verdict.CONFIRMED,
                    category="Watches" if changes else "Kitchen",
                    shown=(1, "Kitchen"),
                    at=at,
                    n_needed=2,
                )
    return ids


@pytest.fixture
def compared(database, shop, confirmed, alice, bob, now):
    figures = {
        "alpha": INTERVAL,
        "agreed": INTERVAL,
        "n_products": 200,
        "n_ties": 20,
        "pairs": [
            {
                "first_id": alice.id,
                "second_id": bob.id,
                "n": 200,
                "agreed": 0.9,
                "kappa": 0.7,
                "low": 0.55,
                "high": 0.82,
            }
        ],
        "people": {str(alice.id): {"agreed": INTERVAL, "quality": 0.83}},
    }
    with database.begin() as session:
        consensus.write_agreement(
            session, catalogue_id=shop.id, round_id=1, figures=figures, now=now
        )


@pytest.fixture
def marked(database, shop, alice, carol, now):
    """A product that alice has filed under Watches and carol vouches for."""
    with database.begin() as session:
        product_id = factories.make_product(session, shop, name="Steel watch")
        factories.make_annotation(
            session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
        )
        gold.mark(session, catalogue=shop, product_id=product_id, user_id=carol.id, now=now)
    return product_id


class TestPage:
    def test_tells_a_person_her_own_figures_and_fairly(self, client, confirmed):
        page = client.get(PAGE).text

        assert "You override fewer suggestions than the model&#39;s errors would need" in page
        assert "of your newest 200, you changed or skipped 0, and about 20 are expected" in page
        assert "0 of 200, 95% interval 0% to 2%" in page
        assert "Bob" not in page

    def test_tells_no_pace_of_few_cards_but_how_many_they_are(
        self, client, database, shop, alice, now
    ):
        with database.begin() as session:
            for _ in range(5):
                factories.make_annotation(
                    session,
                    shop,
                    factories.make_product(session, shop),
                    alice,
                    Verdict.CORRECTED,
                    category="Watches",
                    at=now,
                )

        page = client.get(PAGE).text

        assert "5 cards so far; told from 20 on" in page

    def test_says_what_is_done_against_mere_confirming(self, client, shop):
        page = client.get(PAGE).text

        assert "On 5% of the cards, drawn by chance, the suggestion is hidden." in page
        assert "wrong on purpose" not in page
        assert "You have decided nothing in this catalogue yet." in page

    def test_shows_an_admin_everybody(self, admin_client, confirmed, compared):
        page = admin_client.get(PAGE).text

        assert "changes too few" in page
        assert "Overrides fewer suggestions than the model&#39;s errors would need" in page
        assert "looks at suggestions" in page
        assert "Alice · Bob" in page
        assert "83%" in page
        assert "20 of 200; 6% to 15%" in page
        assert "of 200; 2 to 2" in page  # seconds a card
        assert "0.70 <small>0.55 to 0.82</small>" in page

    def test_keeps_figures_of_others_for_some_minutes(
        self, client, database, shop, alice, bob, monkeypatch
    ):
        moment = datetime.now(UTC)
        with database.begin() as session:
            people = [bob, *(factories.make_user(session, name=each) for each in ("erin", "fred"))]

        def decide():
            """Let each of them decide one more product."""
            with database.begin() as session:
                product_id = factories.make_product(session, shop)
                for user in (alice, *people):
                    factories.make_annotation(
                        session,
                        shop,
                        product_id,
                        user,
                        Verdict.CORRECTED,
                        category="Watches",
                        at=moment,
                        n_needed=4,
                    )
            return client.get(PAGE).text

        first, second = decide(), decide()
        monkeypatch.setattr("webapp.views.team.now", lambda: moment + timedelta(minutes=11))
        third = decide()

        for page, own, others in ((first, 1, 1), (second, 2, 1), (third, 3, 3)):
            assert f"{own} in all" in page
            assert f"others: {others}" in page

    def test_hides_pairs_from_others_than_admins(self, client, confirmed, compared):
        page = client.get(PAGE).text

        assert "0.90" in page  # alpha
        assert "40 products, 95% interval 80% to 95%" in page
        assert "By pair" not in page

    def test_is_for_those_who_decide(self, sign_in, dana, shop):
        assert sign_in(dana).get(PAGE).status_code == 403


class TestMeasure:
    def test_asks_the_worker_once(self, admin_client, database, confirmed, sent_jobs):
        answer = admin_client.post(f"{PAGE}/agreement", headers={"HX-Request": "true"})
        admin_client.post(f"{PAGE}/agreement")

        assert 'id="agreement"' in answer.text
        assert "This is being worked out" in answer.text
        assert 'hx-trigger="load delay:2s"' in answer.text
        assert len(sent_jobs) == 1
        with database.read() as session:
            assert jobs.get(session, job_id=sent_jobs[0]).kind is JobKind.MEASURE_AGREEMENT

    def test_has_nothing_to_do_where_one_person_decides(self, admin_client, database, sent_jobs):
        with database.begin() as session:
            factories.make_catalogue(session, slug="alone")

        answer = admin_client.post("/c/alone/team/agreement")

        assert (answer.status_code, answer.location) == (303, "/c/alone/team")
        assert sent_jobs == []

    def test_stops_asking_once_it_is_done(self, admin_client, confirmed, compared):
        answer = admin_client.get(PAGE, headers={"HX-Request": "true"})

        assert "<html" not in answer.text
        assert "hx-trigger" not in answer.text


class TestGold:
    def test_is_asked_of_who_has_not_decided_it_without_a_hint(self, sign_in, bob, marked):
        client = sign_in(bob)

        page = client.get(f"{PAGE}/gold").text

        assert "Answer 1 gold product" in client.get(PAGE).text
        assert "Steel watch" in page
        assert "selected" not in page
        assert "Alice" not in page

    def test_an_answer_counts_and_decides_nothing(self, sign_in, database, shop, bob, marked):
        client = sign_in(bob)
        with database.read() as session:
            kitchen = factories.category_id(session, shop, "Kitchen")
            watches = factories.category_id(session, shop, "Watches")

        answer = client.post(f"{PAGE}/gold/{marked}", data={"category": kitchen})

        assert (answer.status_code, answer.location) == (303, f"{PAGE}/gold")
        assert "No gold product waits for your answer." in client.get(f"{PAGE}/gold").text
        with database.read() as session:
            assert stored.find_label(session, product_id=marked) == watches

    def test_among_many_categories_one_is_searched(self, sign_in, bob, marked, monkeypatch):
        monkeypatch.setattr(category_paths, "MOST_LISTED", 2)
        client = sign_in(bob)

        page = client.get(f"{PAGE}/gold").text
        answer = client.post(f"{PAGE}/gold/{marked}", data={"path": "Kitchen"})

        assert "<option" not in page
        assert 'data-categories="/c/shop/categories/' in page
        assert answer.status_code == 303

    def test_needs_a_category(self, client, marked):
        assert client.post(f"{PAGE}/gold/{marked}").status_code == 422

    def test_is_set_and_taken_back_by_admins_alone(
        self, client, admin_client, database, shop, marked
    ):
        assert client.post(f"{PAGE}/gold/{marked}/unmark").status_code == 403
        assert client.post(f"{PAGE}/gold/{marked}/mark").status_code == 403

        answer = admin_client.post(f"{PAGE}/gold/{marked}/unmark")

        assert answer.location == f"/c/shop/products/{marked}"
        with database.read() as session:
            assert stored.find(session, product_id=marked) is None
        admin_client.post(f"{PAGE}/gold/{marked}/mark")
        with database.read() as session:
            assert stored.find(session, product_id=marked) is not None

    def test_is_offered_on_the_page_of_a_decided_product_to_admins(
        self, client, admin_client, database, shop, marked
    ):
        with database.begin() as session:
            undecided = factories.make_product(session, shop)

        assert "Not gold any more" in admin_client.get(f"/c/shop/products/{marked}").text
        admin_client.post(f"{PAGE}/gold/{marked}/unmark")
        assert "make it gold" in admin_client.get(f"/c/shop/products/{marked}").text
        assert "make it gold" not in admin_client.get(f"/c/shop/products/{undecided}").text
        assert "make it gold" not in client.get(f"/c/shop/products/{marked}").text

    def test_counts_what_a_person_answered_by_herself(self, admin_client, client, marked):
        assert "1 of 1" in admin_client.get(PAGE).text
        assert "1 of 1" in client.get(PAGE).text


def test_a_consensus_is_found_by_product(database, shop, confirmed):
    found = Consensus(confirmed[0], 2, None, 1, 0.9)

    with database.begin() as session:
        consensus.add_many(session, catalogue_id=shop.id, found=[found])

    with database.read() as session:
        assert consensus.find(session, product_ids=confirmed) == {confirmed[0]: found}
