import gzip
import json
import re
from dataclasses import replace

import pytest

from tests import factories
from webapp.storage import catalogues, categories
from webapp.storage.tables import CatalogueRow


@pytest.fixture
def shop(database):
    """A catalogue whose products are decided at level 2, with one product."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session, categories=("Kitchen",))
        session.get_one(CatalogueRow, catalogue.id).decision_level = 2
        categories.add_missing(
            session,
            catalogue_id=catalogue.id,
            paths=[("Kitchen", "Mugs"), ("Kitchen", "Café crème", "Large")],
        )
        factories.make_product(session, catalogue)
        return catalogues.get(session, slug="shop")


def address(client) -> str:
    found = re.search(r'data-categories="([^"]+)"', client.get("/c/shop/review").text)
    assert found
    return found.group(1)


def paths(answer) -> list[str]:
    return [path for _, path in answer.json["categories"]]


def allow_inner(database, shop):
    with database.begin() as session:
        settings = replace(shop.settings, are_inner_categories_allowed=True)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)


class TestListing:
    def test_lists_what_products_can_get_in_the_order_of_the_tree(self, client, shop):
        answer = client.get(address(client))

        assert paths(answer) == ["Kitchen > Café crème", "Kitchen > Mugs"]

    def test_inner_categories_are_listed_only_where_the_catalogue_allows_them(
        self, client, database, shop
    ):
        allow_inner(database, shop)

        assert paths(client.get(address(client)))[0] == "Kitchen"

    def test_is_kept_for_long_and_by_this_browser_alone(self, client, shop):
        kept = client.get(address(client)).headers["Cache-Control"]

        assert kept == "private, max-age=31536000, immutable"

    def test_its_address_changes_with_the_tree_and_the_old_one_is_not_kept(
        self, client, database, shop
    ):
        before = address(client)
        with database.begin() as session:
            categories.add_missing(session, catalogue_id=shop.id, paths=[("Kitchen", "Knives")])

        assert address(client) != before
        late = client.get(before)
        assert "Kitchen > Knives" in paths(late)
        assert late.headers["Cache-Control"] == "no-store"

    def test_its_address_changes_with_what_may_be_chosen(self, client, database, shop):
        before = address(client)

        allow_inner(database, shop)

        assert address(client) != before

    def test_is_zipped_for_those_who_can_read_it(self, client, shop):
        answer = client.get(address(client), headers={"Accept-Encoding": "gzip"})

        assert answer.headers["Content-Encoding"] == "gzip"
        content = json.loads(gzip.decompress(answer.data))
        assert len(content["categories"]) == 2


class TestInnerCategories:
    def file_under_kitchen(self, client, database, shop):
        page = client.get("/c/shop/review").text
        with database.read() as session:
            kitchen = factories.category_id(session, shop, "Kitchen")
        return client.post(
            re.search(r'action="([^"]+/decide)"', page).group(1),
            data={"category_id": kitchen, "idempotency_key": "k"},
        )

    def test_are_refused_where_they_are_not_allowed(self, client, database, shop):
        answer = self.file_under_kitchen(client, database, shop)

        assert answer.status_code == 422
        assert "cannot get that category" in answer.text

    def test_are_taken_where_they_are_allowed(self, client, database, shop):
        allow_inner(database, shop)

        assert self.file_under_kitchen(client, database, shop).status_code == 303


class TestWithoutScript:
    def test_few_categories_are_a_menu(self, client, shop):
        page = client.get("/c/shop/review").text

        assert "Kitchen &gt; Mugs</option>" in page
        assert 'name="words"' not in page

    def test_very_many_are_searched_by_the_server(self, client, database, shop):
        with database.begin() as session:
            categories.add_missing(
                session,
                catalogue_id=shop.id,
                paths=[("Office", f"Pen {n}") for n in range(600)],
            )

        assert "<option" not in client.get("/c/shop/review").text
        page = client.get("/c/shop/review?words=PEN+599").text
        assert re.findall(r"<option[^>]*>([^<]+)<", page) == ["Office &gt; Pen 599"]
        assert "No category matches" in client.get("/c/shop/review?words=100%25").text
