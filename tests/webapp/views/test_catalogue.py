import re

from sqlalchemy import update

from tests import factories
from webapp.domain.review import ProductState, Verdict
from webapp.storage.tables import ProductRow


def test_every_catalogue_says_how_far_it_is(client, database):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        ids = [factories.make_product(session, shop) for _ in range(3)]
        session.execute(update(ProductRow).where(ProductRow.id == ids[0]).values(state="labelled"))
        session.execute(update(ProductRow).where(ProductRow.id == ids[1]).values(state="flagged"))
        factories.make_round(session, shop, {ids[0]: {"Kitchen": 0.9}}, number=3)

    page = client.get("/").text

    assert "1 of 3 products labelled" in page
    assert "1 flagged" in page
    assert "Round 3 is live" in page


def test_without_a_catalogue_an_admin_reads_what_to_do_and_others_who_does_it(client, admin_client):
    assert "shelfwise demo" in admin_client.get("/").text
    assert "An admin imports one." in client.get("/").text


def test_the_tabs_are_those_that_the_role_may_open(client, admin_client, sign_in, dana, database):
    with database.begin() as session:
        factories.make_catalogue(session)

    def tabs(browser):
        page = browser.get("/c/shop/dashboard").text
        bar = page.split('<nav class="tabs pages"')[1].split("</nav>")[0]
        return [
            name
            for name in ("review", "products", "retraining", "export")
            if f"/c/shop/{name}" in bar
        ]

    assert tabs(client) == ["review", "products"]
    assert tabs(sign_in(dana)) == ["products", "export"]
    assert tabs(admin_client) == ["review", "products", "retraining", "export"]


def test_health_needs_no_account(app):
    answer = app.test_client().get("/health")

    assert answer.json == {"status": "ok"}


def test_disputes_are_named_in_the_bar_with_their_number_while_there_are_some(
    client, sign_in, dana, database
):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        product_id = factories.make_product(session, shop)
    assert "Disputes" not in client.get("/c/shop/dashboard").text

    with database.begin() as session:
        session.get(ProductRow, product_id).state = ProductState.DISPUTED.value

    page = client.get("/c/shop/dashboard").text
    assert re.search(r'Disputes <span class="waiting">1</span>', page)
    assert "Disputes" not in sign_in(dana).get("/c/shop/dashboard").text


def test_a_dispute_is_not_counted_for_one_of_those_who_differ(
    client, admin_client, alice, database
):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        product_id = factories.make_product(session, shop)
        factories.make_annotation(
            session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
        )
        session.get(ProductRow, product_id).state = ProductState.DISPUTED.value

    assert "Disputes" not in client.get("/c/shop/dashboard").text
    assert "Disputes" in admin_client.get("/c/shop/dashboard").text
