import pytest

from tests import factories
from webapp.domain.suspects import Suspect
from webapp.storage import annotations, suspects

PAGE = "/c/shop/suspects"


@pytest.fixture
def shop(database):
    """A catalogue of fifteen watches that the seller filed under Kitchen."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        ids = [
            factories.make_product(session, catalogue, name=f"Watch <{number}>")
            for number in range(15)
        ]
        said = {product_id: {"Watches": 0.982, "Kitchen": 0.018} for product_id in ids}
        round_id = factories.make_round(session, catalogue, said)
        suspects.add_many(
            session,
            round_id=round_id,
            listed=[
                Suspect(
                    product_id,
                    rank,
                    False,
                    factories.category_id(session, catalogue, "Kitchen"),
                    factories.category_id(session, catalogue, "Watches"),
                    0.018,
                    0.982,
                    0.02,
                )
                for rank, product_id in enumerate(ids, start=1)
            ],
        )
    return catalogue


def answer(**fields):
    return {"answer": "take", "round": 1, "seen": 0, "idempotency_key": "k1", **fields}


def acts(database, product_id=1):
    with database.read() as session:
        return annotations.list_of_product(session, product_id=product_id)


class TestPage:
    def test_says_what_is_recorded_what_is_proposed_and_why(self, client, shop):
        page = client.get(PAGE)

        assert page.status_code == 200
        assert "15 still to decide" in page.text
        assert "The seller filed it under" in page.text
        assert "Watches 98% (almost certain), Kitchen 2%." in page.text
        assert "Take Watches" in page.text
        assert "Keep Kitchen" in page.text
        assert "drawn at random" in page.text

    def test_shows_names_as_they_are(self, client, shop):
        assert "Watch &lt;0&gt;" in client.get(PAGE).text

    def test_has_pages(self, client, shop):
        assert "Page 1 of 2" in client.get(PAGE).text
        assert client.get(f"{PAGE}?page=2").text.count("Take Watches") == 3
        assert "Page 2 of 2" in client.get(f"{PAGE}?page=77").text
        assert "Page 1 of 2" in client.get(f"{PAGE}?page=x").text

    def test_of_records_of_moderators_alone(self, client, shop):
        page = client.get(f"{PAGE}?recorder=moderator")

        assert "Take Watches" not in page.text
        assert 'aria-current="page"' in page.text

    def test_without_a_round_says_so(self, client, database):
        with database.begin() as session:
            factories.make_catalogue(session)

        assert "There is no round yet" in client.get(PAGE).text

    def test_says_that_nothing_looks_wrong(self, client, database):
        with database.begin() as session:
            factories.make_round(session, factories.make_catalogue(session), {})

        assert "Round 1 found nothing that looks wrong." in client.get(PAGE).text


class TestDecide:
    def test_answers_with_the_list_as_it_is_then(self, htmx, database, shop):
        found = htmx(f"{PAGE}/1/decide", **answer())

        assert found.status_code == 200
        assert 'id="suspects"' in found.text
        assert "<html" not in found.text
        assert "14 still to decide" in found.text
        assert "1 of 1 decided got another category (100%)." in found.text
        assert 'id="suspect-1"' not in found.text
        assert len(acts(database)) == 1

    def test_without_htmx_goes_back_to_the_same_page(self, client, database, shop):
        found = client.post(
            f"{PAGE}/1/decide", data=answer(answer="keep", page=2, recorder="seller")
        )

        assert found.status_code == 303
        assert found.location == f"{PAGE}?recorder=seller&page=2"
        assert acts(database)[0].category_id != acts(database)[0].shown_category_id

    def test_twice_with_one_key_counts_once(self, htmx, database, shop):
        for _ in range(2):
            assert htmx(f"{PAGE}/1/decide", **answer()).status_code == 200

        assert len(acts(database)) == 1

    def test_what_somebody_else_has_decided_is_refused_in_words(self, htmx, shop):
        htmx(f"{PAGE}/1/decide", **answer())

        found = htmx(f"{PAGE}/1/decide", **answer(idempotency_key="k2"))

        assert found.status_code == 409
        assert "Somebody has decided this product since" in found.text

    @pytest.mark.parametrize("fields", [{"answer": ""}, {"answer": "x"}, {"idempotency_key": ""}])
    def test_what_is_no_answer_is_refused(self, htmx, database, shop, fields):
        assert htmx(f"{PAGE}/1/decide", **answer(**fields)).status_code == 422
        assert acts(database) == []

    def test_is_for_moderators(self, sign_in, dana, shop):
        assert sign_in(dana).post(f"{PAGE}/1/decide", data=answer()).status_code == 403


class TestUndo:
    def test_brings_the_product_back(self, htmx, database, shop):
        htmx(f"{PAGE}/1/decide", **answer())
        (made,) = acts(database)

        found = htmx(f"{PAGE}/undo", annotation=made.id, idempotency_key="back")

        assert "15 still to decide" in found.text
        assert 'id="suspect-1"' in found.text

    def test_is_offered_for_what_was_answered_here(self, client, shop):
        before = client.get(PAGE).text
        client.post(f"{PAGE}/1/decide", data=answer())

        assert "Take it back" not in before
        assert "Take it back" in client.get(PAGE).text
