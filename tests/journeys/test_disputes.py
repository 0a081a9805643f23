"""Two people decide differently at their desks, and an admin judges, all by keyboard."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.server import Client, Site
from webapp.services import accounts
from webapp.storage import catalogues
from webapp.storage.database import Database


@pytest.fixture
def people(server: Site) -> list[Client]:
    """Two moderators of the demo catalogue, where two now decide each product."""
    database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
    with database.begin() as session:
        demo = catalogues.get(session, slug="demo")
        catalogues.write_settings(
            session, catalogue_id=demo.id, settings=replace(demo.settings, people_per_product=2)
        )
        users = [factories.make_user(session, name=name) for name in ("ann", "ben")]
        tokens = [
            accounts.issue_token(session, email=user.email, now=factories.NOW) for user in users
        ]
    database.dispose()
    return [Client(server.address, token) for token in tokens]


def decide(client: Client, position: int, key: str) -> int:
    """Decide the next product for the category at a position; return the product."""
    status, card = client.post("/catalogues/demo/claims")
    assert status == 200, card
    status, answer = client.post(
        "/catalogues/demo/annotations",
        {
            "product_id": card["product"]["id"],
            "lease": card["lease"],
            "verdict": "corrected",
            "category": sorted(option["id"] for option in card["categories"])[position],
            "idempotency_key": key,
        },
    )
    assert status == 201, answer
    return int(card["product"]["id"])


@pytest.fixture
def disputed(people: list[Client]) -> int:
    """A product that the two have decided differently."""
    ann, ben = people
    first = {decide(ann, 0, f"ann {number}") for number in range(3)}
    second: set[int] = set()
    while not first & second:  # what others have decided comes in turns with what is new
        second.add(decide(ben, 1, f"ben {len(second)}"))
    return (first & second).pop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_dispute(page, disputed, sign_in_as, violations, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    sign_in_as(page, "admin")

    page.goto("/c/demo/adjudication")

    expect(page.locator(".dispute .photos a")).not_to_have_count(0)
    assert violations(page) == []


def test_a_dispute_is_judged_and_taken_back_by_keyboard(page, server, disputed, sign_in_as):
    sign_in_as(page, "admin")

    page.goto("/c/demo/adjudication")
    count = page.locator(".list h2")
    expect(count).to_have_text("1 dispute")
    expect(page.locator(".choices .answer")).to_have_text(["Ann", "Ben"])
    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="Nobody disagrees")).to_be_visible()
    expect(page.locator(".tabs .waiting")).to_be_empty()
    [[product, verdict]] = server.query(
        "SELECT product_id, verdict FROM annotation WHERE asked_because = 'adjudication'"
    )
    page.keyboard.press("u")

    expect(count).to_have_text("1 dispute")
    expect(page.locator(".tabs .waiting")).to_have_text("1")
    assert product == disputed
    assert verdict in {"confirmed", "corrected"}
    assert [
        tuple(row) for row in server.query("SELECT state FROM product WHERE id = :id", id=product)
    ] == [("disputed",)]
