"""One decision on several products, at a real desk."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.journeys.desk import SHOWN, wait_until_sent
from webapp.storage.database import Database

LABELLED = "SELECT count(*) FROM label"
BOXES = f"{SHOWN} .look-alike input"


@pytest.fixture
def alike(server) -> list[int]:
    """Eleven undecided products that count as near-duplicates, and stand first in the queue."""
    database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
    with database.begin() as session:
        ids = session.scalars(
            text("SELECT id FROM product WHERE state = 'open' AND NOT is_evaluation LIMIT 11")
        ).all()
        for product_id in ids:
            session.execute(
                text("UPDATE product SET group_number = -1 WHERE id = :id"), {"id": product_id}
            )
            session.execute(
                text("UPDATE queue_entry SET priority = 9 - :id / 1000.0 WHERE product_id = :id"),
                {"id": product_id},
            )
    database.dispose()
    return list(ids)


@pytest.fixture
def desk(page, alike, sign_in_as) -> Page:
    sign_in_as(page, "moderator")
    page.goto(f"/c/demo/review?product={alike[0]}")
    page.wait_for_selector("#desk[data-ready]")
    return page


@pytest.fixture
def unticked(desk) -> Page:
    """Return the desk after somebody has taken all look-alikes out."""
    while desk.locator(f"{BOXES}:checked").count():
        desk.keyboard.press("a")
    return desk


def test_those_for_which_the_model_suggests_the_same_come_ticked(desk, server, alike):
    suggested = dict(
        server.query(
            "SELECT product_id, category_id FROM prediction JOIN live_round USING (round_id)"
        )
    )
    same = [other for other in alike[1:] if suggested[other] == suggested[alike[0]]]

    ticked = desk.locator(f"{BOXES}:checked").evaluate_all("all => all.map((one) => one.value)")

    assert sorted(map(int, ticked)) == same
    expect(desk.locator(f"{SHOWN} .along")).to_have_text(re.compile(str(len(same) or "^$")))


def test_one_key_ticks_all_in_sight_and_one_decides_them(unticked, server, alike):
    desk = unticked
    before = server.query(LABELLED)[0][0]
    expect(desk.locator(f"{SHOWN} legend")).to_have_text("10 look-alikes")

    desk.keyboard.press("a")

    expect(desk.locator(f"{BOXES}:checked")).to_have_count(10)
    expect(desk.locator(BOXES).last).to_be_visible()
    expect(desk.locator(f"{SHOWN} .along")).to_have_text(re.compile("10"))
    desk.keyboard.press("1")
    wait_until_sent(desk)

    assert server.query(LABELLED)[0][0] == before + 11
    remaining = {card.get_attribute("data-product") for card in desk.locator(".card").all()}
    assert remaining.isdisjoint(map(str, alike))

    desk.keyboard.press("u")

    expect(desk.locator(SHOWN)).to_have_attribute("data-product", str(alike[0]))
    assert server.query(LABELLED)[0][0] == before


def test_only_what_is_ticked_goes_along(unticked, server, alike):
    desk = unticked
    box = desk.locator(BOXES).nth(1)
    box.check()
    taken = box.get_attribute("value")

    desk.keyboard.press("1")
    wait_until_sent(desk)

    found = server.query("SELECT product_id FROM annotation WHERE asked_because = 'look_alike'")
    assert [str(row[0]) for row in found] == [taken]
    offered = {card.get_attribute("data-product") for card in desk.locator(".look-alike").all()}
    assert offered.isdisjoint({taken, str(alike[0])})
