import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import factories
from webapp.storage import catalogues
from webapp.storage.tables import AnnotationRow, LabelRow

LIST = "/c/shop/products"
DECIDE = "/c/shop/bulk/decide"


@pytest.fixture
def mugs(database, shop):
    with database.begin() as session:
        return [factories.make_product(session, shop, name=f"Mug {n}") for n in range(3)]


@pytest.fixture
def labels(database):
    def read():
        with database.read() as session:
            return dict(session.execute(select(LabelRow.product_id, LabelRow.category_id)).all())

    return read


def form(**values):
    return {"idempotency_key": "one act", "path": "Kitchen", "act": "file"} | values


class TestDecide:
    def test_files_what_is_ticked_and_goes_back_to_the_list(self, client, mugs, labels):
        answer = client.post(DECIDE, data=form(product=mugs[:2], list="q=mug&view=table"))

        assert answer.status_code == 303
        assert answer.location == f"{LIST}?q=mug&view=table&act=1"
        assert sorted(labels()) == mugs[:2]

    def test_the_list_says_what_was_done_and_offers_to_undo_it(self, client, mugs):
        page = client.post(DECIDE, data=form(product=mugs), follow_redirects=True)

        assert "3 products filed under Kitchen." in page.text
        assert "/c/shop/bulk/1/undo" in page.text

    def test_htmx_gets_the_list_as_it_is_then(self, htmx, client, mugs):
        address = htmx(DECIDE, **form(product=mugs)).location

        answer = client.get(address, headers={"HX-Request": "true"})

        assert 'id="results"' in answer.text
        assert "<html" not in answer.text
        assert answer.headers["HX-Push-Url"] == f"{LIST}?act=1"

    def test_files_everything_that_the_list_finds(self, client, database, shop, mugs, labels):
        with database.begin() as session:
            factories.make_product(session, shop, name="Bowl", description="For soup.")

        client.post(DECIDE, data=form(all="1", expected="3", list="q=mug"))

        assert sorted(labels()) == mugs

    def test_is_refused_where_another_number_matches_than_was_seen(self, client, mugs, labels):
        answer = client.post(DECIDE, data=form(all="1", expected="2", list="q=mug"))

        assert answer.status_code == 409
        assert "3 products match now, and you saw 2" in answer.text
        assert labels() == {}

    def test_flags_with_a_note(self, client, database, mugs):
        client.post(DECIDE, data=form(product=mugs, act="flag", note="wrong photos"))

        with database.read() as session:
            acts = list(session.scalars(select(AnnotationRow)))
        assert [(act.verdict, act.note) for act in acts] == [("flagged", "wrong photos")] * 3

    @pytest.mark.parametrize(
        ("entered", "words"),
        [
            ({"path": ""}, "Choose a category first."),
            ({"path": "Gardens"}, "There is no category “Gardens” here."),
            ({"product": []}, "Select at least one product first."),
            ({"act": "flag"}, "Say in a note why this product is flagged."),
            ({"idempotency_key": ""}, "An idempotency key"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, client, mugs, labels, entered, words):
        answer = client.post(DECIDE, data=form(product=mugs) | entered)

        assert answer.status_code == 422
        assert words in answer.text
        assert labels() == {}

    def test_says_what_was_left_out_and_why(self, client, database, shop, bob, mugs):
        seen = re.search(r'name="seen" value="(\d+)"', client.get(LIST).text)[1]
        with database.begin() as session:
            factories.make_product(session, shop, is_evaluation=True)
            factories.make_annotation(
                session, shop, mugs[0], bob, factories.Verdict.CORRECTED, category="Watches"
            )

        page = client.post(
            DECIDE,
            data=form(product=[*mugs, mugs[-1] + 1], seen=seen),
            follow_redirects=True,
        )

        assert "2 products filed under Kitchen." in page.text
        assert "1 left out: somebody else has decided it meanwhile." in page.text
        assert "1 left out: it measures the models and is judged by itself." in page.text

    def test_goes_back_to_the_groups_from_where_it_came(self, client, mugs):
        values = form(product=mugs, list="mixed=1", **{"from": "groups"})

        assert client.post(DECIDE, data=values).location == "/c/shop/groups?mixed=1&act=1"


class TestUndo:
    def test_takes_everything_back_and_says_so(self, client, mugs, labels):
        client.post(DECIDE, data=form(product=mugs))

        page = client.post(
            "/c/shop/bulk/1/undo", data={"idempotency_key": "u"}, follow_redirects=True
        )

        assert "3 taken back." in page.text
        assert "/c/shop/bulk/1/undo" not in page.text
        assert labels() == {}

    def test_somebody_else_is_not_offered_it_and_may_not(self, client, sign_in, bob, mugs):
        client.post(DECIDE, data=form(product=mugs))

        page = sign_in(bob).get(f"{LIST}?act=1")
        answer = sign_in(bob).post("/c/shop/bulk/1/undo", data={"idempotency_key": "u"})

        assert "3 products filed" in page.text
        assert "/c/shop/bulk/1/undo" not in page.text
        assert answer.status_code == 403

    def test_an_admin_may(self, client, admin_client, mugs, labels):
        client.post(DECIDE, data=form(product=mugs))

        admin_client.post("/c/shop/bulk/1/undo", data={"idempotency_key": "u"})

        assert labels() == {}


class TestList:
    def test_offers_all_that_match_where_the_page_shows_fewer(self, client, database, shop):
        with database.begin() as session:
            for _ in range(51):
                factories.make_product(session, shop)

        assert "All 51 that match" in client.get(LIST).text
        assert 'name="all"' not in client.get(f"{LIST}?q=nothing").text

    def test_every_filter_is_a_chip_that_can_be_removed(self, client, mugs):
        page = client.get(f"{LIST}?q=mug&state=open&sort=name")

        chips = re.findall(r'<li><a href="([^"]+)" title="Remove', page.text)
        assert [chip.replace("&amp;", "&") for chip in chips] == [
            f"{LIST}?state=open&sort=name",
            f"{LIST}?q=mug&sort=name",
        ]

    def test_the_table_keeps_its_place_in_the_address(self, client, mugs):
        page = client.get(f"{LIST}?view=table&state=open")

        assert '<table class="products"' in page.text
        assert f"{LIST}?state=open" in page.text

    def test_those_who_do_not_review_get_no_boxes(self, sign_in, dana, mugs):
        page = sign_in(dana).get(LIST)

        assert "Mug 1" in page.text
        assert 'name="product"' not in page.text

    def test_where_several_decide_an_act_tells_nobody_else_what_was_answered(
        self, client, sign_in, database, shop, bob, mugs
    ):
        several = replace(shop.settings, people_per_product=2)
        with database.begin() as session:
            catalogues.write_settings(session, catalogue_id=shop.id, settings=several)
        client.post(DECIDE, data=form(product=mugs))

        page = sign_in(bob).get(f"{LIST}?act=1").text

        assert "filed under Kitchen" not in page

    def test_an_act_of_an_old_address_is_left_aside(self, client, mugs):
        assert client.get(f"{LIST}?act=99").status_code == 200

    def test_of_thousands_of_categories_none_is_listed_in_a_filter(self, client, database):
        names = tuple(f"Category {n}" for n in range(301))
        with database.begin() as session:
            large = factories.make_catalogue(session, slug="large", categories=names)
            factories.make_product(session, large, source="Category 7")
            chosen = factories.category_id(session, large, "Category 7")

        page = client.get(f"/c/large/products?source={chosen}")

        assert f'<input type="hidden" name="source" value="{chosen}">' in page.text
        assert 'value="Category 7"' in page.text
        assert page.text.count("<option") < 300
        assert "1 product" in page.text
