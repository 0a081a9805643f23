import re

import pytest

from tests import factories
from webapp.domain.review import Verdict
from webapp.storage import catalogues, categories
from webapp.storage.tables import CatalogueRow


@pytest.fixture(params=[True, False], ids=["allowed", "no longer allowed"])
def kitchen(request, database, alice):
    """A category above the level of decision, under which two look-alikes are filed."""
    with database.begin() as session:
        made = factories.make_catalogue(
            session, categories=("Kitchen",), are_inner_categories_allowed=request.param
        )
        session.get_one(CatalogueRow, made.id).decision_level = 2
        categories.add_missing(session, catalogue_id=made.id, paths=[("Kitchen", "Mugs")])
        shop = catalogues.get(session, slug="shop")
        for _ in range(2):
            product_id = factories.make_product(session, shop, group_number=3)
            factories.make_annotation(
                session, shop, product_id, alice, Verdict.CORRECTED, category="Kitchen"
            )
        return factories.category_id(session, shop, "Kitchen")


@pytest.mark.parametrize("address", ["products", "products?view=table", "groups"])
def test_a_label_above_the_level_of_decision_is_named(client, kitchen, address):
    page = client.get(f"/c/shop/{address}")

    assert len(re.findall(r"<strong\s*>Kitchen</strong>", page.text)) == 2


def test_a_filter_above_the_level_of_decision_is_named(client, kitchen):
    page = client.get(f"/c/shop/products?predicted={kitchen}")

    assert "predicted Kitchen" in page.text
