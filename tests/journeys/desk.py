"""What journeys do at the desk: see a product, press keys, wait until all is sent."""

from __future__ import annotations

from playwright.sync_api import Page, expect

SHOWN = "#cards .card:not([hidden])"
_NOTHING_UNSENT = """() => Object.keys(localStorage)
    .filter((key) => key.startsWith('shelfwise/outbox'))
    .every((key) => localStorage[key] === '[]')"""


def open_desk(page: Page, address: str = "/c/demo/review") -> None:
    """Go to the desk and wait until its keys work."""
    page.goto(address)
    page.wait_for_selector("#desk[data-ready]")


def shown(page: Page) -> str:
    """Return the id of the product that is shown, once it is."""
    card = page.locator(SHOWN)
    expect(card).to_have_count(1)
    return card.get_attribute("data-product") or ""


def press(page: Page, *keys: str) -> None:
    """Press keys and wait until another product is shown."""
    before = shown(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator(SHOWN)).not_to_have_attribute("data-product", before)


def first_choice(page: Page) -> str:
    """Return the key of the likeliest answer: a hidden suggestion leaves the digits."""
    return "Enter" if page.locator(f"{SHOWN} [data-key='Enter']").count() else "1"


def wait_until_sent(page: Page) -> None:
    """Wait until the server has acknowledged every decision."""
    page.wait_for_function(_NOTHING_UNSENT)


def untick_look_alikes(page: Page) -> None:
    """Let the next decision be on the product in sight alone."""
    page.evaluate(
        "() => document.querySelectorAll('[name=look_alike]').forEach((one) => {"
        " one.checked = false; })"
    )
