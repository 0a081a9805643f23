import re

import pytest

from tests import factories
from webapp.services import products
from webapp.storage.tables import ProductImageRow

LIST = "/c/shop/products"


def rows(page):
    return re.findall(r'/c/shop/products/(\d+)"', page.text)


class TestPage:
    def test_lists_products_with_what_is_said_of_them(self, client, database, shop, mug):
        with database.begin() as session:
            factories.make_round(session, shop, {mug: {"Watches": 0.72, "Kitchen": 0.28}})

        page = client.get(LIST)

        assert page.status_code == 200
        assert "Blue mug" in page.text
        assert "1 product" in page.text
        assert re.search(r"Watches\s*<span class=\"probability\">72\s?%", page.text)

    def test_thumbnails_are_never_the_originals(self, client, database, mug):
        with database.begin() as session:
            session.add(
                ProductImageRow(
                    product_id=mug,
                    position=0,
                    file_name="mug.jpg",
                    sha256="c" * 64,
                    width_px=4000,
                    height_px=3000,
                    problem=None,
                )
            )

        page = client.get(LIST)

        assert re.findall(r'<img src="(/c/[^"]+)"', page.text) == [
            f"/c/shop/images/{'c' * 64}/thumb"
        ]

    def test_finds_words_and_keeps_them_in_the_field(self, client, database, shop, mug):
        with database.begin() as session:
            factories.make_product(session, shop, name="Red bowl", description="")

        page = client.get(LIST, query_string={"q": 'cup "blue'})
        found = client.get(LIST, query_string={"q": "tea mug blue"})

        assert 'value="cup &#34;blue"' in page.text
        assert "No product matches" in page.text
        assert rows(found) == [str(mug)]

    @pytest.mark.parametrize("name", ["label", "category"])
    def test_filters_by_label_under_both_names(self, client, htmx, database, kitchen, mug, name):
        client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        assert rows(client.get(f"{LIST}?{name}={kitchen}")) == [str(mug)]
        assert rows(client.get(f"{LIST}?{name}={kitchen + 1}")) == []

    def test_words_that_are_no_filter_are_left_aside(self, client, mug):
        page = client.get(f"{LIST}?state=lost&label=x&source=-1&predicted=9e9&sort=up&after=no")

        assert page.status_code == 200
        assert rows(page) == [str(mug)]

    def test_htmx_gets_the_results_alone_and_a_clean_address(self, client, mug):
        answer = client.get(
            f"{LIST}?q=mug&state=&label=&sort=relevance", headers={"HX-Request": "true"}
        )

        assert "<html" not in answer.text
        assert 'id="results"' in answer.text
        assert answer.headers["HX-Push-Url"] == f"{LIST}?q=mug"

    def test_what_is_typed_into_a_list_as_it_opens_is_ordered_by_how_well_it_matches(
        self, client, database, shop
    ):
        with database.begin() as session:
            holder = factories.make_product(session, shop, name="Rack", description="For a mug.")
            mug = factories.make_product(session, shop, name="Mug")
        opened = client.get(LIST).text
        chosen = re.search(r'<option value="(\w+)" selected>best match', opened)[1]

        assert rows(client.get(f"{LIST}?q=mug&sort={chosen}")) == [str(mug), str(holder)]
        assert rows(client.get(f"{LIST}?q=mug&sort=imported")) == [str(holder), str(mug)]

    def test_going_back_with_htmx_gets_the_whole_page(self, client, mug):
        answer = client.get(
            LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
        )

        assert "<html" in answer.text

    def test_a_long_list_comes_in_pages_that_keep_the_filter(self, client, database, shop):
        with database.begin() as session:
            ids = [factories.make_product(session, shop) for _ in range(51)]

        first = client.get(f"{LIST}?q=mug")
        address = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
        second = client.get(address)

        assert len(rows(first)) == 50
        assert rows(second) == [str(ids[-1])]
        assert "q=mug" in address
        assert 'rel="prev"' in second.text
        assert 'rel="next"' not in second.text

    def test_an_empty_catalogue_says_what_to_do(self, admin_client, shop):
        page = admin_client.get(LIST)

        assert "This catalogue has no products yet." in page.text
        assert "Import a file" in page.text

    def test_says_that_open_evaluation_products_are_left_out_of_predictions(
        self, client, kitchen, mug
    ):
        assert "Products of the evaluation set" in client.get(f"{LIST}?predicted={kitchen}").text
        assert "Products of the evaluation set" not in client.get(LIST).text

    def test_a_count_stops_where_it_would_read_everything(
        self, client, database, shop, monkeypatch
    ):
        monkeypatch.setattr(products, "MAX_COUNT", 2)
        with database.begin() as session:
            for _ in range(4):
                factories.make_product(session, shop)

        assert "More than 2 products" in client.get(LIST).text

    def test_a_catalogue_that_is_not_there_is_not_found(self, client):
        assert client.get("/c/nowhere/products").status_code == 404
