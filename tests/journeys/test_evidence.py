"""What stands beside a suggestion: marked words, decided neighbours, the region of a photo."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import QUICK
from tests.journeys.desk import SHOWN, open_desk, press
from tests.journeys.server import copy_home, running

N_EXPLAINED = 10
LONGEST_MS = 120_000  # the worker loads a network first, on whatever machine this is


@pytest.fixture(scope="module")
def first_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo catalogue after the worker has explained what is asked first."""
    home = copy_home(demo_home, tmp_path_factory.mktemp("explained") / "home")
    end = time.monotonic() + LONGEST_MS / 1000
    with running(home, QUICK) as server:
        while server.query("SELECT count(*) FROM explanation")[0][0] < N_EXPLAINED:
            assert time.monotonic() < end, "the worker has explained nothing"
            time.sleep(0.2)
    return home


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


@pytest.mark.worker
def test_words_are_marked_and_r_draws_what_the_image_network_goes_by(
    page, server, sign_in_as, violations
):
    sign_in_as(page, "moderator")
    first_explained(page, server)
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


def test_the_desk_goes_on_while_a_region_is_looked_for(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    product_id = first_explained(page, server)

    page.keyboard.press("r")
    expect(page.locator(f"{SHOWN} .region-said")).not_to_be_empty()
    press(page, "Enter")

    assert page.locator(SHOWN).get_attribute("data-product") != str(product_id)
    assert page.locator(f"{SHOWN} .region-said").inner_text() == ""


def test_without_a_worker_the_card_says_so(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    page.clock.install()
    first_explained(page, server)
    page.route("**/region", lambda route: route.fulfill(json={"is_coming": True}, status=202))

    page.keyboard.press("r")
    said = page.locator(f"{SHOWN} .region-said")
    expect(said).to_contain_text("Looking")
    for _ in range(62):
        page.clock.run_for(1000)
        page.evaluate("() => fetch('/health')")  # what was asked before is answered by now

    expect(said).to_contain_text("No worker has answered within a minute")
