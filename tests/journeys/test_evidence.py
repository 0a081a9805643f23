"""What stands beside a suggestion: marked words, decided neighbours, the region of a photo."""

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import SHOWN, open_desk, press

LONGEST_MS = 120_000  # the worker loads a network first, on whatever machine this is


@pytest.fixture
def explained(server):
    """Wait until the worker has explained what is asked first, and return the server."""
    end = time.monotonic() + LONGEST_MS / 1000
    while time.monotonic() < end:
        ((n,),) = server.query("SELECT count(*) FROM explanation")
        if n >= 10:
            return server
        time.sleep(0.5)
    raise AssertionError("the worker has explained nothing")


def first_explained(page, server):
    """Open the desk at a product that the network of images has seen and that is explained."""
    ((product_id,),) = server.query(
        "SELECT e.product_id FROM explanation e JOIN queue_entry q USING (product_id) "
        "JOIN prediction p USING (round_id, product_id) "
        "WHERE q.is_waiting AND e.words != '[]' AND p.image IS NOT NULL AND p.image != 'null' "
        "ORDER BY q.priority DESC LIMIT 1"
    )
    open_desk(page, f"/c/demo/review?product={product_id}")
    expect(page.locator(SHOWN)).to_have_attribute("data-product", str(product_id))
    return product_id


def test_words_are_marked_and_r_draws_what_the_image_network_goes_by(
    page, explained, sign_in_as, violations
):
    sign_in_as(page, "moderator")
    first_explained(page, explained)
    card = page.locator(SHOWN)

    mark = card.locator("mark").first
    expect(mark).to_be_visible()
    assert mark.evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
    said = card.locator(".region-said")
    page.keyboard.press("r")
    expect(said).to_contain_text("image network goes by", timeout=LONGEST_MS)
    expect(said).not_to_contain_text("Looking", timeout=LONGEST_MS)
    if "No single part" not in said.inner_text():
        canvas = card.locator(".photo canvas")
        expect(canvas).to_be_visible()
        painted = canvas.evaluate(
            "e => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.some(v => v > 0)"
        )
        assert painted
        assert violations(page) == []
        page.keyboard.press("r")
        expect(canvas).to_have_count(0)


def test_the_desk_goes_on_while_a_region_is_looked_for(page, explained, sign_in_as):
    sign_in_as(page, "moderator")
    product_id = first_explained(page, explained)

    page.keyboard.press("r")
    expect(page.locator(f"{SHOWN} .region-said")).not_to_be_empty()
    press(page, "Enter")

    assert page.locator(SHOWN).get_attribute("data-product") != str(product_id)
    assert page.locator(f"{SHOWN} .region-said").inner_text() == ""


def test_without_a_worker_the_card_says_so(page, explained, sign_in_as):
    sign_in_as(page, "moderator")
    page.clock.install()
    first_explained(page, explained)
    page.route("**/region", lambda route: route.fulfill(json={"is_coming": True}, status=202))

    page.keyboard.press("r")
    said = page.locator(f"{SHOWN} .region-said")
    expect(said).to_contain_text("Looking")
    for _ in range(62):
        page.clock.run_for(1000)
        page.evaluate("() => fetch('/health')")  # what was asked before is answered by now

    expect(said).to_contain_text("No worker has answered within a minute")
